import json
import os
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_dr.common.output_folder import MANIFEST
from iot_dr.common.regular_file import KeptFile
from iot_dr.common.user_error import UsageError
from iot_dr.delivery.apply.plan_folder import ChangedPlanError, manifest_in
from iot_dr.delivery.pipeline.variables import (
    UnplannedError,
    WaveVariables,
    digest_of_plans_and_review,
    refuse_other_plans,
)
from iot_dr.terraform_json.plan_manifest import PlanManifest, PlannedStack

SAFE = set(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .,:;()/_+=@%*-"
)  # fmt: skip
CHANGE = {"address": "aws_iot_policy.device", "action": "update"}
OUTPUT = {"name": "regional_name", "action": "create"}


def stack(**changes: object) -> dict[str, Any]:
    return {"name": "one", "status": "planned", "changes": [], "outputs": [], **changes}


def review(*stacks: dict[str, Any], **changes: object) -> dict[str, Any]:
    made = {"format": 1, "verdict": "ok", "reason": "nothing changes", "stacks": list(stacks)}
    return {**made, **changes}


def read(folder: Path, made: object, *left: str, ahead: str | None = None) -> WaveVariables:
    file = folder / "review.json"
    file.write_text(json.dumps(made), encoding="utf-8")
    return WaveVariables.read(file, plans(folder, *left, ahead=ahead))


def plans(folder: Path, *left: str, ahead: str | None = None) -> Path:
    """Keep the manifest of plans, some of whose stacks were left partially applied before."""
    stacks = tuple(
        PlannedStack(
            name=name, what="iot", region="eu-west-1", role="primary", wave=4, status="planned",
            was_left=name in left, ahead=ahead,
        )
        for name in ("one", "two")
    )  # fmt: skip
    made = PlanManifest(
        format=1, environment="dev", provider="standin", wave=4, base=None, stacks=stacks
    )
    (folder / MANIFEST).write_bytes(made.encoded())
    return folder


@pytest.mark.parametrize(
    ("stacks", "has_changes"),
    [
        ([], False),
        ([stack()], False),
        ([stack(drift=[CHANGE])], False),
        ([stack(changes=[CHANGE])], True),
        ([stack(outputs=[OUTPUT])], True),
        ([stack(), stack(name="two", changes=[CHANGE])], True),
    ],
    ids=["no stack", "no change", "drift alone", "a resource", "an output", "the second stack"],
)
def test_resources_and_outputs_that_change_are_changes(
    tmp_path: Path, stacks: list[dict[str, Any]], has_changes: bool
) -> None:
    assert read(tmp_path, review(*stacks)).has_changes is has_changes


@pytest.mark.parametrize("status", ["failed", "waiting", "incomplete"])
def test_a_stack_without_a_whole_plan_never_passes_for_one_without_changes(
    tmp_path: Path, status: str
) -> None:
    made = review(stack(changes=[CHANGE]), stack(name="two", status=status))
    with pytest.raises(UnplannedError, match=f"two is {status}: there is no whole plan") as error:
        read(tmp_path, made)
    assert error.value.status == 1


def test_a_stack_that_was_left_partially_applied_is_approved_and_applied_even_if_nothing_changes(
    tmp_path: Path,
) -> None:
    made = read(tmp_path, review(stack(), stack(name="two")), "two")
    assert made.has_changes
    assert made.reason == (
        "two: partially applied before, completed by this apply; nothing changes"
    )


@pytest.mark.parametrize("ahead", [None, "iot-dev-iot-eu-west-1"])
def test_a_wave_that_is_skipped_has_nothing_to_approve_or_apply(
    tmp_path: Path, ahead: str | None
) -> None:
    made = read(tmp_path, review(stack(changes=[CHANGE])), ahead=ahead)
    assert made.has_changes is (ahead is None)
    assert f"PASSED_BY={str(ahead is not None).lower()}" in made.lines()
    # Where nothing changes, nothing is skipped.
    assert "PASSED_BY=false" in read(tmp_path, review(stack()), ahead=ahead).lines()


def test_other_plans_or_another_review_have_another_digest(tmp_path: Path) -> None:
    one, two = review(stack()), review(stack(changes=[CHANGE]))
    first = read(tmp_path, one).plans_sha256
    assert read(tmp_path, one).plans_sha256 == first
    others = {read(tmp_path, two).plans_sha256, read(tmp_path, one, "two").plans_sha256}
    assert len({first, *others}) == 3


