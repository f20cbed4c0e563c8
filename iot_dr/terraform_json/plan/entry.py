"""The resources of a plan, decoded one at a time.

A plan may have a hundred thousand resources: an entry keeps only its JSON and a few short fields.
"""

import re
import sys
from collections.abc import Mapping
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

# Actions that change nothing.
_NOTHING: Final = {("no-op",), ("read",)}
# A mask without `true`: objects and lists of `false` and `null`.
_EMPTY_MASK: Final = re.compile(rb'(?:[\s{}\[\],]|false|null|"(?:[^"\\]|\\.)*+"\s*:)*+')


class PlanContext:
    """State shared by the entries of a plan: masking, cache, and the fields decoded last."""

    def __init__(self, masking: Masking, cache: MappingCache) -> None:
        self.masking = masking
        self.cache = cache
        self._last: tuple[ChangeEntry | None, EntryFields | None] = None, None
        self._actions: dict[tuple[str, ...], tuple[str, ...]] = {}

    def fields(self, entry: "ChangeEntry", raw: Raw) -> EntryFields:
        """Decode an entry, which was validated before."""
        last, fields = self._last
        if last is entry and fields is not None:
            return fields
        fields = ENTRY.decode(raw)
        self.remember(entry, fields)
        return fields

    def remember(self, entry: "ChangeEntry", fields: EntryFields) -> None:
        """Keep the fields of an entry until another entry is decoded."""
        self._last = entry, fields

    def shared(self, actions: tuple[str, ...]) -> tuple[str, ...]:
        """Return the same object for equal actions."""
        return self._actions.setdefault(actions, actions)


class PlanEntry:
    """A resource or data source of a plan."""

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
        """The cache of decoded content."""
        return self._reading.cache

    @property
    def size(self) -> int:
        """The size of its JSON in bytes."""
        return size(self._raw)

    @property
    def change(self) -> Change | None:
        """Its change; None if the plan has only its values."""
        return None

    def values(self) -> Mapping[str, Json]:
        """Return the values after the change, or before it if the resource is destroyed."""
        raise NotImplementedError

    def unknown(self) -> Mapping[str, Json]:
        """Return the mask of values known after the apply."""
        return {}

    def hides(self, _name: str, /) -> bool:
        """Whether the masking replaces a part of an attribute's value."""
        return False


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
        """The entry's fields, decoded on access."""
        return self._reading.fields(self, self._raw)

    @property
    def change(self) -> Change | None:
        """The change."""
        fields = self.fields.change
        before = None if fields.before is None else _Values(self, is_before=True)
        after = None if fields.after is None else _Values(self, is_before=False)
        # Equal values share one object; `masked` applies the masks of both sides to it.
        if fields.before == fields.after:
            after = before
        return Change(
            actions=self._reading.shared(fields.actions),
            before=before,
            after=after,
            forced_by=tuple(".".join(map(str, path)) for path in fields.replace_paths or ()),
        )

    def values(self) -> Mapping[str, Json]:
        """Return `after`, else `before`."""
        return self.masked(is_before=self.fields.change.after is None)

    def unknown(self) -> Mapping[str, Json]:
        """Return the mask of unknown values; empty for a destroyed resource."""
        change = self.fields.change
        return {} if change.after is None else mapping(normalized(change.after_unknown))

    def hides(self, name: str, /) -> bool:
        """Whether the masking replaces a part of an attribute's value after the change."""
        return mapping(self.fields.change.after).get(name) != self.values().get(name)

    def masked(self, *, is_before: bool) -> Mapping[str, Json]:
        """Return the values before or after the change."""
        return mapping(self._reading.masking.masked(self.fields.change, is_before=is_before))


class ValuesEntry(PlanEntry):
    """A resource of `planned_values` or `prior_state` without an entry in `resource_changes`."""

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
    """Record the values that a resource's mask marks as sensitive."""
    if may_mask(fields):
        mask = parsed(fields.sensitive_values, where)
        for value in marked(parsed(fields.values, where), mask):
            masking.add(value)


def may_mask(fields: ValuesFields) -> bool:
    """Whether a resource's mask may mark a value, judged by its text."""
    return _EMPTY_MASK.fullmatch(bytes(fields.sensitive_values)) is None


def is_known(actions: tuple[str, ...]) -> bool:
    """Whether a list of actions is one that this version knows."""
    return actions in ACTIONS or actions in _NOTHING


def _is_change(fields: EntryFields) -> bool:
    """Whether a resource changes, is moved or imported; a read does not count."""
    is_elsewhere = fields.previous_address is not None or fields.change.importing is not None
    return is_elsewhere or fields.change.actions in ACTIONS


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
