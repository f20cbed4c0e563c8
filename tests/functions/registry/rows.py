"""Rows as a test needs them."""

from dataclasses import replace
from typing import Any

from functions.registry.entity import Entity
from functions.registry.row import Row
from functions.registry.stamp import HybridStamp
from functions.registry.state import State, hash_of

WEST, CENTRAL, EAST = "eu-west-1", "eu-central-1", "us-east-1"


def stamp(text: str) -> HybridStamp:
    """Read a stamp such as `10@eu-west-1`."""
    at, region = text.split("@")
    return HybridStamp(int(at), 0, region)


def row(entity: Entity, region: str, state: State | None, at: str, *seen: str, **more: Any) -> Row:
    """Return the row of a region with a stamp, and with what it has seen besides."""
    known = [stamp(at), *map(stamp, seen)]
    made = Row(
        entity=entity,
        region=region,
        state=state,
        hash=hash_of(state),
        stamp=stamp(at),
        seen={each.region: each for each in sorted(known)},
        held_at=stamp(at).milliseconds,
        revision=1,
    )
    return replace(made, **more)
