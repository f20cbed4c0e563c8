"""All that is set in a value."""

from collections.abc import Iterator

from iot_dr.review.read.side import Side
from iot_dr.terraform_json.json_value import Json, is_mapping, is_sequence

Way = tuple[Json, ...]
"""The steps that lead to a value: keys and indices."""


def leaves(way: Way, side: Side) -> Iterator[tuple[Way, Side]]:
    """Yield what is set, in the order of the paths; what a mask hides whole is one of them."""
    side = side.shaped()
    value, sensitive, unknown = side
    told = unknown if value is None else value
    if sensitive is True or unknown is True:
        if side.is_there:
            yield way, side
    elif is_mapping(told):
        names = sorted(side.names) if unknown else sorted(told)
        for name in names:
            yield from leaves((*way, name), side.inner(name))
    elif is_sequence(told):
        for at in range(side.length):
            yield from leaves((*way, at), side.inner(at))
    elif value is not None:
        yield way, side
