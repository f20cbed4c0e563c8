"""The entry point while some of its records are changed and others are not yet."""

from collections.abc import Iterator, Mapping
from itertools import combinations

from iot_dr.drill.play.references import LinkedStacks
from tests.support.route53 import Leaf, Route53
from tests.support.template import Template

ENTRY_POINT = "iot-dev-entry-point"
_RECORD = "aws_route53_record"

Platform = Mapping[str, Template]


def with_records(platform: Platform, slots: Mapping[str, Platform]) -> dict[str, Template]:
    """Return a platform with each record as the platform that its slot names has it."""
    entry = platform[ENTRY_POINT]
    records = {slot: of[ENTRY_POINT].resources(_RECORD)[slot] for slot, of in slots.items()}
    resources = {**entry.document["resource"], _RECORD: records}
    mixed = Template(entry.name, {**entry.document, "resource": resources})
    return {**platform, ENTRY_POINT: mixed}


def changed_slots(before: Platform, after: Platform) -> tuple[str, ...]:
    """Return the slots whose records differ."""
    old, new = (each[ENTRY_POINT].resources(_RECORD) for each in (before, after))
    return tuple(slot for slot in old if old[slot] != new[slot])


def at(before: Platform, after: Platform, done: frozenset[str]) -> dict[str, Template]:
    """Return the platform at the moment when the records in the slots `done` are changed."""
    slots = before[ENTRY_POINT].resources(_RECORD)
    return with_records(before, {slot: after if slot in done else before for slot in slots})


def order(platform: Platform) -> dict[str, list[str]]:
    """Return the slots that each slot's record depends on."""
    records = platform[ENTRY_POINT].resources(_RECORD)
    return {
        slot: [each.removeprefix(f"{_RECORD}.") for each in record.get("depends_on", [])]
        for slot, record in records.items()
    }


def subsets(slots: tuple[str, ...]) -> Iterator[frozenset[str]]:
    """Return every set of slots: what may be done, whatever the order."""
    for count in range(len(slots) + 1):
        yield from map(frozenset, combinations(slots, count))


def sides(platform: Platform) -> dict[str, dict[str, int]]:
    """Count the PRIMARY and SECONDARY records of each name."""
    return {
        name: {side: len(records) for side, records in pair.items()}
        for name, pair in Route53(dict(platform)).pairs.items()
    }


def led_and_asked(platform: Platform) -> Iterator[tuple[str, str, set[Leaf]]]:
    """The slot of each record that leads to a region, that region, and the leaves it asks."""
    stacks = LinkedStacks(dict(platform))
    for slot, record in platform[ENTRY_POINT].resources(_RECORD).items():
        if "records" in record:
            (value,) = record["records"]
            alone = Route53(with_records(platform, {slot: platform}))
            yield slot, stacks.follow(platform[ENTRY_POINT], value).region, alone.leaves()
