import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from environments.settings import Settings
from iot_dr.delivery.pipeline.guard import (
    ExpectedWave,
    NotPermittedHereError,
    StateChangedError,
    refuse_changed_states,
    refuse_inactive,
    refuse_other_wave,
    refuse_skipped_wave,
)
from iot_dr.delivery.rollout.lease import Lease, lease_location
from iot_dr.delivery.state.objects import RegionNotAnsweringError, SandboxObjects, TaggedObject
from iot_dr.terraform.sandbox.folder import SandboxFolder
from iot_dr.terraform_json.plan_manifest import PlanManifest, PlannedStack, StateVersion
from stacks.graph import StackNode
from stacks.platform_graph import platform_graph
from stacks.rollout import RolloutWaves
from stacks.state_location import StateLocation, state_location
from tests.iot_dr.delivery.wave_world import WaveWorld
from tests.support.pipeline import PIPELINE
from tests.support.refusal import refusal
from tests.support.settings import REGIONS, settings

ACTIVE, STANDING = "eu-west-1", "eu-central-1"
CHOSEN = settings(pipeline=PIPELINE)
WAVES = RolloutWaves(platform_graph(CHOSEN)).waves
NAMES = [name for wave in WAVES for name in wave.names]


def test_the_pipeline_that_the_settings_name_goes_on() -> None:
    assert refusal(refuse_inactive, CHOSEN, ACTIVE) == ""


def test_the_standing_copy_is_reported_what_would_make_it_the_active_one() -> None:
    with pytest.raises(NotPermittedHereError) as refused:
        refuse_inactive(CHOSEN, STANDING)
    assert str(refused.value) == (
        "environments/dev.yaml: pipeline.active_region: 'eu-west-1' rolls dev out, and"
        " not 'eu-central-1';"
        " `iot-dr pipeline activate --env dev --region eu-central-1` makes it this one"
    )
    assert refused.value.status == 3


@pytest.mark.parametrize("region", ["us-east-1", "", "eu-west-1 ", "\x1b[2J"])
def test_a_region_without_a_pipeline_is_reported_so_on_one_plain_line(region: str) -> None:
    with pytest.raises(NotPermittedHereError, match=r"which has no pipeline\Z") as refused:
        refuse_inactive(CHOSEN, region)
    assert str(refused.value).isprintable()


def test_an_environment_without_a_pipeline_is_rolled_out_by_none() -> None:
    with pytest.raises(NotPermittedHereError, match=r"dev\.yaml: pipeline: is not there"):
        refuse_inactive(settings(), ACTIVE)


@pytest.mark.parametrize("active", [ACTIVE, STANDING])
def test_of_two_pipelines_exactly_one_goes_on(active: str) -> None:
    chosen = settings(pipeline={**PIPELINE, "active_region": active})
    refused: list[str] = []
    for region in (ACTIVE, STANDING):
        try:
            refuse_inactive(chosen, region)
        except NotPermittedHereError:
            refused.append(region)
    assert refused == [region for region in (ACTIVE, STANDING) if region != active]


@pytest.mark.parametrize("count", [2, 3, 5])
def test_each_wave_of_the_settings_is_taken_in_whatever_order_its_stacks_are_named(
    count: int,
) -> None:
    chosen = settings(regions=REGIONS[:count], pipeline=PIPELINE, data={})
    waves = RolloutWaves(platform_graph(chosen)).waves
    assert max(len(wave.names) for wave in waves) > 1
    for wave in waves:
        for names in (wave.names, wave.names[::-1]):
            refuse_other_wave(chosen, ExpectedWave(number=wave.number, stacks=names))
        twice = ExpectedWave(number=wave.number, stacks=(*wave.names, wave.names[0]))
        with pytest.raises(NotPermittedHereError, match="and the pipeline was made for"):
            refuse_other_wave(chosen, twice)


@given(st.integers(0, 9), st.lists(st.sampled_from([*NAMES, "iot-dev-other"]), max_size=3))
def test_a_wave_with_any_other_stacks_is_refused(number: int, stacks: list[str]) -> None:
    expected = ExpectedWave(number=number, stacks=tuple(stacks))
    if any(wave.number == number and sorted(wave.names) == sorted(stacks) for wave in WAVES):
        refuse_other_wave(CHOSEN, expected)
        return
    with pytest.raises(
        NotPermittedHereError, match=rf"wave {number}\b.*, and the pipeline was made for"
    ):
        refuse_other_wave(CHOSEN, expected)


@pytest.mark.parametrize("values", [["false"], ["false", "false"], []])
@pytest.mark.parametrize("other", ["true", "", "#{Wave3.PASSED_BY}"])
def test_what_leads_devices_is_changed_once_no_region_was_skipped(
    values: list[str], other: str
) -> None:
    refuse_skipped_wave(CHOSEN, values)
    with pytest.raises(NotPermittedHereError, match="start a new execution, which brings the rest"):
        refuse_skipped_wave(CHOSEN, [*values, other])


