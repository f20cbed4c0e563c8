"""An environment on this machine: all regions applied, and each planned without the others."""

from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import pytest

from iot_dr.terraform.runtime import RUNTIME
from iot_dr.terraform.sandbox.sandbox import Sandbox
from iot_dr.terraform.schedule import Done
from stacks.platform_graph import platform_graph, regional_stacks
from tests.scenarios.support.cut_sandbox import Cut, cut_off
from tests.support.lasting import Lasting
from tests.support.lost_regions import COUNTS
from tests.support.sandbox_run import Outcomes, SandboxRun, apply_once, changes, sandbox_run
from tests.support.settings import JUST_IN_TIME, REGIONS, settings
from tests.support.synthesized_once import SynthesizedOnce
from tests.support.within import within

pytestmark = pytest.mark.usefixtures("lent")

FEWEST = min(COUNTS)
DATA = {"provisioning": JUST_IN_TIME}


class _AtOneAddress(SynthesizedOnce):
    """One sandbox for all sessions, so that they share the same Terraform processes."""

    def __init__(self, lasting: Lasting, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.standin, self.library = lasting.standin, lasting.library

    def sandbox(self, folder: Path, account_id: str) -> AbstractContextManager[Sandbox]:
        del folder, account_id
        return nullcontext(self._sandbox)


@dataclass(frozen=True)
class World:
    """An environment of some regions in a sandbox, behind the relay `cut`."""

    regions: tuple[str, ...]
    folder: Path
    cut: Cut

    @contextmanager
    def run(self, handover_region: str | None = None) -> Generator[SandboxRun]:
        scratch = self.folder / "scratch"
        scratch.mkdir(exist_ok=True)
        platform = {"regions": self.regions, "data": DATA, "handover_region": handover_region}
        with sandbox_run(self.folder / "sandbox", scratch, **platform) as run:
            yield run

    def plan_without(self, gone: list[str], *what: str, handover_region: str | None) -> Outcomes:
        """Plan while the buckets of some regions refuse."""
        platform = settings(regions=self.regions)
        self.cut.refused.clear()
        self.cut.buckets = {platform.state_bucket(region) for region in gone}
        try:
            with self.run(handover_region) as run:
                return run.plan(*what)
        finally:
            self.cut.buckets = set()


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(REGIONS[:count], marks=() if count == FEWEST else pytest.mark.exhaustive)
        for count in COUNTS
    ],
    ids=[f"{count} regions" for count in COUNTS],
)
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, lasting: Lasting
) -> Generator[World]:
    world = World(request.param, tmp_path_factory.mktemp("world"), Cut())
    apply_once(world.folder / "sandbox", regions=world.regions, data=DATA)

    with (
        Sandbox(world.folder / "sandbox", settings().account_id) as sandbox,
        cut_off(sandbox.endpoint, world.cut) as relay,
        within(RUNTIME, _AtOneAddress(lasting, sandbox)),
    ):
        sandbox.endpoint = relay
        with world.run() as run:
            run.copy_from_home()
        yield world


@pytest.mark.exhaustive
def test_all_regions_are_applied_and_a_second_plan_is_empty(world: World) -> None:
    graph = platform_graph(settings(regions=world.regions, data=DATA))
    with world.run() as run:
        planned = run.plan()
    assert set(planned) == {node.name for node in graph.nodes}
    assert {name: changes(outcome) for name, outcome in planned.items()} == dict.fromkeys(
        planned, ()
    )


def test_each_region_s_stacks_plan_while_every_other_region_refuses(world: World) -> None:
    for region in world.regions:
        others = [other for other in world.regions if other != region]
        own = regional_stacks(settings(data=DATA), region)
        planned = world.plan_without(others, *own, handover_region=region)
        assert {name: changes(each) for name, each in planned.items()} == dict.fromkeys(own, ())
        assert world.cut.refused == [], f"the plan of {region} asked another region"


def test_a_stack_that_needs_a_refusing_region_fails(world: World) -> None:
    planned = world.plan_without(["eu-west-1"], "-iot-eu-central-1", handover_region=None)
    assert not any(isinstance(outcome, Done) for outcome in planned.values())
    assert world.cut.refused


def test_the_entry_point_needs_every_region(world: World) -> None:
    for region in world.regions:
        planned = world.plan_without([region], "-entry-point", handover_region=None)
        assert not any(isinstance(outcome, Done) for outcome in planned.values())
        bucket = settings(regions=world.regions).state_bucket(region)
        assert any(bucket in request for request in world.cut.refused)
