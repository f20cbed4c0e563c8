"""The buildspecs, run as CodeBuild runs them, with the stand-in in the place of AWS."""

import hashlib
import tarfile
from pathlib import Path

import pytest

from environments.project import ROOT_VARIABLE
from stacks.rollout import Wave
from tests.stacks.builds.codebuild import Build
from tests.stacks.builds.execution import Execution

CHANGE = ("tags: {}", "tags: { Team: operations }")
GOOD = {"install": 0, "pre_build": 0, "build": 0}
REFUSED = {"install": 0, "pre_build": 3}


@pytest.fixture
def execution(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Execution:
    made = Execution(tmp_path)
    monkeypatch.chdir(made.project.folder)
    monkeypatch.delenv(ROOT_VARIABLE)
    return made


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Execution:
    """An execution whose first build went well, and that nothing is planned in."""
    made = Execution(tmp_path_factory.mktemp("taken"))
    made.take_code()
    for wave in made.regional:
        made.artifact(f"Plans{wave.number}").mkdir()
    made.exported["PLANS_SHA256"] = ""
    return made


def good(build: Build) -> Build:
    assert build.phases == GOOD, build.printed
    return build


def roll_out(execution: Execution, wave: Wave) -> None:
    """Plan and apply a wave that is new."""
    planned = good(execution.plan(wave))
    assert planned.exported == {
        "HAS_CHANGES": "true",
        "PASSED_BY": "false",
        "VERDICT": "ok",
        "REASON": "all resources are new: nothing that devices depend on exists yet",
        "LINK": f"https://console.example.com/build/{execution.builds}",
        "PLANS_SHA256": planned.exported["PLANS_SHA256"],
    }
    assert "1 of 1 stacks applied" in good(execution.apply(wave)).printed


@pytest.mark.usefixtures("lent")
def test_a_wave_is_planned_applied_and_verified(execution: Execution) -> None:
    execution.take_code()
    execution.bring_up(execution.before)
    wave = execution.regional[0]
    roll_out(execution, wave)
    assert "its plans had changes to apply" in good(execution.verify(wave)).printed


@pytest.mark.exhaustive
def test_a_rollout_goes_through_and_a_second_run_has_nothing_to_approve(
    execution: Execution,
) -> None:
    good(execution.synth())
    execution.bring_up(execution.before)
    first, last = execution.regional
    for wave in (first, last):
        roll_out(execution, wave)
    assert "its plans had changes to apply" in good(execution.verify(last)).printed
    again = good(execution.plan(first)).exported
    assert (again["HAS_CHANGES"], again["REASON"]) == ("false", "no changes")
    assert "the states are those" in good(execution.verify(first)).printed
    execution.exported["PLANS_SHA256"] = "0" * 64
    for refused in (execution.apply(first), execution.verify(first)):
        assert refused.phases == {"install": 0, "pre_build": 0, "build": 1}
        assert "are not what was planned and approved" in refused.printed


def test_a_commit_is_handed_on_as_it_is_and_by_its_digest(execution: Execution) -> None:
    build = good(execution.synth())
    assert "no earlier commit to compare with" in build.printed
    (code,) = execution.artifact("Code").iterdir()
    assert build.exported == {"CODE_SHA256": hashlib.sha256(code.read_bytes()).hexdigest()}
    with tarfile.open(code) as archive:
        files = {each.name for each in archive if not each.isdir()}
    assert files == execution.committed


@pytest.mark.exhaustive
def test_a_commit_is_shown_against_the_one_before(execution: Execution) -> None:
    execution.edit(*CHANGE)
    printed = good(execution.synth()).printed
    assert "Plan review of dev, provider stand-in, against HEAD^1" in printed
    assert "to update" in printed


def test_the_pipeline_that_is_not_active_goes_no_further_than_its_first_action(
    execution: Execution,
) -> None:
    former = execution.region
    result = execution.project.run(f"iot-dr pipeline activate --region {execution.standing}")
    assert f"pipeline.active_region: {former} -> {execution.region}" in result
    execution.project.commit()
    refused = execution.synth(former)
    assert refused.phases == REFUSED
    assert f"pipeline activate --env dev --region {former}" in refused.printed
    assert not execution.artifact("Code").exists()


@pytest.mark.parametrize(
    "kind",
    ["apply", *(pytest.param(each, marks=pytest.mark.exhaustive) for each in ("plan", "verify"))],
)
def test_a_wave_of_another_definition_is_neither_planned_nor_applied(
    taken: Execution, kind: str
) -> None:
    first, last = taken.regional
    act = {"plan": taken.plan, "apply": taken.apply, "verify": taken.verify}[kind]
    for build in (
        act(first, stacks=" ".join(last.names)),
        act(first, stacks=" ".join((*first.names, *last.names))),
    ):
        assert build.phases == REFUSED
        assert f"wave {first.number} of this commit is {first.names[0]}" in build.printed
    assert act(first, region=taken.standing).phases == REFUSED
