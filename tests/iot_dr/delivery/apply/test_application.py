import json
import shutil
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from iot_dr.cli.outcomes import StackProgress, failures
from iot_dr.common.output_folder import MANIFEST
from iot_dr.delivery.apply.plan_folder import ChangedPlanError, PlanTargetMismatchError
from iot_dr.delivery.planning import PlanListeners, planned
from iot_dr.delivery.rollout.lease import Lease, lease_location
from iot_dr.delivery.state.lock import unlock_command
from iot_dr.delivery.state.objects import SandboxObjects
from iot_dr.generate.waves import UnknownWaveError
from iot_dr.terraform.sandbox.states import states_in
from iot_dr.terraform_json.plan_manifest import ManifestError
from iot_dr.terraform_json.provider_choice import Provider
from stacks.platform_graph import platform_graph
from stacks.state_location import state_location
from tests.iot_dr.delivery.wave_world import Manifest, WaveWorld
from tests.support.settings import settings
from tests.support.state_files import state_file

STATE, ZONE, ENTRY_POINT = "iot-dev-state", "iot-dev-hosted-zone", "iot-dev-entry-point"
WEST, CENTRAL = "iot-dev-iot-eu-west-1", "iot-dev-iot-eu-central-1"

pytestmark = pytest.mark.usefixtures("lent")


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WaveWorld:
    """A place in which nothing stands."""
    monkeypatch.chdir(tmp_path)
    return WaveWorld(tmp_path)


