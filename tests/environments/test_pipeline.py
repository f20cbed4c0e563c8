"""The pipeline's block: what it accepts, and all that it refuses at once."""

from typing import Any

import pytest
from pydantic import ValidationError

from environments.settings import Settings
from tests.support.pipeline import PIPELINE, connection
from tests.support.settings import settings


def told(**changes: object) -> dict[str, str]:
    """Give what is refused, by its place below `pipeline`."""
    with pytest.raises(ValidationError) as refusal:
        settings(pipeline={**PIPELINE, **changes})
    return {".".join(map(str, each["loc"][1:])): each["msg"] for each in refusal.value.errors()}


def pipeline(**changes: object) -> Any:
    return settings(pipeline={**PIPELINE, **changes}).pipeline


def test_an_environment_has_no_pipeline_unless_it_says_so() -> None:
    assert settings().pipeline is None


def test_the_region_that_is_not_active_holds_the_standing_copy() -> None:
    assert pipeline().standing == "eu-central-1"
    assert pipeline(active="eu-central-1").standing == "eu-west-1"


def test_it_survives_being_written_and_read() -> None:
    chosen = settings(pipeline=PIPELINE)
    assert Settings.model_validate(chosen.model_dump()) == chosen


@pytest.mark.parametrize("name", ["a/b", "example/iot-platform", "A-1/x_y.z", "o/..."])
def test_a_repository_is_an_owner_and_a_name(name: str) -> None:
    assert pipeline(repository=name).repository == name


@pytest.mark.parametrize(
    "name", ["", "iot-platform", "a/b/c", "-a/b", "a/", "/b", "a/..", "a b/c", "a/b\n", "a/b?x"]
)
def test_any_other_repository_is_refused(name: str) -> None:
    assert "owner/name" in told(repository=name)["repository"]


@pytest.mark.parametrize(
    "name", ["", "-x", "/x", "a..b", "a//b", "a.lock", "a/", "a b", "a\n", "~"]
)
def test_a_name_that_is_no_branch_is_refused(name: str) -> None:
    assert "name of a branch" in told(branch=name)["branch"]


@pytest.mark.parametrize("name", ["main", "release/2026", "a.b-c_d"])
def test_a_branch_may_have_folders(name: str) -> None:
    assert pipeline(branch=name).branch == name


@pytest.mark.parametrize("regions", [["eu-west-1"], ["eu-west-1", "eu-central-1", "eu-north-1"]])
def test_two_regions_hold_a_pipeline(regions: list[str]) -> None:
    refused = told(connections={region: connection(region) for region in regions})
    assert "so that one can be lost" in refused["connections"]


def test_all_that_is_wrong_with_connections_is_told_at_once() -> None:
    connections = {
        "eu-west-1": connection("eu-central-1", "222222222222"),
        "us-east-2": connection("us-east-2"),
    }
    with pytest.raises(ValidationError) as refusal:
        settings(pipeline={**PIPELINE, "connections": connections, "active": "eu-central-1"})
    assert [each["msg"] for each in refusal.value.errors()] == [
        "is a connection of eu-central-1; allowed: one of eu-west-1",
        "is a connection of account 222222222222; allowed: one of 111111111111",
        "is not among the regions; allowed: two of eu-west-1, eu-central-1",
        "has no connection; allowed: eu-west-1 or us-east-2",
    ]


@pytest.mark.parametrize(
    "arn", ["", "arn:aws:iam::111111111111:role/x", connection("eu-west-1") + "0", "x\n"]
)
def test_what_is_no_connection_is_refused(arn: str) -> None:
    connections = {**PIPELINE["connections"], "eu-west-1": arn}
    assert "ARN of a connection" in told(connections=connections)["connections.eu-west-1"]


def test_a_role_for_everything_is_refused_beside_a_pipeline_s_own() -> None:
    role = "arn:aws:iam::111111111111:role/deploy"
    with pytest.raises(ValidationError, match="has roles of its own"):
        settings(pipeline=PIPELINE, deploy_role_arn=role)


@pytest.mark.parametrize("minutes", [0, 61])
def test_it_watches_alarms_for_a_minute_to_an_hour(minutes: int) -> None:
    assert "1 to 60 minutes" in told(bake=minutes)["bake"]
