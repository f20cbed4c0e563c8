"""Mappings decoded on access, so that a large plan is never fully in memory."""

from abc import abstractmethod
from collections import deque
from collections.abc import ItemsView, Iterator, Mapping

from iot_dr.terraform_json.json_value import Json


class MappingCache:
    """Bounds what mappings keep decoded: up to `most` bytes of JSON; None means no limit.

    What was decoded first is dropped first.
    """

    def __init__(self, most: int | None = None) -> None:
        self._most = most
        self._size = 0
        self._kept: deque[LazyMapping] = deque()

    def add(self, mapping: "LazyMapping") -> None:
        """Record that a mapping has just been decoded, and drop the content of others."""
        if self._most is None:
            return
        self._kept.append(mapping)
        self._size += mapping.size
        while self._size > self._most:
            oldest = self._kept.popleft()
            oldest.drop()
            self._size -= oldest.size


class LazyMapping(Mapping[str, Json]):
    """A mapping decoded on access, possibly several times."""

    __slots__ = ("_content",)

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

    def drop(self) -> None:
        """Forget the decoded content."""
        del self._content

    def decoded(self) -> Mapping[str, Json]:
        """Return the content, decoded again if it was dropped."""
        try:
            return self._content
        except AttributeError:
            content = self._content = self.load()
            self.cache.add(self)
            return content

    def __getitem__(self, key: str) -> Json:
        return self.decoded()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.decoded())

    def __len__(self) -> int:
        return len(self.decoded())

    # As Mapping does it, but faster: a review calls them a million times.
    def get(self, key: str, default: Json = None) -> Json:
        """Return the value of a key, else the default."""
        return self.decoded().get(key, default)

    def items(self) -> ItemsView[str, Json]:
        """Return the keys with their values."""
        return self.decoded().items()
