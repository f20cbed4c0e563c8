from typing import Any

import pytest

from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.values import UNKNOWN
from tests.iot_dr.terraform.standin.services.kind import Kind

ENVIRONMENT = {
    "type": "LINUX_CONTAINER",
    "image": "aws/codebuild/standard:7.0",
    "compute_type": "BUILD_GENERAL1_MEDIUM",
    "environment_variable": [{"name": "STAGE", "value": "dev"}],
}
CODE: list[dict[str, Any]] = [{"type": "CODEPIPELINE"}]


@pytest.fixture
def project(cache: SchemaCache) -> Kind:
    return Kind(
        cache,
        "aws_codebuild_project",
        name="synth",
        service_role="arn:aws:iam::111111111111:role/synth",
        source=CODE,
        artifacts=CODE,
        environment=[ENVIRONMENT],
        logs_config=[{"cloudwatch_logs": [{"group_name": "synth"}]}],
    )


def test_a_project_is_known_by_its_arn(project: Kind) -> None:
    made = project.apply()
    assert made["arn"] == "arn:aws:codebuild:eu-west-1:111111111111:project/synth"
    assert (made["id"], made["badge_url"]) == (made["arn"], "")


def test_a_project_takes_the_defaults_that_a_plan_shows(project: Kind) -> None:
    planned = project.plan()
    assert (planned["build_timeout"], planned["queued_timeout"]) == (60, 480)
    assert (planned["project_visibility"], planned["badge_enabled"]) == ("PRIVATE", False)
    assert planned["artifacts"][0]["encryption_disabled"] is False
    (environment,) = planned["environment"]
    assert environment["image_pull_credentials_type"] == "CODEBUILD"
    assert environment["environment_variable"][0]["type"] == "PLAINTEXT"
    assert planned["logs_config"][0]["cloudwatch_logs"][0]["status"] == "ENABLED"
    assert planned["encryption_key"] == UNKNOWN


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "-a"}, "2 to 255"),
        ({"service_role": "synth"}, "be an ARN"),
        ({"build_timeout": 4}, "between 5 and 2160"),
        ({"queued_timeout": 481}, "between 5 and 480"),
        ({"concurrent_build_limit": 0}, "be 1 or more"),
        ({"source": [{"type": "SVN"}]}, "CODEPIPELINE"),
        ({"environment": [{**ENVIRONMENT, "compute_type": "LARGE"}]}, "BUILD_GENERAL1_LARGE"),
        ({"logs_config": [{"s3_logs": [{"location": "arn:aws:s3:::b"}]}]}, "BUCKET/PATH"),
    ],
)
def test_a_wrong_project_is_refused(project: Kind, changes: dict[str, Any], message: str) -> None:
    assert project.refused() == ""
    assert message in project.refused(**changes)


def test_what_a_change_replaces(project: Kind) -> None:
    assert project.replaced_by(build_timeout=30, description="new") == []
    assert project.replaced_by(name="other") == ["name"]
