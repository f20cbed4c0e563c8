"""Mappings decoded on access, so that a large plan is never fully in memory."""

from abc import abstractmethod
from collections import OrderedDict
from collections.abc import Iterator, Mapping

from iot_dr.terraform_json.json_value import Json


class MappingCache:
    """Caches the mappings decoded last, up to `most` bytes of JSON; None means no limit."""

    def __init__(self, most: int | None = None) -> None:
        self._most = most
        self._size = 0
        self._kept: OrderedDict[int, tuple[LazyMapping, Mapping[str, Json]]] = OrderedDict()

    def get(self, mapping: "LazyMapping") -> Mapping[str, Json]:
        """Return the content of a mapping, decoded again if it is no longer cached."""
        # Keyed by identity; the cache holds a reference, so that an id is never reused.
        if kept := self._kept.get(id(mapping)):
            if self._most is not None:
                self._kept.move_to_end(id(mapping))
            return kept[1]
        content = mapping.load()
        self._kept[id(mapping)] = mapping, content
        self._size += mapping.size
        while self._most is not None and self._size > self._most:
            _, (oldest, _) = self._kept.popitem(last=False)
            self._size -= oldest.size
        return content


class LazyMapping(Mapping[str, Json]):
    """A mapping decoded on access, possibly several times."""

    __slots__ = ()

    @property
    @abstractmethod
    def cache(self) -> MappingCache:
        """The cache of decoded content."""

    @property
    @abstractmethod
    def size(self) -> int:
        """The approximate size of its JSON in bytes; the same each time."""

    @abstractmethod
    def load(self) -> Mapping[str, Json]:
        """Decode the content; equal each time."""

    def __getitem__(self, key: str) -> Json:
        return self.cache.get(self)[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.cache.get(self))

    def __len__(self) -> int:
        return len(self.cache.get(self))
