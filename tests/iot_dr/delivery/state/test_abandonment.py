"""A region that is gone for good leaves the global states, and what it had is recorded."""

import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

import pytest

from iot_dr.delivery.deployed_regions import deployed_regions
from iot_dr.delivery.session import Session
from iot_dr.delivery.state.abandonment import Abandonment, AbandonmentError, abandonment
from iot_dr.delivery.state.objects import SandboxObjects
from iot_dr.observe.state.abandoned import AbandonedRecordError
from iot_dr.observe.state.store import Store, StoredObject, UnreachableError
from iot_dr.terraform.stack_document import StackDocument
from iot_dr.terraform_json.state_file import StateFileError
from stacks.state_location import StateLocation
from tests.iot_dr.observe.state.world import World
from tests.support.relay import lose_bucket
from tests.support.settings import REGIONS, settings
from tests.support.state_files import state_file, state_resource

WEST, CENTRAL, NORTH, EAST = REGIONS[:4]
LEFT = settings(regions=[WEST, CENTRAL])
STATE, ENTRY_POINT = "iot-dev-state", "iot-dev-entry-point"


def resource(address: str, region: str, **more: Any) -> dict[str, Any]:
    _, name = address.split(".")
    return {**state_resource(address, region, id=f"id-of-{name}"), **more}


@dataclass
class Terraforms:
    """A session whose Terraform only notes what it would remove."""

    declared: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    aliases: tuple[str, ...] = ()
    removed: list[tuple[str, tuple[str, ...]]] = field(
        default_factory=list[tuple[str, tuple[str, ...]]]
    )
    stack: str = ""

    def document(self, stack: str) -> StackDocument:
        providers = {"aws": [{"alias": alias} for alias in self.aliases]}
        return StackDocument({"resource": self.declared.get(stack, {}), "provider": providers})

    @contextmanager
    def initialized(self, stack: str) -> Generator["Terraforms"]:
        self.stack = stack
        yield self

    def forget(self, *addresses: str) -> None:
        self.removed.append((self.stack, addresses))


@pytest.fixture
def terraforms() -> Terraforms:
    return Terraforms()


def put(
    world: World,
    stack: str,
    *resources: dict[str, Any],
    leaving: tuple[str, ...] = (),
    serial: int = 3,
) -> None:
    content = state_file(*resources, outputs={"leaving_regions": leaving}, serial=serial)
    world.put(WEST, f"{stack}.tfstate", content)


def abandoned(world: World, terraforms: Terraforms, region: str = NORTH) -> Abandonment:
    return abandonment(LEFT, region, cast("Session", terraforms), world.store)


def recorded(world: World, region: str) -> dict[str, dict[str, Any]]:
    """Return what the record in a region's bucket has, by abandoned region."""
    content = json.loads(world.path(region, "abandoned.json").read_bytes())
    return {entry["region"]: entry["resources"] for entry in content["regions"]}


@pytest.fixture
def lost(world: World) -> World:
    put(
        world,
        STATE,
        resource("aws_s3_bucket.state_eu_west_1", WEST),
        resource("aws_s3_bucket.state_eu_north_1", NORTH),
    )
    put(
        world,
        ENTRY_POINT,
        resource("aws_lambda_function.watcher", NORTH),
        resource("aws_route53_zone.kept", NORTH),
        resource("aws_iam_role.other", NORTH, module="module.own"),
        resource("aws_caller_identity.me", NORTH, mode="data"),
    )
    world.lose(NORTH)
    return world


def test_what_has_the_provider_of_the_region_and_is_not_declared_is_removed(
    lost: World, terraforms: Terraforms
) -> None:
    # Declared with another provider: the stack has a new home.
    terraforms.declared[ENTRY_POINT] = {"aws_route53_zone": {"kept": {}}}
    intended = abandoned(lost, terraforms)
    assert intended.resources == {
        STATE: {"aws_s3_bucket.state_eu_north_1": "id-of-state_eu_north_1"},
        ENTRY_POINT: {
            "aws_lambda_function.watcher": "id-of-watcher",
            "module.own.aws_iam_role.other": "id-of-other",
            "data.aws_caller_identity.me": "id-of-me",
        },
    }
    assert terraforms.removed == []
    assert "abandoned.json" not in lost.objects(WEST)


