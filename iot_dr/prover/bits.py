"""Faults and results of checks as bits of whole numbers."""

from collections.abc import Iterator, Mapping


def set_bits(mask: int) -> Iterator[int]:
    """Yield the places of the bits that are set, the lowest first."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


class Passing(Mapping[str, bool]):
    """The results of checks by id, as bits."""

    def __init__(self, places: Mapping[str, int], passing: int) -> None:
        self._places = places
        self._passing = passing

    def __getitem__(self, id_: str) -> bool:
        return bool(self._passing >> self._places[id_] & 1)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)
