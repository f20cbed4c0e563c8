from typing import Any

import pytest

from iot_dr.rules.rule import Verdict
from iot_dr.rules.two_active_pipelines import RULE
from tests.iot_dr.rules.designs import Documents, judged, where
from tests.support.settings import REGIONS

PIPELINE = "aws_codepipeline.rollout"
OURS = ("iot-dev-pipeline-eu-west-1", "iot-dev-pipeline-eu-central-1")
TRIGGER: list[dict[str, Any]] = [
    {"provider_type": "CodeStarSourceConnection", "git_configuration": {}}
]


def pipeline(
    region: str, detects: object = "true", branch: str = "main", stage: str = "Apply", **more: Any
) -> dict[str, Any]:
    """Return a stack of one region with a pipeline."""
    configuration = {
        "FullRepositoryId": "example/iot-platform",
        "BranchName": branch,
        "DetectChanges": detects,
    }
    source = {"provider": "CodeStarSourceConnection", "configuration": configuration}
    stages: list[dict[str, Any]] = [
        {"name": "Source", "action": [source]},
        {"name": stage, "action": []},
    ]
    return {
        "provider": {"aws": {"region": region}},
        "resource": {"aws_codepipeline": {"rollout": {"stage": stages, **more}}},
    }


def ours(west: dict[str, Any], central: dict[str, Any]) -> Documents:
    return dict(zip(OURS, (west, central), strict=True))


def test_two_of_ours_that_both_detect_changes_are_refused() -> None:
    documents = ours(pipeline("eu-west-1"), pipeline("eu-central-1"))
    (finding,) = judged(RULE, documents)
    assert where([finding]) == {f"{OURS[1]}/{PIPELINE}"}
    assert finding.verdict is Verdict.BLOCK
    assert "it detects changes, and aws_codepipeline.rollout of iot-dev-pipeline-eu-west-1" in (
        finding.message
    )
    assert "Name one region as `active`" in finding.message


def test_a_copy_with_a_trigger_alone_is_refused_too() -> None:
    copy = pipeline("eu-central-1", "false", trigger=TRIGGER)
    (finding,) = judged(RULE, ours(pipeline("eu-west-1"), copy))
    assert "it has a trigger" in finding.message


@pytest.mark.parametrize("detects", ["false", "False", False])
def test_a_copy_that_waits_for_a_person_passes(detects: object) -> None:
    active = pipeline("eu-west-1", trigger=TRIGGER)
    assert judged(RULE, ours(active, pipeline("eu-central-1", detects))) == []


@pytest.mark.parametrize("detects", [None, True, "TRUE"])
def test_changes_are_detected_unless_it_is_turned_off(detects: object) -> None:
    assert len(judged(RULE, ours(pipeline("eu-west-1"), pipeline("eu-central-1", detects)))) == 1


@pytest.mark.parametrize("detects", ["${var.active}", ["true"], {}])
def test_what_is_not_known_to_start_a_pipeline_passes(detects: object) -> None:
    assert judged(RULE, ours(pipeline("eu-west-1"), pipeline("eu-central-1", detects))) == []


def test_a_source_of_which_nothing_is_known_passes() -> None:
    copy = pipeline("eu-central-1")
    stages = copy["resource"]["aws_codepipeline"]["rollout"]["stage"]
    del stages[0]["action"][0]["configuration"]
    assert judged(RULE, ours(pipeline("eu-west-1"), copy)) == []


def test_what_turns_it_off_is_followed_to_its_default() -> None:
    copy = pipeline("eu-central-1", "${var.detects}")
    copy["variable"] = {"detects": {"default": "false"}}
    assert judged(RULE, ours(pipeline("eu-west-1"), copy)) == []
    copy["variable"] = {"detects": {"default": "true"}}
    assert len(judged(RULE, ours(pipeline("eu-west-1"), copy))) == 1


def test_each_copy_but_the_first_is_reported() -> None:
    documents = {f"iot-dev-pipeline-{region}": pipeline(region) for region in REGIONS[:3]}
    assert len(judged(RULE, documents)) == 2


def test_pipelines_of_two_environments_are_not_copies() -> None:
    documents = {
        "iot-dev-pipeline-eu-west-1": pipeline("eu-west-1"),
        "iot-staging-pipeline-eu-central-1": pipeline("eu-central-1"),
    }
    assert judged(RULE, documents) == []


def test_somebody_elses_copies_give_a_warning() -> None:
    documents = {"west": pipeline("eu-west-1"), "central": pipeline("eu-central-1")}
    (finding,) = judged(RULE, documents)
    assert finding.verdict is Verdict.WARN
    assert 'set its DetectChanges to "false"' in finding.message


@pytest.mark.parametrize(
    "second",
    [
        pipeline("eu-west-1"),
        pipeline("eu-central-1", branch="release"),
        pipeline("eu-central-1", branch="${var.branch}"),
        pipeline("eu-central-1", stage="Website"),
    ],
)
def test_somebody_elses_pipelines_that_are_not_copies_pass(second: dict[str, Any]) -> None:
    assert judged(RULE, {"west": pipeline("eu-west-1"), "other": second}) == []


def test_a_pipeline_with_another_source_passes() -> None:
    copy = pipeline("eu-central-1")
    copy["resource"]["aws_codepipeline"]["rollout"]["stage"][0]["action"][0]["provider"] = "S3"
    assert judged(RULE, ours(pipeline("eu-west-1"), copy)) == []


@pytest.mark.parametrize(("action", "findings"), [("no-op", 1), ("delete", 0)])
def test_a_copy_that_a_plan_destroys_passes(action: str, findings: int) -> None:
    values = pipeline("eu-central-1")["resource"]["aws_codepipeline"]["rollout"]
    after = None if action == "delete" else values
    planned: dict[str, Any] = {
        "format_version": "1.2",
        "planned_values": {},
        "configuration": {"root_module": {}},
        "resource_changes": [
            {
                "address": PIPELINE,
                "mode": "managed",
                "type": "aws_codepipeline",
                "name": "rollout",
                "change": {"actions": [action], "before": values, "after": after},
            }
        ],
    }
    assert len(judged(RULE, ours(pipeline("eu-west-1"), planned))) == findings
