"""The bootstrap: real Terraform, a local state, and the way into its own bucket."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from iot_dr.delivery.session import RunLimits, Session, standin_session
from iot_dr.delivery.state.bootstrap import Bootstrap, BootstrapError, Step
from iot_dr.observe.state.store import Store
from iot_dr.terraform.sandbox.sandbox import Sandbox
from iot_dr.terraform.terraform import PlanStatus
from tests.iot_dr.observe.state.world import World
from tests.support.settings import REGIONS, settings
from tests.support.synthesized_once import SynthesizedOnce

STEPS: tuple[Step, ...] = ("plan", "apply", "move", "compare", "clear")
STATE = "iot-dev-state.tfstate"
_numbers = count()


@dataclass(frozen=True)
class Case:
    """A bootstrap in an empty sandbox."""

    bootstrap: Bootstrap
    session: Session
    world: World

    def run(self, until: Step | None = None) -> list[Step]:
        """Run it, to its end or to where the process ends; gives the steps that were begun."""
        begun: list[Step] = []

        def note(step: Step) -> None:
            if step == until:
                raise KeyboardInterrupt
            begun.append(step)

        self.bootstrap.run(self.session, note)
        return begun

    def state(self) -> dict[str, Any]:
        return json.loads(self.world.path("eu-west-1", STATE).read_bytes())

    def plan(self) -> PlanStatus:
        """Plan the stack from the bucket's state."""
        session = replace(self.session, work=self.bootstrap.folder.parent / f"p{next(_numbers)}")
        with session.initialized("iot-dev-state") as terraform:
            return terraform.plan(terraform.folder / "again.tfplan")


@pytest.fixture(scope="module")
def session(server: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """A session on the sandbox of all tests here."""
    scratch = tmp_path_factory.mktemp("bootstrap")
    chosen = settings(regions=list(REGIONS[:3]))
    SynthesizedOnce().synthesize([chosen], scratch / "out")
    limits, stacks = RunLimits(jobs=1, timeout=60), scratch / "out" / "stacks"
    with standin_session(chosen, stacks, server.folder, scratch / "work", limits) as running:
        yield running


@pytest.fixture
def case(session: Session, world: World, tmp_path: Path) -> Case:
    bootstrap = Bootstrap(
        settings=world.settings,
        store=world.store,
        folder=tmp_path / "bootstrap",
        buckets_are_real=False,
    )
    return Case(bootstrap, session, world)


def test_the_state_ends_in_its_own_bucket_and_nothing_is_left_here(case: Case) -> None:
    assert case.run() == list(STEPS)
    assert case.bootstrap.is_moved()
    assert not case.bootstrap.folder.exists()
    assert case.plan() is PlanStatus.UNCHANGED
    assert case.run() == []


@pytest.mark.parametrize(
    "step",
    [
        step if step in {"apply", "clear"} else pytest.param(step, marks=pytest.mark.exhaustive)
        for step in STEPS
    ],
)
def test_it_goes_on_after_an_interruption_before_each_step(case: Case, step: Step) -> None:
    with pytest.raises(KeyboardInterrupt):
        case.run(until=step)
    local = case.bootstrap.folder / "local.tfstate"
    first = json.loads(local.read_bytes())["lineage"] if local.exists() else None
    case.run()
    assert case.state()["lineage"] == (first or case.state()["lineage"])
    assert case.state()["resources"]
    assert not case.bootstrap.folder.exists()
    assert case.plan() is PlanStatus.UNCHANGED


def test_an_apply_that_was_cut_off_goes_on_with_what_it_had_made(case: Case) -> None:
    with pytest.raises(KeyboardInterrupt):
        case.run(until="move")
    local = case.bootstrap.folder / "local.tfstate"
    state = json.loads(local.read_bytes())
    made = next(each for each in state["resources"] if each["type"] == "aws_iam_role")
    state["resources"] = [made]
    local.write_text(json.dumps(state))
    case.run()
    roles = [each for each in case.state()["resources"] if each["type"] == "aws_iam_role"]
    assert roles == [made]
    assert case.plan() is PlanStatus.UNCHANGED


def test_two_bootstraps_are_distinguished_and_the_bucket_keeps_its_state(
    case: Case, tmp_path: Path
) -> None:
    with pytest.raises(KeyboardInterrupt):
        case.run(until="move")
    other = Case(replace(case.bootstrap, folder=tmp_path / "other"), case.session, case.world)
    other.run()
    owner = other.state()["lineage"]
    with pytest.raises(BootstrapError, match=f"one of lineage {owner}: two bootstraps"):
        case.run()
    assert case.state()["lineage"] == owner


def test_a_corrupt_state_in_the_bucket_is_reported_and_kept(case: Case) -> None:
    case.world.put("eu-west-1", STATE, b"{")
    with pytest.raises(BootstrapError, match="restore an earlier version"):
        case.run()
    assert case.world.path("eu-west-1", STATE).read_bytes() == b"{"


def test_a_bucket_that_no_state_knows_is_not_taken_over(case: Case) -> None:
    real = replace(case.bootstrap, buckets_are_real=True)
    with pytest.raises(BootstrapError, match="example-iot-dev-eu-west-1: exists, and neither"):
        real.run(case.session, lambda _step: None)
    assert not real.folder.exists()


def test_a_real_bootstrap_goes_on_where_its_own_local_state_is(case: Case) -> None:
    with pytest.raises(KeyboardInterrupt):
        case.run(until="move")
    real = Case(replace(case.bootstrap, buckets_are_real=True), case.session, case.world)
    real.run()
    assert real.bootstrap.is_moved()


def test_the_folder_of_the_local_state_is_closed_to_others(case: Case) -> None:
    with pytest.raises(KeyboardInterrupt):
        case.run(until="apply")
    assert case.bootstrap.folder.stat().st_mode & 0o077 == 0
    shutil.rmtree(case.bootstrap.folder)


def test_a_store_that_refuses_ends_it_before_anything_is_made(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    refused = replace(case.bootstrap, store=Store(None))
    with pytest.raises(Exception, match="example-iot-dev-eu-west-1"):
        refused.run(case.session, lambda _step: None)
    assert not refused.folder.exists()