@pytest.fixture(scope="module")
def first_waves(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sandbox of an environment whose first two waves are applied."""
    made = WaveWorld(tmp_path_factory.mktemp("first-waves"))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(made.folder)
        made.bring_up(1, 2)
    return made.sandbox


@pytest.fixture(scope="module")
def first_plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plans of the first wave, made where nothing stands."""
    made = WaveWorld(tmp_path_factory.mktemp("first-plan"))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(made.folder)
        return made.plan(1)


@pytest.fixture
def plans(world: WaveWorld, first_plan: Path) -> Path:
    """A copy of them for a test, which may change it."""
    return shutil.copytree(first_plan, world.folder / "plans")


@pytest.fixture
def begun(world: WaveWorld, first_waves: Path) -> WaveWorld:
    """A place in which the first two waves stand."""
    shutil.copytree(first_waves, world.sandbox)
    return world


def states(world: WaveWorld) -> set[str]:
    return {Path(state.key).stem for state in states_in(world.sandbox)}


@pytest.mark.exhaustive
def test_waves_one_after_another_bring_an_environment_up_and_a_second_plan_is_empty(
    world: WaveWorld,
) -> None:
    assert list(world.apply(world.plan(1))) == [STATE]
    assert list(world.apply(world.plan(2))) == [ZONE]
    assert list(world.apply(world.plan(3), wave=3)) == [CENTRAL]
    assert list(world.apply(world.plan(4))) == [WEST]
    assert list(world.apply(world.plan(5))) == [ENTRY_POINT]
    assert world.apply(world.plan(5)) == {ENTRY_POINT: "applied: nothing to do"}
    assert not list(world.folder.glob(".deploy/**/*.tfplan"))


def test_a_wave_is_planned_on_the_deployed_state_and_waits_for_what_does_not(
    world: WaveWorld,
) -> None:
    world.bring_up(1)
    assert world.apply(world.plan(3)) == {CENTRAL: f"waits for {ZONE}"}
    assert states(world) == {STATE}


def test_a_wave_that_the_environment_does_not_have_is_refused(world: WaveWorld) -> None:
    with pytest.raises(UnknownWaveError, match="--wave 6: there are waves 1 to 5"):
        world.plan(6)


def test_a_plan_whose_state_has_moved_on_is_refused_in_one_sentence(
    world: WaveWorld, plans: Path
) -> None:
    world.apply(plans)
    (message,) = world.apply(plans).values()
    assert message == (
        "failed: nothing is applied, its state has moved on since this plan was made;"
        " plan and review again"
    )


def test_after_a_failure_nothing_more_begins(begun: WaveWorld) -> None:
    standby, both = begun.plan(3), begun.together(3, 4)
    assert list(begun.apply(standby)) == [CENTRAL]
    done = begun.apply(both)
    assert done[CENTRAL].startswith("failed: nothing is applied, its state has moved on")
    assert done[WEST] == f"waits for {CENTRAL}"
    assert WEST not in states(begun)


def test_a_region_left_partially_applied_keeps_the_next_wave_from_the_other_one(
    begun: WaveWorld,
) -> None:
    objects = SandboxObjects(begun.sandbox)
    nodes = {node.name: node for node in platform_graph(settings()).nodes}
    objects.write(lease_location(settings(), nodes[CENTRAL]), Lease.now().abandoned.to_json())
    (message,) = begun.apply(begun.plan(4)).values()
    assert message.startswith(f"failed: nothing is applied: {CENTRAL} was left partially applied")
    assert WEST not in states(begun)
    begun.bring_up(3)
    assert objects.read(lease_location(settings(), nodes[CENTRAL])) is None


def test_a_state_that_somebody_else_has_locked_leaves_no_region_partially_applied(
    begun: WaveWorld,
) -> None:
    begun = replace(begun, lock_wait=timedelta())
    plans, objects = begun.plan(3), SandboxObjects(begun.sandbox)
    (node,) = (each for each in platform_graph(settings()).nodes if each.name == CENTRAL)
    state = state_location(settings(), node)
    lock_file = {"ID": "6b1c", "Who": "somebody", "Created": "2026-01-02T03:04:05Z"}
    lock = replace(state, key=f"{state.key}.tflock")
    objects.write(lock, json.dumps({**lock_file, "Operation": "OperationTypeApply"}).encode())
    (message,) = begun.apply(plans).values()
    assert message == (
        "failed: nothing is applied: its state is locked by somebody, apply since 2026-01-02"
        " 03:04:05 UTC, lock 6b1c"
    )
    assert objects.read(lease_location(settings(), node)) is None
    objects.delete(lock)
    begun.apply(plans)
    assert CENTRAL in states(begun)


def test_a_plan_that_waits_for_a_lock_names_its_owner_and_the_unlock_command(
    begun: WaveWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    request = replace(begun, lock_wait=timedelta()).request(1)
    (node,) = (each for each in platform_graph(settings()).nodes if each.name == STATE)
    state = state_location(settings(), node)
    lock_file = {
        "ID": "6b1c",
        "Who": "me@host",
        "Created": "2026-01-02T03:04:05Z",
        "Operation": "apply",
    }
    place = replace(state, key=f"{state.key}.tflock")
    SandboxObjects(begun.sandbox).write(place, json.dumps(lock_file).encode())
    progress = StackProgress(request.graph.nodes)
    listeners = PlanListeners(on_phase=progress.phase, on_outcome=progress.outcome)
    with progress.shown(), planned(request, listeners) as (session, outcomes, _):
        (message,) = failures(session, outcomes, partial(unlock_command, "dev", "standin"))
    waits, *_ = capsys.readouterr().err.splitlines()
    error, advice = message.splitlines()
    lock = "me@host, apply since 2026-01-02 03:04:05 UTC, lock 6b1c"
    assert waits == f"{STATE}: waits for the lock of {lock}, at most 5 minutes"
    assert error == f"{STATE}: its state is locked by {lock}"
    assert advice.endswith(f": iot-dr state unlock {STATE} --id 6b1c --env dev --provider standin")


def test_a_region_is_not_changed_together_with_the_primary(begun: WaveWorld) -> None:
    begun.bring_up(3)
    serve_from(begun, "eu-west-1")
    turned: dict[str, Any] = {"primary_region": "eu-central-1"}
    both: dict[str, Any] = {**turned, "tags": {"owner": "another"}}
    plans = begun.plan(4, **both)
    (message,) = begun.apply(plans, **both).values()
    assert message.startswith(
        "failed: nothing is applied: primary_region: eu-central-1: devices are"
    )
    (message,) = begun.apply(begun.plan(4, **turned), **turned).values()
    assert message == "applied: nothing to do"
    serve_from(begun, "eu-central-1")
    (message,) = begun.apply(plans, **both).values()
    assert message.startswith("applied: ")


def serve_from(world: WaveWorld, region: str) -> None:
    """Let the entry point's state say that devices are served there."""
    nodes = {node.name: node for node in platform_graph(settings()).nodes}
    state = state_file(outputs={"primary_region": region})
    place = state_location(settings(), nodes[ENTRY_POINT])
    SandboxObjects(world.sandbox).write(place, state)


def test_a_plan_with_outdated_outputs_of_its_upstream_is_refused(
    world: WaveWorld,
) -> None:
    world.bring_up(1)
    before = world.folder / "before"
    shutil.copytree(world.sandbox, before)
    plans = world.plan(2)
    world.apply(plans)
    later = world.plan(3)
    shutil.rmtree(world.sandbox)
    before.rename(world.sandbox)
    done = world.apply(world.put_together(plans, later))
    assert done[ZONE].startswith("applied")
    assert done[CENTRAL] == f"waits for {ZONE}"


def stacks_of(plans: Path) -> list[Manifest]:
    manifests: list[Manifest] = []
    WaveWorld(plans.parent).edit(plans, lambda manifest: manifests.extend(manifest["stacks"]))
    return manifests


@pytest.mark.parametrize("ending", [".tfplan", ".json"])
@pytest.mark.parametrize("is_gone", [False, True], ids=["changed", "gone"])
def test_a_file_that_is_not_what_was_planned_is_refused_before_anything_begins(
    world: WaveWorld, plans: Path, ending: str, is_gone: bool
) -> None:
    file = plans / f"{STATE}{ending}"
    content = file.read_bytes()
    file.unlink()
    if not is_gone:
        file.write_bytes(content + b" ")
    with pytest.raises(ChangedPlanError, match=f"{STATE}{ending}: .*; plan and review again"):
        world.apply(plans)
    assert states(world) == set()


def test_a_plan_that_its_json_does_not_show_is_refused(world: WaveWorld, plans: Path) -> None:
    other = world.plan(1, tags={"owner": "another"})
    shutil.copy(other / f"{STATE}.tfplan", plans)
    (stack,) = stacks_of(other)

    def taken_over(manifest: Manifest) -> None:
        manifest["stacks"][0]["plan_sha256"] = stack["plan_sha256"]

    world.edit(plans, taken_over)
    (message,) = world.apply(plans, tags={"owner": "another"}).values()
    assert message == "failed: its plan file does not hold what its JSON shows"


def test_a_plan_of_other_code_or_settings_than_are_here_is_refused(
    world: WaveWorld, plans: Path
) -> None:
    (message,) = world.apply(plans, tags={"owner": "another"}).values()
    assert message.startswith("failed: code or settings have changed since this plan was made")
    assert states(world) == set()


def test_a_file_other_than_a_plan_is_refused_whatever_the_manifest_says(
    world: WaveWorld, plans: Path
) -> None:
    (plans / f"{STATE}.tfplan").write_bytes(b"")
    nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    world.edit(plans, lambda manifest: manifest["stacks"][0].update(plan_sha256=nothing))
    (message,) = world.apply(plans).values()
    assert message.startswith("failed: its plan file is not of a stack of this platform")


def test_a_plan_of_another_environment_is_refused(world: WaveWorld, plans: Path) -> None:
    world.edit(plans, lambda manifest: manifest.update(environment="prod"))
    with pytest.raises(PlanTargetMismatchError, match="contains plans of prod; expected dev"):
        world.apply(plans)


def test_a_plan_of_the_stand_in_is_not_for_the_real_provider(world: WaveWorld, plans: Path) -> None:
    with pytest.raises(
        PlanTargetMismatchError, match="made with PROVIDER=standin; expected PROVIDER=aws"
    ):
        world.apply(plans, provider=Provider.AWS)
    world.edit(plans, lambda manifest: manifest.update(provider="aws"))
    with pytest.raises(PlanTargetMismatchError, match="made with PROVIDER=aws"):
        world.apply(plans)


def test_a_plan_of_a_sandbox_that_is_gone_is_refused(world: WaveWorld, plans: Path) -> None:
    world.edit(plans, lambda manifest: manifest.update(wave=None))
    with pytest.raises(PlanTargetMismatchError, match="iot-dr plan --wave N"):
        world.apply(plans)


def test_plans_of_another_wave_are_refused(world: WaveWorld, plans: Path) -> None:
    with pytest.raises(PlanTargetMismatchError, match="contains plans of wave 1; expected wave 2"):
        world.apply(plans, wave=2)


def test_a_stack_that_the_environment_does_not_have_is_refused(
    world: WaveWorld, plans: Path
) -> None:
    world.edit(plans, lambda manifest: manifest["stacks"][0].update(name="iot-dev-other"))
    with pytest.raises(PlanTargetMismatchError, match="does not have: iot-dev-other"):
        world.apply(plans)


def test_where_planning_failed_nothing_is_applied(world: WaveWorld, plans: Path) -> None:
    world.edit(plans, lambda manifest: manifest["stacks"][0].update(status="failed"))
    with pytest.raises(ChangedPlanError, match=f"planning {STATE} failed"):
        world.apply(plans)
    assert states(world) == set()


def test_a_folder_without_plans_is_refused(world: WaveWorld) -> None:
    with pytest.raises(PlanTargetMismatchError, match=r"no manifest\.json here"):
        world.apply(world.folder)
    (world.folder / MANIFEST).write_text("{}", encoding="utf-8")
    with pytest.raises(ManifestError):
        world.apply(world.folder)
