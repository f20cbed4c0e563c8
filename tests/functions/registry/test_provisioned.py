"""What AWS provisions in one region comes over, though only the thing's event reports it."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from functions.registry.entity import Entity, Kind
from functions.registry.state import State
from tests.functions.registry.regions import World


@dataclass(frozen=True)
class Provisioned:
    """A thing that AWS makes in a region, with a certificate and its policies."""

    region: int
    number: int
    policies: list[str]
    known: bool
    drained: bool


provisioned = st.builds(
    Provisioned,
    region=st.integers(0, 2),
    number=st.integers(0, 3),
    policies=st.lists(st.sampled_from("pq"), max_size=2, unique=True),
    known=st.booleans(),
    drained=st.booleans(),
)


def provision(world: World, device: Provisioned) -> None:
    """Make all that belongs to a thing, which only its own event reports."""
    region = world.regions[device.region % len(world.regions)]
    identity = f"{world.regions.index(region)}{device.number}" + "0" * 62
    made: dict[Entity, State] = {
        **{Entity(Kind.POLICY, name): {"default": name, "others": []} for name in device.policies},
        Entity(Kind.CERTIFICATE, identity): {"status": "ACTIVE", "policies": device.policies},
    }
    for entity, state in made.items():
        region.core.set(entity, state)
        if device.known:
            region.capture(entity)
    name = f"sensor-{region.name}-{device.number}"
    region.change(Entity(Kind.THING, name), {"principals": [identity]})


@given(count=st.integers(2, 3), history=st.lists(provisioned, min_size=1, max_size=6))
def test_what_aws_provisions_comes_over_by_the_thing_s_event_alone(
    count: int, history: list[Provisioned]
) -> None:
    world = World(count)
    once = {(each.region % count, each.number): each for each in history}
    for entity_state in once.values():
        provision(world, entity_state)
        if entity_state.drained:
            world.drain()
    world.drain()
    first, *others = [region.core.states for region in world.regions]
    assert all(other == first for other in others)
    assert sum(entity.kind is Kind.CERTIFICATE for entity in first) == len(once)
