"""Two regions whose registries change at once, cut off from each other, slow, and poisoned.

On moto: the functions of both regions run as Lambda loads them, boto3 serialises and parses each
call, and the test transfers rows and messages. moto answers in the same process and not over HTTP.
This does not verify the assumptions about AWS's own replication and limits.
"""

import logging
import os

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from functions.registry.access.policies import MAX_CHARACTERS
from tests.functions.authority import Authority
from tests.functions.registry.devices import policy_document
from tests.functions.registry.rows import CENTRAL, WEST
from tests.scenarios.support.registry_fleet import KINDS, QUARTER, Change, World, fleet
from tests.scenarios.support.registry_owners import IN_ONE
from tests.scenarios.support.registry_users import IN_BOTH
from tests.support.examples import examples

# With fewer, some kinds of change would have no device of their own.
_LEAST = 16


def _devices() -> int:
    given = os.environ.get("DEVICES", str(_LEAST))
    if not given.isdecimal() or int(given) < _LEAST or int(given) % QUARTER:
        expected = f"expected a whole number from {_LEAST} on that {QUARTER} divides"
        pytest.exit(f"DEVICES={given!r}: {expected}", returncode=2)
    return int(given)


DEVICES = _devices()
"""Also the number of changes drawn for each phase; `make test-all` has 200."""
_THROTTLED_TURNS = 6
_VALUES = 6
_LOG = logging.getLogger(__name__)


MADE = {
    *("AddThingToThingGroup", "AttachPolicy", "AttachThingPrincipal", "CreatePolicy"),
    *("CreatePolicyVersion", "CreateThing", "CreateThingGroup", "CreateThingType"),
    *("DeleteCertificate", "DeletePolicy", "DeleteThing", "DeleteThingGroup"),
    *("DeleteThingShadow", "DeleteThingType", "DetachPolicy", "DetachThingPrincipal"),
    *("RemoveThingFromThingGroup", "UpdateCertificate", "UpdateThing", "UpdateThingGroup"),
    "UpdateThingShadow",
}
"""AWS calls that must have occurred for the test to be meaningful."""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def changes(devices: int, least: int, most: int) -> st.SearchStrategy[list[Change]]:
    """Draw changes; each is one number, as hypothesis draws at most some thousands at once."""

    def change(number: int) -> Change:
        rest, region = divmod(number, 2)
        rest, value = divmod(rest, _VALUES)
        device, what = divmod(rest, len(KINDS))
        return Change(region, KINDS[what], device, value)

    numbers = st.integers(0, devices // 2 * len(KINDS) * _VALUES * 2 - 1)
    return st.lists(numbers.map(change), min_size=least, max_size=most)


def are_varied(some: list[Change]) -> bool:
    """Whether the draw is more than one repeated change, its simplest value."""
    return len(set(some)) > 1


@pytest.mark.parametrize(
    ("together", "apart"),
    [
        ([Change(0, "move", 0, 2)], [Change(0, "move", 0, 0), Change(0, "retire", 0, 1)]),
        pytest.param(
            [],
            [Change(0, "describe", 1, 0), Change(1, "allow", 1, 1)],
            marks=pytest.mark.exhaustive,
        ),
    ],
)
def test_a_few_changes_together_and_apart_end_equal(
    authority: Authority, together: list[Change], apart: list[Change]
) -> None:
    part_and_meet(authority, together, apart)


@pytest.mark.exhaustive
@settings(
    max_examples=examples(1),
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(together=changes(QUARTER, 5, 15), apart=changes(QUARTER, 10, 20))
def test_whatever_is_changed_together_and_apart_ends_equal(
    authority: Authority, together: list[Change], apart: list[Change]
) -> None:
    part_and_meet(authority, together, apart)


def part_and_meet(authority: Authority, together: list[Change], apart: list[Change]) -> None:
    """Change the regions while connected, then apart; fail unless they end equal and idle."""
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
        assert world.dead_letters() == set()
        before = [side.rows() for side in world.pair.sides]
        world.settle()
        assert [side.rows() for side in world.pair.sides] == before, (
            "what was copied is not a change"
        )


def poison(world: World) -> set[str]:
    """Create what no other region accepts in the west, and send a message without content."""
    name, region = "too-long", len(CENTRAL) - len(WEST)
    document, clients = "", 0
    while len(document) + clients * region <= MAX_CHARACTERS:
        clients += 1
        document = policy_document(WEST, *("c" * 40 for _ in range(clients))).replace(" ", "")
    assert len(document) <= MAX_CHARACTERS < len(document) + clients * region
    world.pair.west.iot.create_policy(policyName=name, policyDocument=document)
    world.pair.central.put("capture", "no JSON")
    return {f"policy/{name}"}


def every_kind(value: int) -> list[Change]:
    """Return each kind in each region, so that no draw lacks one.

    Actions that delete their earlier result come twice in a row. An even value deletes what an odd
    one creates; each region has devices of its own for it.
    """
    in_one = [
        Change(region, what, 2 * number, attempt)
        for number, what in enumerate(sorted(IN_ONE))
        for region in (0, 1)
        for attempt in (1, 2)
    ]
    in_both = [
        Change(region, what, (2 * number + region) % (DEVICES // 2), value)
        for number, what in enumerate(sorted(IN_BOTH))
        for region in (0, 1)
    ]
    return [*in_one, *in_both]


_PHASE = changes(DEVICES, DEVICES, DEVICES).filter(are_varied)


@pytest.mark.exhaustive
@settings(
    max_examples=1,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
)
@given(slow=_PHASE, apart=_PHASE)
def test_a_fleet_ends_equal_except_for_poison_after_throttling_and_a_partition(
    authority: Authority, slow: list[Change], apart: list[Change]
) -> None:
    with fleet(authority, DEVICES) as world:
        bad = poison(world)
        world.calls[1].throttled = True
        world.do([*every_kind(2), *slow], carries=False)
        for _ in range(_THROTTLED_TURNS):
            world.pair.carry()
        assert world.calls[1].refused > DEVICES
        world.calls[1].throttled = False
        world.pair.settle()
        _LOG.info("the regions are parted")
        world.pair.parted = True
        world.do([*every_kind(1), *apart])
        assert world.is_apart()
        decided = world.decided()
        world.pair.parted = False
        _LOG.info("the regions are together again")
        world.settle()
        refuse_all_but(world, bad)
        assert world.decided() == decided
        assert {name for calls in world.calls for name in calls.worked} >= MADE


def refuse_all_but(world: World, bad: set[str]) -> None:
    """Fail unless the regions are equal except for poisoned, dead-lettered entities."""
    assert {each.key for each in world.diff().differences} == world.dead_letters() == bad
    west, central = world.pair.sides
    assert west.aws.messages("dead-letters") == []
    results = {each.get("entity", each["reason"]) for each in central.aws.messages("dead-letters")}
    assert results == {*bad, "the message is not JSON: JSONDecodeError"}