def test_both_definitions_of_a_wave_are_reported() -> None:
    with pytest.raises(NotPermittedHereError) as refused:
        refuse_other_wave(CHOSEN, ExpectedWave(number=3, stacks=("iot-dev-iot-eu-west-1",)))
    assert str(refused.value) == (
        "dev: wave 3 of this commit is iot-dev-iot-eu-central-1, and the pipeline was made for"
        " iot-dev-iot-eu-west-1; it has changed since: start a new execution"
    )


SETTINGS: Settings = settings()
WEST, CENTRAL = (
    next(node for node in platform_graph(SETTINGS).nodes if node.name == f"iot-dev-iot-{region}")
    for region in ("eu-west-1", "eu-central-1")
)
LINEAGE = "b32ed590-8453-9a9b-2564-40d48d98f312"


def planned(node: StackNode, lineage: str, serial: int) -> PlannedStack:
    return PlannedStack(
        name=node.name,
        what=node.what,
        region=node.region,
        role=node.role,
        wave=3,
        status="planned",
        state=StateVersion(lineage, serial),
    )


@pytest.fixture
def objects(tmp_path: Path) -> SandboxObjects:
    SandboxFolder(tmp_path).prepare()
    return SandboxObjects(tmp_path)


def stands(objects: SandboxObjects, node: StackNode, lineage: str, serial: int) -> None:
    state = {"version": 4, "serial": serial, "lineage": lineage}
    objects.write(state_location(SETTINGS, node), json.dumps(state).encode())


def test_a_state_that_is_the_same_is_let_pass_and_none_where_there_was_none(
    objects: SandboxObjects,
) -> None:
    stands(objects, CENTRAL, LINEAGE, 3)
    stacks = [planned(CENTRAL, LINEAGE, 3), planned(WEST, "", 0)]
    assert refusal(refuse_changed_states, SETTINGS, objects, stacks) == ""


@pytest.mark.parametrize(
    ("lineage", "serial"), [(LINEAGE, 2), (LINEAGE, 4), ("another", 3), ("", 0)]
)
def test_any_other_is_refused_in_one_sentence(
    objects: SandboxObjects, lineage: str, serial: int
) -> None:
    stands(objects, CENTRAL, LINEAGE, 3)
    with pytest.raises(StateChangedError) as error:
        refuse_changed_states(
            SETTINGS, objects, [planned(WEST, "", 0), planned(CENTRAL, lineage, serial)]
        )
    assert str(error.value) == (
        f"{CENTRAL.name}: its state has moved on since this plan was made: start a new execution"
    )


def test_a_state_that_is_gone_is_not_the_one_that_was_planned_on(objects: SandboxObjects) -> None:
    with pytest.raises(StateChangedError, match="has moved on"):
        refuse_changed_states(SETTINGS, objects, [planned(CENTRAL, LINEAGE, 3)])


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"lineage": 1, "serial": 1}'])
def test_other_content_than_a_state_is_refused(objects: SandboxObjects, content: bytes) -> None:
    objects.write(state_location(SETTINGS, CENTRAL), content)
    with pytest.raises(StateChangedError, match="the stored object is not a Terraform state"):
        refuse_changed_states(SETTINGS, objects, [planned(CENTRAL, "", 0)])


def test_a_region_that_does_not_answer_is_not_taken_for_unchanged(tmp_path: Path) -> None:
    class Lost(SandboxObjects):
        def find(self, location: StateLocation) -> TaggedObject | None:
            raise RegionNotAnsweringError(
                f"{location.bucket} ({location.region}): S3 does not answer"
            )

    with pytest.raises(RegionNotAnsweringError, match="eu-central-1"):
        refuse_changed_states(SETTINGS, Lost(tmp_path), [planned(CENTRAL, "", 0)])


@pytest.mark.usefixtures("lent")
def test_a_plan_records_its_state_and_what_was_left_partially_applied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With Terraform itself: first on nothing, then on the deployed state."""
    monkeypatch.chdir(tmp_path)
    world = WaveWorld(tmp_path)

    def stack(plans: Path) -> PlannedStack:
        made = PlanManifest.read(plans)
        assert made
        (only,) = made.stacks
        return only

    first = world.plan(1)
    assert stack(first).state == StateVersion("", 0)
    objects = SandboxObjects(world.sandbox)
    refuse_changed_states(SETTINGS, objects, [stack(first)])
    world.apply(first)
    empty = stack(world.plan(1))
    assert empty.state
    assert empty.state.serial == 1
    refuse_changed_states(SETTINGS, objects, [empty])
    assert not empty.was_left
    objects.write(lease_location(SETTINGS, CENTRAL), Lease.now().abandoned.to_json())
    assert stack(world.plan(3)).was_left


@pytest.mark.parametrize("is_left", [True, False])
def test_a_region_that_is_not_whole_is_not_taken_for_unchanged(
    objects: SandboxObjects, is_left: bool
) -> None:
    """An apply that failed early has left its lease, and the state as it was."""
    stands(objects, CENTRAL, LINEAGE, 3)
    lease = Lease.now().abandoned if is_left else Lease.now()
    objects.write(lease_location(SETTINGS, CENTRAL), lease.to_json())
    with pytest.raises(StateChangedError, match="is being changed, or was left partially applied"):
        refuse_changed_states(SETTINGS, objects, [planned(CENTRAL, LINEAGE, 3)])
