"""A wave of apply.yml: planned, reviewed and applied, with the stand-in instead of AWS."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import ROOT
from tests.support.executable import executable
from tests.support.project import Project
from tests.support.sandbox_run import apply_once
from tests.support.workflow import Job

# Makes a review, and ends it with the status in a file.
IOT_DR = """#!/bin/sh
echo "$1" >> asked
[ "$1" = review ] || exit 0
mkdir -p review
touch review/review.md review/review.html review/review.json
exit "$(cat status)"
"""
ROLE = "stacks/state_backend_stack.py"
ARTIFACT = "dev-wave-1"


class Wave:
    """The first wave of dev: the jobs of wave.yml, and the artifacts of the run."""

    def __init__(self, folder: Path) -> None:
        self.project = Project(folder / "clone")
        self.folder = folder
        self.artifacts: dict[str, Path] = {}
        self.jobs = 0

    def twin(self, folder: Path) -> "Wave":
        """Copy the current state, and the results of the jobs so far."""
        made = Wave(folder)
        self.project.twin(made.project.folder)
        for name, kept in self.artifacts.items():
            made.artifacts[name] = shutil.copytree(kept, folder / kept.name)
        made.jobs = self.jobs
        return made

    def apply(self, shown: str = "") -> Job:
        return self.job("apply", shown)

    def approved(self) -> Job:
        return self.job("approved", "")

    def verified(self) -> Job:
        return self.job("verify", "")

    def job(self, name: str, shown: str) -> Job:
        """Run a job on a machine of its own."""
        self.jobs += 1
        for left in ("review", "approved", "shown"):
            shutil.rmtree(self.project.folder / left, ignore_errors=True)
        return Job.of(
            "wave.yml",
            name,
            contexts={
                "inputs": {
                    "environment": "dev", "role": "arn", "wave": 1, "shown": shown,
                },
                "github": {"token": "ghs_x"},
            },
            cwd=self.project.folder,
            temp=self.folder / f"job-{self.jobs}",
            # Instead of AWS.
            env={"PROVIDER": "standin"},
            uses={"actions/upload-artifact": self.keep, "actions/download-artifact": self.fetch},
        ).run()  # fmt: skip

    def keep(self, inputs: Mapping[str, Any]) -> bool:
        kept = self.folder / f"artifact-{self.jobs}"
        kept.mkdir()
        for name in str(inputs["path"]).split():
            shutil.copy(self.project.folder / name, kept)
        self.artifacts[str(inputs["name"])] = kept
        return True

    def fetch(self, inputs: Mapping[str, Any]) -> bool:
        result = self.artifacts.get(str(inputs["name"]))
        if result is not None:
            shutil.copytree(result, self.project.folder / str(inputs["path"]))
        return result is not None

    def rename_role(self, old: str, new: str) -> None:
        """Change settings so that Terraform replaces a role of the state's stack."""
        self.project.edit(ROLE, f'"{old}"', f'"{new}"')

    @property
    def roles(self) -> str:
        """The roles in the applied state."""
        (file,) = (self.project.folder / ".sandbox").rglob("iot-dev-state.tfstate")
        return file.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Wave:
    """The wave, applied as all others are."""
    wave = Wave(tmp_path_factory.mktemp("wave"))
    project = Project.copy(wave.project.folder)
    apply_once(project.sandbox, **project.settings.model_dump())
    return wave


@pytest.fixture(scope="module")
def planned(applied: Wave, tmp_path_factory: pytest.TempPathFactory) -> Wave:
    """The wave with a replacement that no pull request showed: planned, and not applied.

    An expired review counts as not shown.
    """
    wave = applied.twin(tmp_path_factory.mktemp("planned"))
    wave.rename_role("state-replication", "state-copies")
    done = wave.apply(shown="7")
    assert done.status == "success", done.printed
    assert done.outcomes["shown"] == "failure"
    assert (done.output("review", "status"), done.outcomes["Apply"]) == ("3", "skipped")
    assert "Plan review of `dev`" in done.summary
    assert "the pull request did not show" in done.summary
    assert "state-copies" not in wave.roles
    return wave


