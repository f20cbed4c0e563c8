"""Which elements of two lists belong together."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Final

from iot_dr.review.read.matcher import matcher
from iot_dr.review.read.side import encoded
from iot_dr.terraform_json.json_value import Json

# Beyond this product of lengths, elements belong together by their index.
_MOST_PAIRS: Final = 250_000

Pair = tuple[int | None, int | None]
"""The indices of an element before and after; None where it is not there."""


def pairs(before: Sequence[Json], after: Sequence[Json]) -> Iterator[Pair]:
    """Yield the elements that differ, each with the one in its place on the other side.

    Terraform does not tell lists and sets apart; in either, equal elements keep their order (a set
    is sorted), so that one that comes or goes leaves the others as they are.
    """
    keys = [[encoded(each) for each in side] for side in (before, after)]
    if len(before) * len(after) > _MOST_PAIRS:
        yield from _by_index(keys)
        return
    for tag, start, end, new_start, new_end in matcher(*keys).get_opcodes():
        if tag != "equal":
            yield from zip_longest(range(start, end), range(new_start, new_end))


def _by_index(keys: Sequence[Sequence[bytes]]) -> Iterator[Pair]:
    for at, (one, other) in enumerate(zip_longest(*keys)):
        if one != other:
            yield (None if one is None else at, None if other is None else at)
