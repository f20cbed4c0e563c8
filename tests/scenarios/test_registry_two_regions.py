"""Two regions whose registries are changed at once, cut off from each other, slow, and poisoned.

On moto: the functions of both regions run as Lambda loads them, and the test carries rows and
messages. That AWS's own replication and its own limits are as assumed is not shown here.
"""

import random
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from functions.registry.access.documents import LARGEST
from tests.functions.authority import Authority
from tests.functions.registry.devices import policy_document
from tests.functions.registry.rows import CENTRAL, WEST
from tests.support.registry_fleet import KINDS, QUARTER, Change, World, fleet
from tests.support.registry_owners import IN_ONE

DEVICES = 40
"""A thousand would take a quarter of an hour: moto answers some 300 calls a second."""
_THROTTLED_TURNS = 6


CHANGES = st.builds(
    Change,
    region=st.integers(0, 1),
    what=st.sampled_from(KINDS),
    device=st.integers(0, 1),
    value=st.integers(0, 5),
)

MADE = {
    *("AddThingToThingGroup", "AttachPolicy", "AttachThingPrincipal", "CreatePolicy"),
    *("CreatePolicyVersion", "CreateThing", "CreateThingGroup", "CreateThingType"),
    *("DeleteCertificate", "DeletePolicy", "DeleteThing", "DeleteThingGroup"),
    *("DeleteThingShadow", "DeleteThingType", "DetachPolicy", "DetachThingPrincipal"),
    *("RemoveThingFromThingGroup", "UpdateCertificate", "UpdateThing", "UpdateThingGroup"),
    "UpdateThingShadow",
}
"""What AWS must have been asked for, else nothing was tried."""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@settings(
    max_examples=2,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    together=st.lists(CHANGES, min_size=5, max_size=15),
    apart=st.lists(CHANGES, min_size=10, max_size=20),
)
def test_whatever_is_changed_together_and_apart_ends_equal(
    authority: Authority, together: list[Change], apart: list[Change]
) -> None:
    with fleet(authority, QUARTER) as world:
        world.do(together)
        world.pair.settle()
        world.pair.parted = True
        world.do(apart)
        decided = world.decided()
        world.pair.parted = False
        world.settle()
        assert world.decided() == decided
        assert world.diff().differences == []
        assert world.parked() == set()
        before = [side.rows() for side in world.pair.sides]
        world.settle()
        assert [side.rows() for side in world.pair.sides] == before, "what was copied is no change"


@pytest.fixture
def world(authority: Authority) -> Iterator[World]:
    """A fleet of DEVICES."""
    with fleet(authority, DEVICES) as made:
        yield made


def poison(world: World) -> set[str]:
    """Make in the west what no other region can hold, and let a message come that says nothing."""
    name, region = "too-long", len(CENTRAL) - len(WEST)
    document, clients = "", 0
    while len(document) + clients * region <= LARGEST:
        clients += 1
        document = policy_document(WEST, *("c" * 40 for _ in range(clients))).replace(" ", "")
    assert len(document) <= LARGEST < len(document) + clients * region
    world.pair.west.iot.create_policy(policyName=name, policyDocument=document)
    world.pair.central.put("capture", "no JSON")
    return {f"policy/{name}"}


def drawn(numbers: random.Random, count: int) -> list[Change]:
    """Draw changes, and of each kind that deletes what it has made before two in a row."""
    changes = [
        Change(numbers.randrange(2), what, numbers.randrange(DEVICES // 2), numbers.randrange(6))
        for what in numbers.choices(KINDS, k=count)
    ]
    twice = [
        Change(region, what, 2 * number, value)
        for number, what in enumerate(sorted(IN_ONE))
        for region in (0, 1)
        for value in (1, 2)
    ]
    return [*twice, *changes]


def test_a_fleet_ends_equal_but_for_poison_after_throttling_and_a_partition(world: World) -> None:
    numbers = random.Random(21)  # noqa: S311 - the same each time, and no secret
    bad = poison(world)
    world.calls[1].throttled = True
    world.do(drawn(numbers, DEVICES), carries=False)
    for _ in range(_THROTTLED_TURNS):
        world.pair.turn()
    assert world.calls[1].refused > DEVICES
    world.calls[1].throttled = False
    world.pair.settle()
    world.pair.parted = True
    world.do(drawn(numbers, DEVICES))
    assert world.diff().differences
    decided = world.decided()
    world.pair.parted = False
    world.settle()

    assert world.decided() == decided
    assert {each.key for each in world.diff().differences} == world.parked() == bad
    west, central = world.pair.sides
    assert west.aws.messages("parked") == []
    told = {each.get("entity", each["reason"]) for each in central.aws.messages("parked")}
    assert told == {*bad, "the message is no JSON: JSONDecodeError"}
    assert {name for calls in world.calls for name in calls.worked} >= MADE
