"""What a plan says of one resource, whether it is whole in memory or not."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from iot_dr.terraform_json.deferred import Shelf
from iot_dr.terraform_json.json_value import Json, mapping, sequence, text
from iot_dr.terraform_json.resource import Change, Mode


class PlanEntry(Protocol):
    """A resource that changes or stays, or a data source.

    `change` is None where the plan tells none. `shelf` keeps what is made of the entry, whose JSON
    has about `size` bytes.
    """

    address: str
    mode: Mode
    type: str
    name: str

    @property
    def change(self) -> Change | None:
        """What the plan would do to it."""
        ...

    @property
    def shelf(self) -> Shelf:
        """Where what is made of it is kept."""
        ...

    @property
    def size(self) -> int:
        """Bytes of its JSON."""
        ...

    def values(self) -> Mapping[str, Json]:
        """Give what it will be, or was where nothing is left."""
        ...

    def unknown(self) -> Mapping[str, Json]:
        """Give the mask of what is known after the apply only."""
        ...


class ParsedEntry:
    """An entry of a document that is whole in memory."""

    def __init__(self, body: Mapping[str, Json], shelf: Shelf) -> None:
        self.address = text(body.get("address"))
        self.mode: Mode = "data" if body.get("mode") == "data" else "managed"
        self.type = text(body.get("type"))
        self.name = text(body.get("name"))
        self.shelf = shelf
        self.size = 0
        self._body = body
        self._told = mapping(body.get("change"))

    @property
    def change(self) -> Change | None:
        """Of entries of `resource_changes` alone."""
        if "change" not in self._body:
            return None
        before, after = (
            None if self._told.get(each) is None else mapping(self._told[each])
            for each in ("before", "after")
        )
        return Change(
            actions=tuple(
                each for each in sequence(self._told.get("actions")) if isinstance(each, str)
            ),
            before=before,
            after=after,
            forced_by=tuple(
                dotted(sequence(each)) for each in sequence(self._told.get("replace_paths"))
            ),
        )

    def values(self) -> Mapping[str, Json]:
        """Give `after`, else `before`; `values` of an entry without a change."""
        if "change" not in self._body:
            return mapping(self._body.get("values"))
        is_left = self._told.get("after") is not None
        return mapping(self._told.get("after" if is_left else "before"))

    def unknown(self) -> Mapping[str, Json]:
        """Give the mask; nothing is unknown of what is only destroyed."""
        is_left = self._told.get("after") is not None
        return mapping(self._told.get("after_unknown")) if is_left else {}


def dotted(path: Sequence[Json]) -> str:
    """Write a path of Terraform's as rules tell it."""
    return ".".join(str(step) for step in path)
