"""Where the outputs of the global stacks are read when home's bucket is out of reach."""

from copy import deepcopy
from typing import Any

import pytest

from tests.support.settings import REGIONS, settings
from tests.support.synthesis import Synthesis
from tests.support.template import Template

THREE = list(REGIONS[:3])
COPY = {"bucket": "example-iot-dev-eu-central-1", "region": "eu-central-1"}
ZONE = "iot_dev_hosted_zone"


def without_zone(stack: Template) -> dict[str, Any]:
    """Return a stack's document without the place where it reads the outputs of the zone."""
    document = deepcopy(stack.document)
    del document["data"]["terraform_remote_state"][ZONE]["config"]
    return document


def test_readers_of_the_zone_read_its_copy_and_nothing_else_changes(synthesis: Synthesis) -> None:
    before = synthesis(settings(regions=THREE))
    after = synthesis(settings(regions=THREE, handover_region="eu-central-1"))
    readers = {name for name in before if ZONE in before[name].data("terraform_remote_state")}
    assert readers == {"iot-dev-entry-point", *(f"iot-dev-iot-{region}" for region in THREE)}
    for name, stack in before.items():
        if name not in readers:
            assert after[name].document == stack.document
            continue
        assert without_zone(after[name]) == without_zone(stack)
        original = stack.data("terraform_remote_state")[ZONE]["config"]
        copied = after[name].data("terraform_remote_state")[ZONE]["config"]
        assert copied == {**original, **COPY}


@pytest.mark.parametrize("region", [None, "eu-west-1"])
def test_no_region_and_home_itself_change_nothing(region: str | None, synthesis: Synthesis) -> None:
    before = synthesis(settings(regions=THREE))
    after = synthesis(settings(regions=THREE, handover_region=region))
    assert {name: stack.document for name, stack in after.items()} == {
        name: stack.document for name, stack in before.items()
    }


def test_the_copy_is_read_in_the_deploy_role_too(synthesis: Synthesis) -> None:
    role = "arn:aws:iam::111111111111:role/deploy"
    chosen = settings(handover_region="eu-central-1", deploy_role_arn=role)
    stack = synthesis(chosen)["iot-dev-iot-eu-central-1"]
    config = stack.data("terraform_remote_state")[ZONE]["config"]
    assert config["assume_role"] == {"role_arn": role}
