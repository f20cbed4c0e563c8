"""Which parts of two lists are the same, found in a time that grows with their lengths."""

from collections import Counter
from collections.abc import Hashable, Sequence
from difflib import SequenceMatcher
from typing import Final, TypeVar

_T = TypeVar("_T", bound=Hashable)
# Pairs of equal elements that are compared for each element.
_PAIRS: Final = 4


def matcher(before: Sequence[_T], after: Sequence[_T]) -> SequenceMatcher[_T]:
    """Give what compares two lists; elements that are often in both only join what is beside them.

    Each of them could belong to each other one, which takes the square of their number.
    """
    often = _often(before, after)
    return SequenceMatcher(often.__contains__ if often else None, before, after, autojunk=False)


def _often(before: Sequence[_T], after: Sequence[_T]) -> frozenset[_T]:
    counts = Counter(before), Counter(after)
    pairs = {each: number * counts[1][each] for each, number in counts[0].items()}
    left = _PAIRS * (len(before) + len(after))
    found: set[_T] = set()
    for each in sorted(pairs, key=pairs.__getitem__):
        left -= pairs[each]
        if left < 0:
            found.add(each)
    return frozenset(found)
