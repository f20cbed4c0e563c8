import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from stacks.platform_graph import stack_name
from tests.iot_dr.rotate.world import DEV, arn
from tests.support.applied_world import AppliedWorld, applied_world, new_test
from tests.support.aws_account import lead_to
from tests.support.aws_faults import Faults
from tests.support.rotation_world import Day, rotation_day
from tests.support.tls_names import Authority


@pytest.fixture(scope="session")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[AppliedWorld, Faults]]:
    """The environment dev, made once: that takes seconds."""
    with applied_world(DEV, tmp_path_factory.mktemp("stacks")) as made:
        yield made


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture(scope="session")
def authority(certificates: Path) -> Authority:
    return Authority(certificates)


@pytest.fixture
def day(
    applied: tuple[AppliedWorld, Faults],
    authority: Authority,
    certificates: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Day]:
    """A day on which all is well, without Terraform: each region serves `arn(REGION)`."""
    world, faults = applied
    new_test(world, faults)
    lead_to(faults.endpoint, monkeypatch)
    _write_states(tmp_path)
    with rotation_day(world, faults, authority, certificates, tmp_path) as made:
        yield made


def _write_states(folder: Path) -> None:
    sandbox = folder / ".sandbox"
    sandbox.mkdir()
    home, other = DEV.regions
    own = {"aws_iot_domain_configuration": [arn(home)] * 2}
    states = {
        stack_name("dev", "hosted-zone"): {"aws_acm_certificate": [arn(home)]},
        stack_name("dev", "iot", home): own,
        stack_name("dev", "iot", other): {
            "aws_acm_certificate": [arn(other)],
            "aws_iot_domain_configuration": [arn(other)] * 2,
        },
    }
    for stack, resources in states.items():
        document = {"resources": [_resource(type_, arns) for type_, arns in resources.items()]}
        (sandbox / f"{stack}.tfstate").write_text(json.dumps(document))


def _resource(type_: str, arns: list[str]) -> dict[str, object]:
    attributes = [{"arn": arn, "server_certificate_arns": [arn]} for arn in arns]
    return {"type": type_, "instances": [{"attributes": each} for each in attributes]}