def test_a_shell_reads_what_was_written_and_runs_nothing_of_it(tmp_path: Path) -> None:
    reason = 'it\'s `touch here`; $(touch here) "#{Wave1.X}" $HOME\nFOO=1 \u2192 \x1b[2J end'
    made = read(tmp_path, review(stack(changes=[CHANGE]), verdict="warn", reason=reason))
    (tmp_path / "variables.sh").write_text("\n".join(made.lines()), encoding="utf-8")
    names = "$HAS_CHANGES|$VERDICT|$REASON|$FOO"
    done = subprocess.run(
        ["bash", "-c", f'set -a && . ./variables.sh && set +a && echo "{names}"'],  # noqa: S607 - the user's
        cwd=tmp_path, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == ("true|warn|it s touch here ; (touch here) Wave1.X HOME FOO=1 2J end|\n")
    assert not (tmp_path / "here").exists()


@given(st.text(max_size=500), st.sampled_from(["ok", "warn", "block"]))
def test_any_reason_becomes_one_short_line_of_safe_characters(
    tmp_path_factory: pytest.TempPathFactory, reason: str, verdict: str
) -> None:
    folder = tmp_path_factory.getbasetemp()
    lines = list(read(folder, review(verdict=verdict, reason=reason)).lines())
    parsed = dict(pair.split("=", 1) for line in lines for pair in shlex.split(line))
    assert parsed == {
        "HAS_CHANGES": "false", "PASSED_BY": "false", "VERDICT": verdict,
        "REASON": parsed["REASON"], "PLANS_SHA256": parsed["PLANS_SHA256"],
    }  # fmt: skip
    assert set(parsed["REASON"]) <= SAFE
    assert len(parsed["REASON"]) <= 300


def test_a_long_reason_is_cut_and_a_short_one_stands(tmp_path: Path) -> None:
    assert read(tmp_path, review(reason="x" * 300)).reason == "x" * 300
    assert read(tmp_path, review(reason="x" * 301)).reason == f"{'x' * 297}..."


@pytest.mark.parametrize(
    "content",
    [
        "", "{}", "no json", "[]", "[" * 100_000, "\xff",
        json.dumps(review(format=2)),
        json.dumps(review(verdict="fine")),
        json.dumps(review({"name": "one"})),
    ],
    ids=["empty", "{}", "text", "a list", "deep", "latin", "format", "verdict", "stack"],
)  # fmt: skip
def test_other_content_than_a_review_is_reported(tmp_path: Path, content: str) -> None:
    file = tmp_path / "review.json"
    file.write_text(content, encoding="latin-1")
    with pytest.raises(UsageError, match=r"review\.json: must be a review in JSON"):
        WaveVariables.read(file, plans(tmp_path))


def test_a_file_that_is_not_there_is_reported(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"review\.json: cannot be read: No such file"):
        WaveVariables.read(tmp_path / "review.json", plans(tmp_path))


def test_without_plans_there_is_nothing_to_hand_on(tmp_path: Path) -> None:
    file = tmp_path / "review.json"
    file.write_text(json.dumps(review()), encoding="utf-8")
    with pytest.raises(UsageError, match=r"no manifest\.json here"):
        WaveVariables.read(file, tmp_path)


def folder(place: Path, manifest: str = "one", review: str = "two") -> tuple[KeptFile, KeptFile]:
    place.mkdir()
    (place / MANIFEST).write_text(manifest, encoding="utf-8")
    file = place / "review.json"
    file.write_text(review, encoding="utf-8")
    return manifest_in(place), KeptFile.read(file)


def test_the_same_plans_and_review_have_the_same_digest_wherever_they_lie(tmp_path: Path) -> None:
    approved = digest_of_plans_and_review(*folder(tmp_path / "a"))
    assert len(approved) == 64
    refuse_other_plans(*folder(tmp_path / "b"), approved)


@pytest.mark.parametrize(
    ("manifest", "review"), [("one ", "two"), ("one", "two "), ("two", "one"), ("onet", "wo")]
)
def test_any_others_are_refused_with_both_digests(
    tmp_path: Path, manifest: str, review: str
) -> None:
    approved = digest_of_plans_and_review(*folder(tmp_path / "a"))
    other = folder(tmp_path / "b", manifest, review)
    with pytest.raises(ChangedPlanError, match="are not what was planned and approved") as error:
        refuse_other_plans(*other, approved)
    assert {approved, digest_of_plans_and_review(*other)} <= set(
        str(error.value).replace(",", "").split()
    )
    assert error.value.status == 1


def test_no_digest_is_that_of_no_plans(tmp_path: Path) -> None:
    with pytest.raises(ChangedPlanError, match="an empty one was expected"):
        refuse_other_plans(*folder(tmp_path / "a"), "")
