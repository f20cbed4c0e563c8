"""The runbooks on registries that are out of step, and on a region that is back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from environments.loader import load
from functions.registry.apply import Apply
from functions.registry.brake import REASON
from functions.registry.entity import Entity
from functions.registry.stamp import HybridClock
from iot_dr.observe.aws.errors import AwsError
from tests.environments.files import project_with
from tests.scenarios.support.registry_world import RegistryWorld, fleet, registry_world
from tests.support.json_output import document_of
from tests.support.project import Project
from tests.support.runbook import Walk
from tests.support.settings import with_data

STAGING = load("staging", {})
WEST, CENTRAL = STAGING.regions
NORTH = "eu-north-1"


@pytest.fixture
def world() -> Iterator[RegistryWorld]:
    """The regions of staging, without contents."""
    with registry_world(STAGING) as made:
        yield made


@pytest.fixture(scope="module")
def unchanged() -> Iterator[RegistryWorld]:
    """The same, for tests whose results do not affect the next one."""
    with registry_world(STAGING) as made:
        yield made


@pytest.mark.runbook("registry-stuck.md")
def test_dead_lettered_entities_are_found_retried_and_compared(
    walk: Walk, world: RegistryWorld, tmp_path: Path
) -> None:
    fleet(world, WEST, "sensor-1", "sensor-2")
    fleet(world, CENTRAL, "sensor-1")
    world.capture(WEST)
    seed(world)
    world.undo(CENTRAL, "thing/sensor-2", "shadow/sensor-2//desired")
    world.dead_letter(
        CENTRAL, "thing/sensor-2", "thing/sensor-2: not there yet: thing group hall-3"
    )
    walk.step(lambda command: world.status(command, 3), "iot-dr registry status")

    seed(world)
    walk.step(world.sync, "iot-dr registry sync")
    started = [each for each in world.faults.seen if each.service == "lambda"]
    assert {each.region for each in started} == {WEST, CENTRAL}
    assert {each.body for each in started} == {b"{}"}

    world.client("iot", CENTRAL).update_thing(
        thingName="sensor-1", attributePayload={"attributes": {"city": "Ulm"}}
    )
    walk.step(lambda command: world.run(command, 3, tmp_path), "iot-dr registry diff")


@pytest.mark.runbook("deletions-held.md")
def test_deletions_that_are_held_back_are_let_through_or_undone(
    walk: Walk, world: RegistryWorld
) -> None:
    fleet(world, WEST, "sensor-1", "sensor-2")
    world.capture(WEST)
    seed(world)
    keys = [f"shadow/{thing}//desired" for thing in ("sensor-1", "sensor-2")]
    keys += ["thing/sensor-1", "thing/sensor-2"]
    for key in keys:
        world.delete(WEST, key)
        world.dead_letter(CENTRAL, key, REASON)
    walk.step(lambda command: world.run(command, 3), "iot-dr registry deletions")

    walk.step(world.run, "iot-dr registry deletions")
    assert sorted(world.messages(CENTRAL, world.names.retry)) == sorted(keys)
    counted = world.brake(CENTRAL)
    assert int(counted["let_through"]["N"]) > 0

    walk.step(world.run, "iot-dr registry deletions")
    world.replicate()
    things = world.client("iot", WEST)
    assert things.list_things()["things"] == []
    for key in sorted(keys, reverse=True):
        apply = Apply(access=world.access(WEST), table=world.log(WEST), clock=HybridClock(WEST))
        assert apply(Entity.parse(key), "run") is not None
    assert len(things.list_things()["things"]) == 2
    world.replicate()
    assert '"held_back": 0' in world.run("iot-dr registry deletions --env staging --json")


def seed(world: RegistryWorld) -> None:
    """Make the central region equal to the western one, as its functions do."""
    environment = world.settings.environment
    world.run(f"iot-dr registry seed --from {WEST} --to {CENTRAL} --env {environment} --yes")
    world.replicate()


def test_their_json_has_one_shape(world: RegistryWorld) -> None:
    fleet(world, WEST, "sensor-1")
    world.capture(WEST)
    line, printed = "iot-dr registry", dict[str, str]()
    between = f"--from {WEST} --to {CENTRAL} --env staging"
    printed["seed"] = world.run(f"{line} seed {between} --yes --json")
    world.replicate()
    printed["diff"] = world.run(f"{line} diff {WEST} {CENTRAL} --env staging --json")
    printed["status"] = world.status(f"{line} status --env staging --json")
    printed["deletions"] = world.run(f"{line} deletions --env staging --json")
    printed["sync"] = world.sync(f"{line} sync --env staging --json")
    for name, text in printed.items():
        document = document_of(text)
        assert document["command"] == f"registry {name}"
        assert (document["environment"], document["exit_status"]) == ("staging", 0)
    assert document_of(printed["diff"])["result"]["equal"] is True
    assert document_of(printed["sync"])["result"]["not_started"] == {}


@pytest.mark.exhaustive
@pytest.mark.runbook("region-back.md")
def test_a_region_that_was_away_is_seeded_and_compared(
    walk: Walk, world: RegistryWorld, tmp_path: Path
) -> None:
    fleet(world, WEST, "sensor-1", "sensor-2")
    fleet(world, CENTRAL, "sensor-1", "old-1")
    world.capture(WEST)
    walk.step(world.status, "iot-dr registry status")

    walk.step(lambda command: world.run(command, cwd=tmp_path), "iot-dr registry seed")
    world.replicate()
    walk.step(lambda command: world.run(command, 3), "iot-dr registry diff")
    walk.step(world.run, "iot-dr registry seed")
    assert world.run(f"iot-dr registry diff {WEST} {CENTRAL} --env staging")


@pytest.mark.exhaustive
@pytest.mark.runbook("add-region.md", "Seed")
def test_a_new_region_gets_the_entities_of_the_others(walk: Walk, tmp_path: Path) -> None:
    three = with_data(load("dev", {})).model_copy(update={"regions": (WEST, CENTRAL, NORTH)})
    text = yaml.safe_dump(three.model_dump(mode="json"))
    with registry_world(three, project_with(tmp_path / "project", dev=text)) as world:
        fleet(world, WEST, "sensor-1", "sensor-2")
        world.capture(WEST)
        seed(world)
        walk.step(lambda command: world.run(command, cwd=tmp_path), "iot-dr registry seed")
        world.replicate()
        walk.step(world.status, "iot-dr registry status")
        walk.step(world.run, "iot-dr registry diff")


@pytest.mark.parametrize(
    ("command", "status", "message"),
    [
        ("diff eu-west-1 eu-west-1 --env staging", 2, "eu-west-1 is given twice"),
        (
            "diff eu-west-1 eu-centrl-1 --env staging",
            2,
            "is not a region of staging; did you mean 'eu-central",
        ),
        (
            "seed --from eu-west-1 --to eu-central-1 --env staging",
            2,
            "confirmation needs a terminal",
        ),
        ("deletions --restore --env staging", 2, "confirmation needs a terminal"),
        ("deletions --restore --let-through --env staging", 2, "exclude each other"),
        ("sync us-east-1 --env staging", 2, "it has eu-west-1, eu-central-1"),
    ],
)
def test_a_mistake_is_reported_and_nothing_is_changed(
    unchanged: RegistryWorld, command: str, status: int, message: str
) -> None:
    unchanged.faults.seen.clear()
    assert message in unchanged.refused(f"iot-dr registry {command}", status)
    asked = [each.headers.get("X-Amz-Target", "") for each in unchanged.faults.seen]
    assert not any("PutItem" in each for each in asked)


def test_two_regions_are_compared_before_the_data_is_deployed() -> None:
    with registry_world(STAGING) as world:
        fleet(world, WEST, "sensor-1")
        fleet(world, CENTRAL, "sensor-1", "sensor-2")
        for region in STAGING.regions:
            world.client("dynamodb", region).delete_table(TableName=world.names.table)
        result = world.run(f"iot-dr registry diff {WEST} {CENTRAL} --env staging --show", 3)
        assert "thing/sensor-2: only eu-central-1" in result


def test_an_environment_without_data_gets_a_message_how_to_add_it(tmp_path: Path) -> None:
    done = Project.copy(tmp_path / "project").try_here("iot-dr registry status --env dev")
    assert (done.returncode, done.stdout) == (2, "")
    assert "environments/dev.yaml: data: is missing or null" in done.stderr


def test_a_region_that_is_gone_is_reported_by_diff_and_does_not_stop_status(
    unchanged: RegistryWorld,
) -> None:
    unchanged.faults.fail("refuse", CENTRAL)
    try:
        result = unchanged.status("iot-dr registry status --env staging")
        assert f"{CENTRAL} does not answer: " in result
        diff = f"iot-dr registry diff {WEST} {CENTRAL} --env staging"
        assert f"in {CENTRAL}: no answer" in unchanged.refused(diff, AwsError.status)
    finally:
        unchanged.faults.failing.clear()


def test_credentials_of_another_account_decide_nothing_about_deletions() -> None:
    with registry_world(STAGING.model_copy(update={"account_id": "333333333333"})) as world:
        message = world.refused("iot-dr registry deletions --restore --env staging --yes", 1)
        assert "is in account 333333333333" in message
