"""Mappings that are made when they are read."""

from collections.abc import Mapping

import pytest

from iot_dr.terraform_json.lazy_mapping import LazyMapping, MappingCache


class Counted(LazyMapping):
    """Counts how often it is made."""

    def __init__(self, shelf: MappingCache, size: int) -> None:
        self._shelf = shelf
        self._size = size
        self.times = 0

    @property
    def cache(self) -> MappingCache:
        return self._shelf

    @property
    def size(self) -> int:
        return self._size

    def load(self) -> Mapping[str, int]:
        self.times += 1
        return {"a": 1, "b": self._size}


def test_it_is_a_mapping_like_any_other() -> None:
    deferred = Counted(MappingCache(), 5)
    assert deferred == {"a": 1, "b": 5}
    assert (len(deferred), list(deferred), deferred.get("c", 7)) == (2, ["a", "b"], 7)
    assert "b" in deferred
    with pytest.raises(KeyError):
        deferred["c"]


@pytest.mark.parametrize("most", [None, 10])
def test_it_is_made_once_while_it_is_kept(most: int | None) -> None:
    deferred = Counted(MappingCache(most), 5)
    assert deferred.times == 0
    assert [deferred["a"] for _ in range(3)] == [1, 1, 1]
    assert deferred.times == 1


def test_what_was_decoded_first_is_dropped_first() -> None:
    shelf = MappingCache(10)
    first, two, three = (Counted(shelf, 5) for _ in range(3))
    for mapping in (first, two, first, three, two, first, three):
        assert dict(mapping.items()) == {"a": 1, "b": 5}
    assert (first.times, two.times, three.times) == (2, 1, 1)


def test_content_larger_than_the_cache_is_loaded_each_time() -> None:
    shelf = MappingCache(10)
    small, large = Counted(shelf, 5), Counted(shelf, 11)
    assert [each["b"] for each in (small, large, large, small, small)] == [5, 11, 11, 5, 5]
    assert (small.times, large.times) == (2, 2)


def test_mappings_that_are_gone_are_not_taken_for_new_ones() -> None:
    shelf = MappingCache(50)
    assert [Counted(shelf, size)["b"] for size in range(200)] == list(range(200))
