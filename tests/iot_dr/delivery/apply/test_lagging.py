"""The warning about an outdated standby before the serving region is changed."""

from pathlib import Path

import pytest

from iot_dr.delivery.apply.application import lagging_standbys
from iot_dr.delivery.state.objects import RegionNotAnsweringError, SandboxObjects
from iot_dr.terraform.stack_document import StackDocument
from stacks.platform_graph import platform_graph
from stacks.state_location import StateLocation, state_location
from tests.support.settings import settings
from tests.support.state_files import state_file, state_resource

WEST, CENTRAL = "iot-dev-iot-eu-west-1", "iot-dev-iot-eu-central-1"
DOCUMENT = StackDocument({"resource": {"aws_iot_policy": {"devices": {}, "more": {}}}})


class World:
    def __init__(self, folder: Path) -> None:
        self.objects = SandboxObjects(folder)

    def applied(self, *names: str) -> None:
        (node,) = (each for each in platform_graph(settings()).nodes if each.name == CENTRAL)
        state = state_file(*(state_resource(f"aws_iot_policy.{name}") for name in names))
        self.objects.write(state_location(settings(), node), state)

    def messages(self, *names: str) -> list[str]:
        return list(lagging_standbys(settings(), names, self.objects, lambda _name: DOCUMENT))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_standby_that_was_never_applied_is_named_with_its_wave(world: World) -> None:
    (messages,) = world.messages(WEST)
    assert messages == (
        f"{CENTRAL} (eu-central-1, standby) has never been applied, and {WEST} is changed before"
        " it: wave 3 goes first"
    )


def test_a_standby_without_what_this_code_has_is_named_with_it(world: World) -> None:
    world.applied("devices")
    (messages,) = world.messages(WEST)
    assert messages.startswith(f"{CENTRAL} (eu-central-1, standby) lacks aws_iot_policy.more, and")
    world.applied("devices", "more", "old")
    assert world.messages(WEST) == []


def test_other_stacks_and_a_standby_that_changes_too_cause_no_warning(world: World) -> None:
    assert world.messages(CENTRAL, "iot-dev-entry-point") == []
    assert world.messages(WEST, CENTRAL) == []


def test_a_region_that_does_not_answer_is_skipped(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(_location: StateLocation) -> None:
        raise RegionNotAnsweringError

    monkeypatch.setattr(world.objects, "find", silent)
    assert world.messages(WEST) == []
