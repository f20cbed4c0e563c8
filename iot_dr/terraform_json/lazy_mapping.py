"""Mappings that are made when they are read: a large plan is never whole in memory."""

from abc import abstractmethod
from collections import OrderedDict
from collections.abc import Iterator, Mapping

from iot_dr.terraform_json.json_value import Json


class MappingCache:
    """Keeps what was made last, as long as its size stays below `most`; None keeps all."""

    def __init__(self, most: int | None = None) -> None:
        self._most = most
        self._size = 0
        self._kept: OrderedDict[int, tuple[LazyMapping, Mapping[str, Json]]] = OrderedDict()

    def get(self, deferred: "LazyMapping") -> Mapping[str, Json]:
        """Give the content of a mapping, made anew where it is no longer kept."""
        # By identity; what is kept is held, so that no other one comes to have its number.
        if found := self._kept.get(id(deferred)):
            if self._most is not None:
                self._kept.move_to_end(id(deferred))
            return found[1]
        made = deferred.load()
        self._kept[id(deferred)] = deferred, made
        self._size += deferred.size
        while self._most is not None and self._size > self._most:
            _, (oldest, _) = self._kept.popitem(last=False)
            self._size -= oldest.size
        return made


class LazyMapping(Mapping[str, Json]):
    """A mapping whose content is made when it is read, and may be made again."""

    __slots__ = ()

    @property
    @abstractmethod
    def cache(self) -> MappingCache:
        """Where its content is kept."""

    @property
    @abstractmethod
    def size(self) -> int:
        """About how large the content is, in bytes of its JSON; the same each time."""

    @abstractmethod
    def load(self) -> Mapping[str, Json]:
        """Make the content; the same each time."""

    def __getitem__(self, key: str) -> Json:
        return self.cache.get(self)[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.cache.get(self))

    def __len__(self) -> int:
        return len(self.cache.get(self))
