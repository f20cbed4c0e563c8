"""The block `pipeline`: accepted values, and refusals that are reported at once."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from environments.settings import Settings
from tests.environments.files import VALID
from tests.environments.files import mistakes as of_file
from tests.support.pipeline import PIPELINE, connection
from tests.support.settings import settings

ROLE = VALID.replace("_arn: null", "_arn: arn:aws:iam::111111111111:role/deploy")


def messages(**changes: object) -> dict[str, str]:
    """Return what is refused, by its place below `pipeline`."""
    with pytest.raises(ValidationError) as refusal:
        settings(pipeline={**PIPELINE, **changes})
    return {".".join(map(str, each["loc"][1:])): each["msg"] for each in refusal.value.errors()}


def pipeline(**changes: object) -> Any:
    return settings(pipeline={**PIPELINE, **changes}).pipeline


def test_pipeline_is_null_by_default() -> None:
    assert settings().pipeline is None


def test_it_survives_being_written_and_read() -> None:
    chosen = settings(pipeline=PIPELINE)
    assert Settings.model_validate(chosen.model_dump()) == chosen


@pytest.mark.parametrize("name", ["a/b", "example/iot-platform", "A-1/x_y.z", "o/..."])
def test_a_repository_is_an_owner_and_a_name(name: str) -> None:
    assert pipeline(repository=name).repository == name


@pytest.mark.parametrize(
    "name",
    ["", "iot-platform", "a/b/c", "-a/b", "a/", "/b", "a/..", "a b/c", "a/b\n", "a/b?x", "a/b.git"],
)
def test_any_other_repository_is_refused(name: str) -> None:
    assert "owner/name" in messages(repository=name)["repository"]


@pytest.mark.parametrize(
    "name",
    ["", "-x", "/x", "a..b", "a//b", "a.lock", "a/", "a b", "a\n", "~", "HEAD", "refs/heads/main"],
)
def test_an_invalid_branch_name_is_refused(name: str) -> None:
    assert "name of a branch" in messages(branch=name)["branch"]


@pytest.mark.parametrize("name", ["main", "release/2026", "a.b-c_d", "HEADS", "refs"])
def test_a_branch_may_have_folders(name: str) -> None:
    assert pipeline(branch=name).branch == name


@pytest.mark.parametrize("regions", [["eu-west-1"], ["eu-west-1", "eu-central-1", "eu-north-1"]])
def test_exactly_two_regions_have_a_pipeline(regions: list[str]) -> None:
    refused = messages(connections={region: connection(region) for region in regions})
    assert "so that one can be lost" in refused["connections"]


@pytest.mark.parametrize(
    ("given", "there", "wanted"),
    [
        (["eu-west-1"], "1 region", "one of eu-central-1"),
        ([], "0 regions", "two of eu-west-1, eu-central-1"),
    ],
)
def test_a_missing_connection_is_reported_with_possible_regions(
    given: list[str], there: str, wanted: str
) -> None:
    refused = messages(connections={each: connection(each) for each in given})
    said = f"has {there}; expected 2, so that one can be lost: add {wanted}"
    assert refused["connections"] == said


def test_a_malformed_field_hides_nothing_else() -> None:
    connections = {"eu-west-1": "arn", "us-east-2": connection("us-east-2", "222222222222")}
    block = {**PIPELINE, "branch": None, "bake_minutes": 0, "active_region": "eu-central-1"}
    text = VALID.replace("regions: [eu-west-1, eu-central-1]", "regions: [us-east-2]")
    found_mistakes = of_file(
        f"{text}pipeline: {json.dumps({**block, 'connections': connections})}\n"
    )
    assert {(each.key, each.message.partition(";")[0]) for each in found_mistakes} == {
        ("regions", "is a list of 1"),
        ("pipeline.branch", "is not a string"),
        ("pipeline.bake_minutes", "is out of range"),
        ("pipeline.active_region", "has no connection"),
        ("pipeline.connections.eu-west-1", "is not allowed"),
        ("pipeline.connections.eu-west-1", "is not among the regions"),
        ("pipeline.connections.us-east-2", "is a connection of account 222222222222"),
    }


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"connections": ["eu-west-1"]}, "is not a mapping; expected a line REGION: ARN"),
        (
            {"branch": None},
            "null is not a string; expected the branch whose commits are rolled out",
        ),
    ],
)
def test_a_value_of_another_type_is_reported_with_the_expected_one(
    changes: dict[str, Any], said: str
) -> None:
    (mistake,) = of_file(f"{VALID}pipeline: {json.dumps({**PIPELINE, **changes})}\n")
    assert said in str(mistake)


def test_all_mistakes_in_connections_are_reported_at_once() -> None:
    connections = {
        "eu-west-1": connection("eu-central-1", "222222222222"),
        "us-east-2": connection("us-east-2"),
    }
    with pytest.raises(ValidationError) as refusal:
        settings(pipeline={**PIPELINE, "connections": connections, "active_region": "eu-central-1"})
    assert [each["msg"] for each in refusal.value.errors()] == [
        "is a connection of eu-central-1; expected one of eu-west-1",
        "is a connection of account 222222222222; expected one of 111111111111",
        "is not among the regions; expected two of eu-west-1, eu-central-1",
        "has no connection; expected eu-west-1 or us-east-2",
    ]


@pytest.mark.parametrize(
    "arn", ["", "arn:aws:iam::111111111111:role/x", connection("eu-west-1") + "0", "x\n"]
)
def test_an_invalid_connection_arn_is_refused(arn: str) -> None:
    connections = {**PIPELINE["connections"], "eu-west-1": arn}
    assert "ARN of a connection" in messages(connections=connections)["connections.eu-west-1"]


def test_a_deploy_role_is_refused_with_a_pipeline() -> None:
    role = "arn:aws:iam::111111111111:role/deploy"
    (mistake,) = of_file(f"{ROLE}pipeline: {json.dumps(PIPELINE)}\n")
    assert str(mistake) == (
        "environments/dev.yaml:5: deploy_role_arn: cannot be used with a pipeline;"
        " expected null, or no pipeline"
    )
    assert settings(deploy_role_arn=role).pipeline is None


@pytest.mark.parametrize("minutes", [4, 61])
def test_it_watches_alarms_for_five_minutes_to_an_hour(minutes: int) -> None:
    assert "5 to 60 minutes" in messages(bake_minutes=minutes)["bake_minutes"]
