"""The resources of a plan, decoded one by one when they are asked for.

With a hundred thousand of them each object counts: an entry keeps its JSON and a few words of it.
"""

import re
import sys
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from msgspec import Raw

from iot_dr.terraform_json.change import ACTIONS
from iot_dr.terraform_json.json_value import Json, mapping
from iot_dr.terraform_json.lazy_mapping import LazyMapping, MappingCache
from iot_dr.terraform_json.plan.masks import Masking, marked, normalized, note_sensitive
from iot_dr.terraform_json.plan.structs import ENTRY, ChangeFields, EntryFields, ValuesFields
from iot_dr.terraform_json.resource import Change, Mode
from iot_dr.terraform_json.strict_json import NULL, converted, parsed, size

# What the plan does to a resource that stays as it is.
_NOTHING: Final = {("no-op",), ("read",)}
# A mask that marks nothing: objects and lists of `false` and `null`.
_EMPTY_MASK: Final = re.compile(rb'(?:[\s{}\[\],]|false|null|"(?:[^"\\]|\\.)*+"\s*:)*+')


class PlanContext:
    """What all entries of a plan share: the masking, and what was decoded last."""

    def __init__(self, masking: Masking, shelf: MappingCache) -> None:
        self.masking = masking
        self.cache = shelf
        self._last: tuple[ChangeEntry | None, EntryFields | None] = None, None
        self._actions: dict[tuple[str, ...], tuple[str, ...]] = {}

    def fields(self, entry: "ChangeEntry", raw: Raw) -> EntryFields:
        """Decode an entry, which was checked before."""
        last, fields = self._last
        if last is entry and fields is not None:
            return fields
        fields = ENTRY.decode(raw)
        self.remember(entry, fields)
        return fields

    def remember(self, entry: "ChangeEntry", fields: EntryFields) -> None:
        """Keep the fields of an entry until the next one is asked for."""
        self._last = entry, fields

    def shared(self, actions: tuple[str, ...]) -> tuple[str, ...]:
        """Return the same object for equal actions."""
        return self._actions.setdefault(actions, actions)


class PlanEntry:
    """What a plan says of one resource or data source."""

    __slots__ = ("_raw", "_reading", "address", "mode", "name", "type")

    def __init__(self, fields: EntryFields | ValuesFields, raw: Raw, reading: PlanContext) -> None:
        self._raw = raw
        self._reading = reading
        self.address = fields.address
        self.mode: Mode = "data" if fields.mode == "data" else "managed"
        self.type = sys.intern(fields.type)
        self.name = sys.intern(fields.name)

    @property
    def cache(self) -> MappingCache:
        """Where what is made of it is kept."""
        return self._reading.cache

    @property
    def size(self) -> int:
        """Bytes of its JSON."""
        return size(self._raw)

    @property
    def change(self) -> Change | None:
        """What the plan would do to it; None if the plan lists it among values alone."""
        return None

    def values(self) -> Mapping[str, Json]:
        """Return what it will be, or was if it is destroyed."""
        raise NotImplementedError

    def unknown(self) -> Mapping[str, Json]:
        """Return the mask of what is known after the apply only."""
        return {}


class ChangeEntry(PlanEntry):
    """An entry of `resource_changes` or `resource_drift`."""

    __slots__ = ("had_before", "is_change", "is_deposed", "is_known")

    def __init__(self, raw: Raw, reading: PlanContext, where: str) -> None:
        fields = converted(parsed(raw, where), EntryFields, where)
        super().__init__(fields, raw, reading)
        self.is_deposed = fields.deposed is not None
        self.is_change = self.mode == "managed" and _is_change(fields)
        self.is_known = is_known(fields.change.actions)
        self.had_before = self.mode == "managed" and fields.change.before is not None
        reading.remember(self, fields)
        note_sensitive(reading.masking, fields.change)

    @property
    def fields(self) -> EntryFields:
        """What the plan says, decoded anew."""
        return self._reading.fields(self, self._raw)

    @property
    def change(self) -> Change | None:
        """What the plan would do to it."""
        fields = self.fields.change
        before = None if fields.before is None else _Values(self, is_before=True)
        after = None if fields.after is None else _Values(self, is_before=False)
        # A mask on either side hides both.
        if fields.before == fields.after:
            after = before
        return Change(
            actions=self._reading.shared(fields.actions),
            before=before,
            after=after,
            forced_by=tuple(map(_dotted, fields.replace_paths or ())),
        )

    def values(self) -> Mapping[str, Json]:
        """Return `after`, else `before`."""
        return self.masked(is_before=self.fields.change.after is None)

    def unknown(self) -> Mapping[str, Json]:
        """Return the mask; nothing is unknown of what is only destroyed."""
        change = self.fields.change
        return {} if change.after is None else mapping(normalized(change.after_unknown))

    def masked(self, *, is_before: bool) -> Mapping[str, Json]:
        """Return the values before or after the change."""
        return mapping(self._reading.masking.masked(self.fields.change, is_before=is_before))


class ValuesEntry(PlanEntry):
    """A resource of `planned_values` or `prior_state` that no change is listed for."""

    __slots__ = ("_mask",)

    def __init__(self, fields: ValuesFields, reading: PlanContext, where: str) -> None:
        mapping(parsed(fields.values, where))
        super().__init__(fields, fields.values.copy(), reading)
        self._mask = fields.sensitive_values.copy() if may_mask(fields) else NULL

    def values(self) -> Mapping[str, Json]:
        """Return its values."""
        value, mask = map(msgspec.json.decode, (self._raw, self._mask))
        change = ChangeFields(actions=(), after=value, after_sensitive=mask)
        return mapping(self._reading.masking.masked(change, is_before=False))


def note_sensitive_values(masking: Masking, fields: ValuesFields, where: str) -> None:
    """Note the values that the mask of a resource marks."""
    if may_mask(fields):
        mask = parsed(fields.sensitive_values, where)
        for value in marked(parsed(fields.values, where), mask):
            masking.add(value)


def may_mask(fields: ValuesFields) -> bool:
    """Whether the mask of a resource may mark anything, by its text."""
    return _EMPTY_MASK.fullmatch(bytes(fields.sensitive_values)) is None


def is_known(actions: tuple[str, ...]) -> bool:
    """Whether it is known what actions do to a resource or an output."""
    return actions in ACTIONS or actions in _NOTHING


def _is_change(fields: EntryFields) -> bool:
    """Whether something happens to a resource; a read is nothing."""
    is_elsewhere = fields.previous_address is not None or fields.change.importing is not None
    return is_elsewhere or fields.change.actions in ACTIONS


def _dotted(path: Sequence[Json]) -> str:
    return ".".join(str(step) for step in path)


class _Values(LazyMapping):
    """The values before or after a change."""

    __slots__ = ("_entry", "_is_before")

    def __init__(self, entry: ChangeEntry, *, is_before: bool) -> None:
        self._entry = entry
        self._is_before = is_before

    @property
    def cache(self) -> MappingCache:
        return self._entry.cache

    @property
    def size(self) -> int:
        return self._entry.size

    def load(self) -> Mapping[str, Json]:
        return self._entry.masked(is_before=self._is_before)