@pytest.fixture
def waiting(planned: Wave, tmp_path: Path) -> Wave:
    """The same for a test of its own."""
    return planned.twin(tmp_path)


@pytest.mark.exhaustive
def test_a_replacement_that_the_pull_request_did_not_show_waits_and_is_applied_as_approved(
    waiting: Wave,
) -> None:
    approved = waiting.approved()
    assert approved.status == "success", approved.printed
    assert "state-copies" in waiting.roles
    assert not list(waiting.folder.glob("artifact-*/*.tfplan"))
    verified = waiting.verified()
    assert verified.status == "success", verified.printed
    assert "dev: wave 1: has no alarms to watch" in verified.printed


@pytest.mark.parametrize(
    ("review", "ended", "asked"),
    [
        (0, "success", ["plan", "review", "apply"]),
        (3, "success", ["plan", "review"]),
        (1, "failure", ["plan", "review"]),
    ],
)
def test_plans_are_applied_at_once_only_after_a_good_review(
    tmp_path: Path, review: int, ended: str, asked: list[str]
) -> None:
    wave = Wave(tmp_path)
    executable(wave.project.folder / ".venv" / "bin" / "iot-dr", IOT_DR)
    (wave.project.folder / "status").write_text(str(review), encoding="utf-8")
    assert wave.apply(shown="7").status == ended
    assert (wave.project.folder / "asked").read_text("utf-8").split() == asked


@pytest.mark.exhaustive
def test_a_change_that_the_pull_request_showed_is_applied_at_once(waiting: Wave) -> None:
    waiting.artifacts["review-dev"] = waiting.artifacts.pop(ARTIFACT)
    done = waiting.apply(shown="7")
    assert done.status == "success", done.printed
    assert (done.outcomes["shown"], done.output("review", "status")) == ("success", "0")
    assert done.outcomes["Apply"] == "success"
    assert "state-copies" in waiting.roles


@pytest.mark.exhaustive
def test_a_run_without_a_pull_request_has_shown_nothing(applied: Wave, tmp_path: Path) -> None:
    wave = applied.twin(tmp_path)
    wave.rename_role("state-replication", "state-copies")
    done = wave.apply()
    assert done.status == "success", done.printed
    assert (done.outcomes["shown"], done.output("review", "status")) == ("skipped", "3")


@pytest.mark.exhaustive
def test_another_plan_than_the_approved_one_is_not_applied(waiting: Wave) -> None:
    waiting.rename_role("state-copies", "state-others")
    done = waiting.approved()
    assert done.status == "failure"
    assert "iot-dev-state: its plan is not what approved/review.json shows" in done.printed
    assert "state-others" not in waiting.roles


def test_nothing_is_applied_if_the_workflows_lack_a_wave_of_the_settings(tmp_path: Path) -> None:
    project = Project.copy(tmp_path / "clone")
    shutil.copytree(ROOT / ".github", project.folder / ".github")
    check = "Check the generated workflows"

    def begin(run: str) -> Job:
        return Job.of(
            "apply.yml",
            "shown",
            contexts={"github": {"token": "ghs_x"}},
            cwd=project.folder,
            temp=tmp_path / run,
            env={"GITHUB_API_URL": "http://127.0.0.1:1"},
            uses={},
        ).run()

    assert begin("current").outcomes[check] == "success"
    project.edit(
        "environments/dev.yaml",
        "regions: [eu-west-1, eu-central-1]",
        "regions: [eu-west-1, eu-central-1, eu-north-1]",
    )
    stale = begin("stale")
    assert (stale.outcomes[check], stale.outcomes["find"]) == ("failure", "skipped")
    assert stale.status == "failure"
    assert "rollout-dev.yml: stale" in stale.printed
    project.run("iot-dr pipeline workflow --env dev")
    assert begin("again").outcomes[check] == "success"
