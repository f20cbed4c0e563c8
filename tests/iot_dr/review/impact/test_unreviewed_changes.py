import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from iot_dr.review.impact.review import DeviceChange, Review
from iot_dr.review.impact.unreviewed_changes import (
    EarlierReview,
    EarlierReviewError,
    block_unreviewed,
    read_earlier_review,
    unreviewed_changes,
)
from iot_dr.review.read.attribute_diff import AttributeDiff, ShownValue, ValueKind
from iot_dr.review.read.stack_review import ResourceChange
from iot_dr.review.render import json_document
from iot_dr.rules.rule import Verdict
from iot_dr.terraform_json.change import Action
from tests.iot_dr.review.render import reviews

STACK = "iot-dev-hosted-zone"
NOTHING = EarlierReview(format=1, environment=None, stacks=())
FORCED = AttributeDiff(
    path="name",
    before=ShownValue(ValueKind.VALUE, '"a"'),
    after=ShownValue(ValueKind.VALUE, '"b"'),
    forces=True,
)
COMMENT = replace(FORCED, path="comment", forces=False)


def change(
    action: Action | None, address: str = "aws_route53_zone.zone", deposed: str = ""
) -> ResourceChange:
    type_, _, name = address.partition(".")
    return ResourceChange(
        stack=STACK,
        region="eu-west-1",
        address=address,
        type=type_,
        name=name,
        action=action,
        deposed=deposed,
        read_diffs=lambda: (FORCED, COMMENT),
    )


def review(*changes: ResourceChange, environment: str | None = "dev", stack: str = STACK) -> Review:
    result = reviews.review(reviews.stack(stack, changes))
    return replace(result, environment=environment, verdict=Verdict.OK)


def shown(tmp_path: Path, earlier: Review) -> EarlierReview:
    file = tmp_path / "review.json"
    file.write_text(json_document.render(earlier), encoding="utf-8")
    return read_earlier_review(file)


@pytest.mark.parametrize("action", [Action.DESTROY, Action.REPLACE])
def test_an_unreviewed_loss_blocks(action: Action) -> None:
    result = review(change(Action.UPDATE, "aws_iot_policy.device"), change(action))
    assert unreviewed_changes(result, NOTHING) == (change(action),)
    blocked = block_unreviewed(result, NOTHING)
    done = {Action.DESTROY: "destroyed", Action.REPLACE: "replaced"}[action]
    assert blocked.verdict is Verdict.BLOCK
    assert blocked.reason == (
        f"the pull request did not show that aws_route53_zone.zone in {STACK} is {done}"
    )
    assert [(each.verdict, each.change, each.attributes) for each in blocked.device_changes] == [
        (Verdict.BLOCK, change(action), (FORCED,))
    ]


def test_a_reviewed_loss_does_not_block(tmp_path: Path) -> None:
    result = review(change(Action.REPLACE), change(Action.DESTROY, "aws_kms_key.alarms"))
    assert unreviewed_changes(result, shown(tmp_path, result)) == ()
    assert block_unreviewed(result, shown(tmp_path, result)) == result


@pytest.mark.parametrize("action", [Action.CREATE, Action.UPDATE, Action.FORGET, None])
def test_an_unreviewed_harmless_change_does_not_block(action: Action | None) -> None:
    result = review(change(action))
    assert block_unreviewed(result, NOTHING) == result


@pytest.mark.parametrize(
    "earlier",
    [
        review(change(Action.UPDATE)),
        review(change(Action.REPLACE)),
        review(change(Action.DESTROY, "aws_route53_zone.other")),
        review(change(Action.DESTROY, deposed="0a1b2c3d")),
        review(change(Action.DESTROY), stack="iot-dev-iot-eu-west-1"),
    ],
    ids=["an update", "a replacement", "another resource", "a left-over object", "another stack"],
)
def test_only_the_same_action_on_the_same_resource_counts_as_reviewed(
    tmp_path: Path, earlier: Review
) -> None:
    result = review(change(Action.DESTROY))
    assert unreviewed_changes(result, shown(tmp_path, earlier)) == (change(Action.DESTROY),)


def test_a_known_device_change_is_reported_once_and_first() -> None:
    key, zone = change(Action.REPLACE, "aws_kms_key.alarms"), change(Action.REPLACE)
    known = DeviceChange(
        verdict=Verdict.WARN,
        subject="the zone",
        why="all names are gone until then",
        change=zone,
        attributes=(FORCED, COMMENT),
    )
    kept = replace(known, subject="a record", change=change(Action.UPDATE, "aws_route53_record.a"))
    result = replace(review(zone, key), device_changes=(kept, known))
    blocked = block_unreviewed(result, NOTHING)
    assert [each.change for each in blocked.device_changes] == [zone, key, kept.change]
    assert blocked.device_changes[0] == replace(
        known,
        verdict=Verdict.BLOCK,
        why="the pull request did not show that it is replaced; all names are gone until then",
    )
    assert blocked.reason.endswith("is replaced, and 1 more")


def test_an_empty_file_is_an_empty_review(tmp_path: Path) -> None:
    (tmp_path / "empty.json").touch()
    assert (
        read_earlier_review(tmp_path / "empty.json")
        == read_earlier_review(Path("/dev/null"))
        == NOTHING
    )


@pytest.mark.parametrize("name", ["prod", "stag\x1bing"])
def test_a_review_of_another_environment_is_rejected(tmp_path: Path, name: str) -> None:
    earlier = shown(tmp_path, review(environment=name))
    with pytest.raises(
        EarlierReviewError, match=r"the earlier review is of .*, this one is of dev"
    ) as blocked:
        block_unreviewed(review(), earlier)
    assert "\x1b" not in str(blocked.value)


@pytest.mark.parametrize(
    "content",
    ["{", "[]", '{"format": 2}', '{"stacks": {}}', '{"stacks": [{}]}', "[" * 100_000, "\udcff"],
)
def test_a_file_that_is_not_a_review_is_rejected_with_its_name(
    tmp_path: Path, content: str
) -> None:
    file = tmp_path / "review.json"
    file.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(EarlierReviewError, match=r"review\.json: not a review in JSON"):
        read_earlier_review(file)


def test_a_missing_review_is_rejected_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(EarlierReviewError, match=r"gone\.json: cannot be read"):
        read_earlier_review(tmp_path / "gone.json")


@pytest.mark.usefixtures("bounded")
def test_a_pipe_is_rejected_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(EarlierReviewError, match="pipe: cannot be read: it is not a regular file"):
        read_earlier_review(tmp_path / "pipe")


def test_keys_of_later_versions_are_ignored(tmp_path: Path) -> None:
    file = tmp_path / "review.json"
    result = review(change(Action.DESTROY))
    document = json.loads(json_document.render(result))
    document["later"] = document["stacks"][0]["later"] = {"a": 1}
    file.write_text(json.dumps(document), encoding="utf-8")
    assert unreviewed_changes(result, read_earlier_review(file)) == ()