def test_what_the_entry_point_can_still_destroy_in_route_53s_region_is_not_forgotten(
    lost: World, terraforms: Terraforms
) -> None:
    """Records that nobody owns would keep a region from being added again."""
    put(
        lost,
        ENTRY_POINT,
        resource("aws_route53_record.failover_2_primary", NORTH),
        resource("aws_route53_health_check.tcp_eu_north_1", NORTH),
        resource("aws_cloudwatch_metric_alarm.tcp_eu_north_1", NORTH),
    )
    terraforms.aliases = (NORTH.replace("-", "_"),)
    assert abandoned(lost, terraforms).resources[ENTRY_POINT] == {
        "aws_cloudwatch_metric_alarm.tcp_eu_north_1": "id-of-tcp_eu_north_1"
    }


def test_it_is_recorded_in_every_bucket_before_it_is_removed(
    lost: World, terraforms: Terraforms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODEBUILD_BUILD_ID", "repair:1")
    abandoned(lost, terraforms).carry_out(cast("Session", terraforms), lost.store)
    for region in (WEST, CENTRAL):
        (entry,) = json.loads(lost.path(region, "abandoned.json").read_bytes())["regions"]
        assert (entry["region"], entry["who"]) == (NORTH, "repair:1")
        assert entry["resources"][STATE] == {
            "aws_s3_bucket.state_eu_north_1": "id-of-state_eu_north_1"
        }
    assert [stack for stack, _ in terraforms.removed] == [STATE, ENTRY_POINT]


def test_a_repeated_run_keeps_what_the_first_one_recorded(
    lost: World, terraforms: Terraforms
) -> None:
    abandoned(lost, terraforms).carry_out(cast("Session", terraforms), lost.store)
    put(lost, STATE)
    put(lost, ENTRY_POINT, resource("aws_lambda_function.watcher", NORTH))
    again = abandoned(lost, terraforms)
    assert again.resources == {ENTRY_POINT: {"aws_lambda_function.watcher": "id-of-watcher"}}
    again.carry_out(cast("Session", terraforms), lost.store)
    (entry,) = json.loads(lost.path(WEST, "abandoned.json").read_bytes())["regions"]
    assert entry["resources"].keys() == {STATE, ENTRY_POINT}
    assert len(entry["resources"][ENTRY_POINT]) == 4


@dataclass
class Overtaken:
    """The buckets of a run; another run takes place before each of its first writes."""

    store: Store
    others: list[Callable[[], object]]

    def read(self, location: StateLocation) -> StoredObject | None:
        return self.store.read(location)

    def write_if_unchanged(
        self, location: StateLocation, tag: str | None, content: bytes
    ) -> str | None:
        if self.others:
            self.others.pop(0)()
        return self.store.write_if_unchanged(location, tag, content)


def carry_out(intended: Abandonment, terraforms: Terraforms, store: object) -> None:
    intended.carry_out(cast("Session", terraforms), cast("Store", store))


@pytest.mark.parametrize("earlier", [True, False], ids=["a record exists", "no record exists"])
def test_of_two_runs_at_the_same_time_neither_loses_what_the_other_recorded(
    lost: World, terraforms: Terraforms, earlier: bool
) -> None:
    if earlier:
        carry_out(abandoned(lost, terraforms, "eu-west-3"), terraforms, lost.store)
    first, second, third = (
        abandoned(lost, terraforms, each) for each in (NORTH, EAST, "eu-west-2")
    )
    others: list[Callable[[], object]] = [lambda: carry_out(second, terraforms, lost.store)]
    # The third comes when the first writes the record in the other bucket.
    others += [lambda: None, lambda: carry_out(third, terraforms, lost.store)]
    carry_out(first, terraforms, Overtaken(lost.store, others))
    former = {"eu-west-3"} if earlier else set[str]()
    assert recorded(lost, WEST).keys() == recorded(lost, CENTRAL).keys()
    assert recorded(lost, WEST).keys() == {NORTH, EAST, "eu-west-2"} | former
    assert recorded(lost, CENTRAL)[NORTH] == first.resources


def test_two_runs_for_one_region_keep_what_either_found(
    lost: World, terraforms: Terraforms
) -> None:
    first = abandoned(lost, terraforms)
    put(lost, STATE, resource("aws_s3_bucket_policy.state_eu_north_1", NORTH))
    second = abandoned(lost, terraforms)
    others: list[Callable[[], object]] = [lambda: carry_out(second, terraforms, lost.store)]
    carry_out(first, terraforms, Overtaken(lost.store, others))
    for region in (WEST, CENTRAL):
        assert recorded(lost, region)[NORTH][STATE].keys() == {
            "aws_s3_bucket.state_eu_north_1",
            "aws_s3_bucket_policy.state_eu_north_1",
        }


def test_a_run_that_is_overtaken_again_and_again_removes_nothing(
    lost: World, terraforms: Terraforms
) -> None:
    intended = abandoned(lost, terraforms)

    def write(number: int) -> None:
        content = f'{{"regions": [], "run": {number}}}'
        lost.store.write(intended.places[0], content.encode())

    others: list[Callable[[], object]] = [partial(write, number) for number in range(100)]
    with pytest.raises(AbandonmentError, match=r"abandoned\.json: another run writes it.*removed"):
        carry_out(intended, terraforms, Overtaken(lost.store, others))
    assert terraforms.removed == []


def test_a_copy_region_that_is_silent_is_named(lost: World, terraforms: Terraforms) -> None:
    intended = abandoned(lost, terraforms)
    lost.lose(CENTRAL)
    missed = intended.carry_out(cast("Session", terraforms), lost.store)
    assert [place.region for place in missed] == [CENTRAL]
    assert terraforms.removed


def test_a_region_that_answers_is_refused(world: World, terraforms: Terraforms) -> None:
    with pytest.raises(AbandonmentError, match=f"-{NORTH} .{NORTH}. answers"):
        abandoned(world, terraforms)


def test_without_home_nothing_is_removed(lost: World, terraforms: Terraforms) -> None:
    lost.lose(WEST)
    with pytest.raises(UnreachableError, match="example-iot-dev-eu-west-1"):
        abandoned(lost, terraforms)


@pytest.mark.parametrize("content", [b"", b"[]", b'{"resources": [{}]}'])
def test_a_damaged_state_is_refused(lost: World, terraforms: Terraforms, content: bytes) -> None:
    lost.put(WEST, f"{STATE}.tfstate", content)
    with pytest.raises(StateFileError, match=f"{STATE}.tfstate: is not a Terraform state"):
        abandoned(lost, terraforms)


def test_a_damaged_record_is_refused(lost: World, terraforms: Terraforms) -> None:
    lost.put(WEST, "abandoned.json", b"{}")
    with pytest.raises(AbandonedRecordError, match=r"abandoned\.json: is not a readable record"):
        abandoned(lost, terraforms)


def test_a_region_that_was_leaving_is_not_waited_for_once_it_is_abandoned(
    lost: World, terraforms: Terraforms
) -> None:
    put(lost, STATE, leaving=(NORTH,))
    read = SandboxObjects(lost.folder).read
    assert deployed_regions(LEFT, read).leaving == (NORTH,)
    abandoned(lost, terraforms).carry_out(cast("Session", terraforms), lost.store)
    assert deployed_regions(LEFT, read).leaving == ()
    # Terraform writes the state once more when it removes resources.
    put(lost, STATE, leaving=(NORTH,), serial=4)
    assert deployed_regions(LEFT, read).leaving == ()
    # Added again, and leaving again: the record is of its former life.
    put(lost, STATE, leaving=(NORTH,), serial=20)
    assert deployed_regions(LEFT, read).leaving == (NORTH,)


def test_a_region_is_left_when_none_of_its_states_has_a_resource(
    lost: World,
) -> None:
    put(lost, STATE, leaving=(CENTRAL,))
    alone = settings(regions=[WEST, NORTH])
    read = SandboxObjects(lost.folder).read
    lost.state(CENTRAL, f"iot-dev-iot-{CENTRAL}", 4)
    assert deployed_regions(alone, read).leaving == ()
    # A damaged state may have some.
    for content in (state_file(resource("aws_sns_topic.alarms", CENTRAL)), b"{"):
        lost.put(CENTRAL, f"iot-dev-iot-{CENTRAL}.tfstate", content)
        assert deployed_regions(alone, read).leaving == (CENTRAL,)
    lose_bucket(lost.folder, lost.settings.state_bucket(CENTRAL))
    assert deployed_regions(alone, read).leaving == (CENTRAL,)
