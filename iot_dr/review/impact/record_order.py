"""What a device name leads to while an apply has changed only some of its records."""

from collections.abc import Iterator
from typing import Final

from iot_dr.review.impact.device_dependencies import DeviceDependencies, RecordPair
from iot_dr.route53.apply_order import apply_points

# Five regions have eight records that a change of primary changes. Without an order between them
# the number of points doubles with each record.
_MAX_CHANGED: Final = 10


def regions_alone(name: str, dependencies: DeviceDependencies) -> tuple[str, ...]:
    """Return the regions to which all records of a name may lead at one point of the apply.

    Empty also if so many records change that not every point can be tried.
    """
    pairs = tuple(_pairs(name, dependencies))
    order = {pair.resource.address: pair.resource.depends_on for pair in pairs}
    leads = {pair.resource.address: _regions(pair, dependencies) for pair in pairs}
    changed = [address for address, (before, after) in leads.items() if before != after]
    if len(changed) > _MAX_CHANGED:
        return ()
    reached = (
        {region for address, sides in leads.items() for region in sides[address in done]}
        for done in apply_points(changed, order)
        if 0 < len(done) < len(changed)
    )
    return tuple(sorted({min(regions) for regions in reached if len(regions) == 1}))


def _pairs(name: str, dependencies: DeviceDependencies) -> Iterator[RecordPair]:
    """Yield the records of a name, and of the nested names that it has before or after."""
    names, pending = set[str](), [name]
    while pending:
        if (name := pending.pop()) not in names:
            names.add(name)
            for pair in dependencies.pairs_of(name):
                yield pair
                pending += [
                    side.target for side in (pair.before, pair.after) if side and side.is_alias
                ]


def _regions(
    pair: RecordPair, dependencies: DeviceDependencies
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the regions that a record itself leads to before and after, none for an alias."""
    before, after = (
        () if record is None or record.is_alias else side.regions(record.target)
        for record, side in ((pair.before, dependencies.before), (pair.after, dependencies.after))
    )
    return before, after
