"""How long the rows of what was deleted stay, and what rows of a region that is gone may do."""

from functions.registry.state import State
from tests.functions.registry.regions import CERTIFICATE, World

ACTIVE: State = {"pem": "PEM", "status": "ACTIVE", "policies": ["p"]}
DAYS = 91 * 86_400_000


def later(world: World) -> None:
    """Let 91 days go by, and compare everything."""
    world.time += DAYS
    for region in world.regions:
        region.table.expire(world.time)
    for region in world.regions:
        region.reconcile()


def held_everywhere(count: int) -> World:
    world = World(count)
    world.regions[0].change(CERTIFICATE, ACTIVE)
    world.settle()
    return world


def test_rows_of_what_no_region_has_any_more_go_together() -> None:
    world = held_everywhere(3)
    world.regions[0].change(CERTIFICATE, None)
    world.settle()
    for region in world.regions:
        assert [row.expires for row in region.table.rows(CERTIFICATE)] == [True] * 3
    later(world)
    assert [len(region.table.items) for region in world.regions] == [0, 0, 0]
    assert world.states(CERTIFICATE) == [None, None, None]


def test_what_was_deleted_stays_so_whatever_a_region_that_is_gone_had() -> None:
    world = held_everywhere(3)
    world.regions.pop()
    world.regions[0].change(CERTIFICATE, None)
    world.settle()
    later(world)
    world.settle()
    assert world.states(CERTIFICATE) == [None, None]
    for region in world.regions:
        assert not any(row.expires for row in region.table.rows(CERTIFICATE))


def test_rows_of_regions_that_are_not_the_environment_s_decide_nothing() -> None:
    world = held_everywhere(3)
    *staying, leaving = world.regions
    for region in staying:
        region.table.regions = tuple(each.name for each in staying)
    leaving.change(CERTIFICATE, None)
    world.settle()
    assert [region.core.states.get(CERTIFICATE) for region in staying] == [ACTIVE, ACTIVE]
    for region in staying:
        region.reconcile()
    assert all(not region.to_apply for region in staying)


def test_a_row_that_was_to_go_stays_when_the_entity_is_made_again() -> None:
    world = held_everywhere(2)
    world.regions[0].change(CERTIFICATE, None)
    world.settle()
    world.regions[1].change(CERTIFICATE, ACTIVE)
    world.settle()
    later(world)
    world.settle()
    assert world.states(CERTIFICATE) == [ACTIVE, ACTIVE]
    assert not any(row.expires for row in world.regions[0].table.rows(CERTIFICATE))
