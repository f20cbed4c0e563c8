"""A region is replaced by another one, in the steps that follow from what is deployed."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from iot_dr.delivery.deployed_regions import deployed_regions
from iot_dr.delivery.region_change import RegionChange, region_change
from iot_dr.delivery.state.objects import SandboxObjects
from iot_dr.terraform.schedule import Failed, Waiting
from iot_dr.terraform_json.change import Action
from tests.support.project import Project
from tests.support.relay import lose_bucket
from tests.support.runbook import Walk
from tests.support.sandbox_run import Outcomes, apply_once, changes, sandbox_run
from tests.support.settings import settings

pytestmark = pytest.mark.usefixtures("lent")

WEST, CENTRAL, NORTH = "eu-west-1", "eu-central-1", "eu-north-1"
BOTH = f"regions: [{WEST}, {CENTRAL}]"


@dataclass
class Replacement:
    """An environment in a sandbox whose file has other regions than what is deployed."""

    sandbox: Path
    scratch: Path
    target: Mapping[str, object]
    seen: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])

    @property
    def current(self) -> RegionChange:
        chosen = settings(**self.target)
        return region_change(chosen, deployed_regions(chosen, SandboxObjects(self.sandbox).read))

    def deploy(self) -> Outcomes:
        """Apply the current step."""
        change = self.current
        self.seen.append(tuple(step.kind for step in change.steps))
        step = change.steps[0].overrides if change.steps else {}
        with sandbox_run(self.sandbox, self.scratch, **{**self.target, **step}) as run:
            return run.plan(apply=True)


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


def destroyed(outcomes: Outcomes) -> set[str]:
    """Return the stacks that lose a resource."""
    return {
        stack
        for stack, outcome in outcomes.items()
        if any(each.action is Action.DESTROY for each in changes(outcome))
    }


@pytest.mark.exhaustive
def test_a_standby_is_replaced_in_two_deployments(tmp_path: Path, scratch: Path) -> None:
    sandbox = tmp_path / "sandbox"
    apply_once(sandbox)
    place = Replacement(sandbox, scratch, {"regions": [WEST, NORTH]})

    added = place.deploy()
    assert destroyed(added) == set()
    assert {each.action for each in changes(added[f"iot-dev-iot-{NORTH}"])} == {Action.CREATE}
    assert changes(added[f"iot-dev-iot-{CENTRAL}"]) == ()

    left = place.deploy()
    gone = f"iot-dev-iot-{CENTRAL}"
    assert list(left)[-1] == gone
    assert destroyed(left) == {"iot-dev-state", "iot-dev-entry-point", gone}
    assert {each.action for each in changes(left[gone])} == {Action.DESTROY}
    assert changes(left[f"iot-dev-iot-{WEST}"]) == changes(left[f"iot-dev-iot-{NORTH}"]) == ()

    rest = place.deploy()
    assert place.seen == [("add", "leave"), ("leave",), ()]
    assert gone not in rest
    assert [changes(each) for each in rest.values()] == [()] * 5


def test_a_region_whose_bucket_is_to_be_created_waits_for_it_and_one_that_lost_it_fails(
    tmp_path: Path, scratch: Path
) -> None:
    sandbox = tmp_path / "sandbox"
    apply_once(sandbox)
    # On AWS only the state's stack creates buckets; the sandbox has them before.
    with sandbox_run(sandbox, scratch, regions=[WEST, CENTRAL, NORTH]) as run:
        for region in (CENTRAL, NORTH):
            lose_bucket(sandbox, run.settings.state_bucket(region))
        planned = run.plan("-state", f"-iot-{CENTRAL}", f"-iot-{NORTH}")
    waiting, lost = (planned[f"iot-dev-iot-{region}"] for region in (NORTH, CENTRAL))
    assert isinstance(waiting, Waiting)
    assert waiting.waits_for == ("iot-dev-state",)
    assert isinstance(lost, Failed)
    assert f'S3 bucket "example-iot-dev-{CENTRAL}" does not exist' in str(lost.error)


@pytest.mark.exhaustive
def test_the_primary_is_replaced_in_three_deployments(tmp_path: Path, scratch: Path) -> None:
    sandbox = tmp_path / "sandbox"
    former = {"home_region": WEST, "primary_region": CENTRAL}
    apply_once(sandbox, **former)
    target = {"regions": [WEST, NORTH], "home_region": WEST, "primary_region": NORTH}
    place = Replacement(sandbox, scratch, target)

    added = place.deploy()
    assert destroyed(added) == set()
    assert changes(added[f"iot-dev-iot-{CENTRAL}"]) == ()
    moved = place.deploy()
    only = {stack for stack, outcome in moved.items() if changes(outcome)}
    assert only == {"iot-dev-entry-point"}
    gone = f"iot-dev-iot-{CENTRAL}"
    left = place.deploy()
    assert list(left)[-1] == gone
    assert destroyed(left) == {"iot-dev-state", "iot-dev-entry-point", gone}
    assert place.seen == [("add", "move", "leave"), ("move", "leave"), ("leave",)]
    assert place.current.steps == ()


def test_a_removal_that_was_interrupted_is_continued(tmp_path: Path, scratch: Path) -> None:
    sandbox = tmp_path / "sandbox"
    apply_once(sandbox, regions=[WEST, CENTRAL, NORTH])
    place = Replacement(sandbox, scratch, {"regions": [WEST, CENTRAL]})
    (leave,) = place.current.steps
    with sandbox_run(sandbox, scratch, **leave.overrides) as run:
        run.apply("-state")
    # The states know the region only as one that leaves; its own stack is as it was.
    assert [step.about for step in place.current.steps] == [(NORTH,)]
    lose_bucket(sandbox, settings(leaving_regions=[NORTH]).state_bucket(NORTH))
    # Gone for good by now: it is not taken for one that has nothing left.
    assert [step.about for step in place.current.steps] == [(NORTH,)]


@pytest.mark.runbook("replace-region.md", "Plan")
def test_plan_names_the_steps_and_plans_the_first(walk: Walk, tmp_path: Path) -> None:
    project = Project.copy(tmp_path / "project")
    project.edit("environments/dev.yaml", BOTH, f"regions: [{WEST}, {NORTH}]")
    printed = walk.step(project.here, "iot-dr plan")
    assert "to destroy" not in printed
    # Before anything is planned.
    refused = project.try_here("iot-dr plan --env dev --base HEAD --json --out main.py")
    assert json.loads(refused.stdout)["exit_status"] == 2
    assert f"now:  add {NORTH} as standby" in refused.stderr


@pytest.mark.exhaustive
@pytest.mark.runbook("replace-region.md", "Deploy", "Verify")
def test_each_deploy_does_the_next_step(walk: Walk, tmp_path: Path) -> None:
    project = Project.copy(tmp_path / "project")
    apply_once(project.sandbox)
    project.edit("environments/dev.yaml", BOTH, f"regions: [{WEST}, {NORTH}]")
    while walk.left:
        walk.step(project.here, "iot-dr deploy")


@pytest.mark.exhaustive
def test_the_sandbox_takes_the_same_steps(tmp_path: Path) -> None:
    project = Project.copy(tmp_path / "project")
    apply_once(project.sandbox)
    project.edit("environments/dev.yaml", BOTH, f"regions: [{WEST}, {NORTH}]")
    counts = [project.here("iot-dr sandbox up --env dev").splitlines()[0] for _ in range(3)]
    lead = "dev: the change of regions takes"
    assert counts[:2] == [f"{lead} 2 more deploys:", f"{lead} one more deploy:"]
    assert not counts[2].startswith(lead)


def test_a_change_that_needs_too_many_regions_names_its_line(tmp_path: Path) -> None:
    project = Project.copy(tmp_path / "project")
    five = [WEST, CENTRAL, NORTH, "us-east-2", "ap-south-1"]
    project.edit("environments/dev.yaml", BOTH, f"regions: [{', '.join(five)}]")
    project.commit()
    project.edit("environments/dev.yaml", "ap-south-1]", "eu-west-3]")
    refused = project.try_here("iot-dr plan --env dev --base HEAD")
    assert refused.returncode == 2
    line = project.line_of("environments/dev.yaml", "regions:")
    assert refused.stderr.startswith(
        f"environments/dev.yaml:{line}: regions: eu-west-3 cannot be added while"
    )


@pytest.mark.runbook("replace-region.md", "By pull requests alone")
def test_a_wave_names_the_line_and_what_to_declare(walk: Walk, tmp_path: Path) -> None:
    project = Project.copy(tmp_path / "project")
    apply_once(project.sandbox)
    project.edit("environments/dev.yaml", BOTH, f"regions: [{WEST}, {NORTH}]")

    def refused(command: str) -> str:
        done = project.try_here(command)
        assert (done.returncode, done.stdout) == (2, "")
        return done.stderr

    message = walk.step(refused, "iot-dr plan")
    line = project.line_of("environments/dev.yaml", "regions:")
    assert message.startswith(
        f"environments/dev.yaml:{line}: regions: {CENTRAL} is deployed and is in"
    )
    assert edits_in(message) == [
        {"regions": f"[{WEST}, {CENTRAL}, {NORTH}]", "primary_region": WEST},
        {
            "regions": f"[{WEST}, {NORTH}]",
            "leaving_regions": f"[{CENTRAL}]",
            "primary_region": WEST,
        },
    ]
    assert f"first: iot-dr state abandon --region {CENTRAL} --env dev" in message


def edits_in(message: str) -> list[dict[str, str]]:
    """Return the keys and values of each edit that a refusal of a wave names."""
    steps = re.split(r"\(\d\) ", message)[1:]
    return [
        dict(re.findall(r"(\w+): (\[.*?\]|[\w-]+)", step.partition(" (docs")[0])) for step in steps
    ]


def edit(project: Project, keys: Mapping[str, str]) -> None:
    """Set keys of `dev` as a pull request does; `leaving_regions` goes if it is not among them."""
    file = project.folder / "environments" / "dev.yaml"
    ours = ("regions:", "leaving_regions:", "primary_region:")
    lines = file.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith(ours)]
    added = [f"{key}: {value}" for key, value in keys.items()]
    file.unlink()
    file.write_text("\n".join([*kept, *added, ""]), encoding="utf-8")


@dataclass
class Pipeline:
    """A team that changes `dev` by pull requests alone, each rolled out wave by wave."""

    project: Project
    verdicts: list[str] = field(default_factory=list[str])

    def roll_out(self, keys: Mapping[str, str]) -> set[str]:
        """Plan, check, review and apply each wave; return the stacks that lost a resource."""
        edit(self.project, keys)
        lost: set[str] = set()
        numbers = self.project.here("iot-dr graph --env dev --waves")
        for wave in re.findall(r"^wave (\d+):", numbers, re.MULTILINE):
            lost |= self._wave(int(wave))
        return lost

    def _wave(self, wave: int) -> set[str]:
        run = self.project.here
        planned = json.loads(run(f"iot-dr plan --env dev --wave {wave} --out plans --json"))
        checked = json.loads(run("iot-dr check plans --env dev --json"))
        self.verdicts.append(checked["result"]["verdict"])
        run("iot-dr review --env dev --plans plans --out review")
        run(f"iot-dr apply --env dev --wave {wave} --plans plans --review review/review.json")
        return {
            stack["name"]
            for stack in planned["result"]["stacks"]
            for change in stack["changes"]
            if change["action"] == "destroy" and not change["address"].startswith("output.")
        }


@pytest.mark.exhaustive
def test_a_team_that_deploys_by_waves_alone_replaces_a_region(tmp_path: Path) -> None:
    project = Project.copy(tmp_path / "project")
    apply_once(project.sandbox)
    edit(project, {"regions": f"[{WEST}, {NORTH}]", "primary_region": WEST})
    refused = project.try_here("iot-dr plan --env dev --wave 1")
    add, leave = edits_in(refused.stderr)
    team = Pipeline(project)

    assert team.roll_out(add) == set()
    assert {*team.verdicts} == {"ok"}
    gone = f"iot-dev-iot-{CENTRAL}"
    assert team.roll_out(leave) == {"iot-dev-state", "iot-dev-entry-point", gone}
    # Nothing blocks: the file names exactly the region whose stack is destroyed.
    assert {*team.verdicts} == {"ok", "warn"}
    (state,) = project.sandbox.rglob(f"{gone}.tfstate")
    assert json.loads(state.read_bytes())["resources"] == []

    del leave["leaving_regions"]
    assert team.roll_out(leave) == set()
    assert gone not in project.here("iot-dr graph --env dev --waves")
