"""The changes of a plan, decoded one by one when they are asked for."""

import sys
from collections.abc import Mapping
from typing import Final

from msgspec import Raw

from iot_dr.review.read.attribute_diff import AttributeDiff
from iot_dr.review.read.attribute_reading import AttributeReading
from iot_dr.review.read.masks import marked, normalized
from iot_dr.review.read.plan_structs import ENTRY, ChangeTold, EntryTold
from iot_dr.review.read.raw_json import checked, converted, size
from iot_dr.review.read.secrets import Secrets
from iot_dr.review.read.side import Side
from iot_dr.review.read.stand_ins import masked
from iot_dr.terraform_json.change import ACTIONS
from iot_dr.terraform_json.deferred import Deferred, Shelf
from iot_dr.terraform_json.json_value import Json, mapping
from iot_dr.terraform_json.plan_entry import dotted
from iot_dr.terraform_json.resource import Change, Mode

_NOTHING: Final = {("no-op",), ("read",)}


class Reading:
    """What all entries of a plan share: the secrets, and what was decoded last."""

    def __init__(self, secrets: Secrets, shelf: Shelf) -> None:
        self.secrets = secrets
        self.shelf = shelf
        self._last: tuple[ChangeEntry | None, EntryTold | None] = None, None
        self._actions: dict[tuple[str, ...], tuple[str, ...]] = {}

    def told(self, entry: "ChangeEntry", raw: Raw) -> EntryTold:
        """Decode an entry, which was checked before."""
        last, told = self._last
        if last is entry and told is not None:
            return told
        told = ENTRY.decode(raw)
        self.remember(entry, told)
        return told

    def remember(self, entry: "ChangeEntry", told: EntryTold) -> None:
        """Keep what an entry says until the next one is asked for."""
        self._last = entry, told

    def shared(self, actions: tuple[str, ...]) -> tuple[str, ...]:
        """Give the same words for all entries."""
        return self._actions.setdefault(actions, actions)


class ChangeEntry:
    """An entry of `resource_changes` or `resource_drift`; also a `PlanEntry` for the rules.

    Called, it reads what differs: with a hundred thousand of them each object counts.
    """

    __slots__ = (
        *("_raw", "_reading", "address", "mode", "name", "type"),
        *("had_before", "is_change", "is_deposed", "is_known"),
    )

    def __init__(self, raw: Raw, reading: Reading, where: str) -> None:
        told = converted(checked(raw, where), EntryTold, where)
        self._raw = raw
        self._reading = reading
        self.address = told.address
        self.mode: Mode = "data" if told.mode == "data" else "managed"
        self.type = sys.intern(told.type)
        self.name = sys.intern(told.name)
        self.is_deposed = told.deposed is not None
        self.is_change = self.mode == "managed" and _is_change(told)
        self.is_known = is_known(told.change.actions)
        self.had_before = self.mode == "managed" and told.change.before is not None
        reading.remember(self, told)
        learn(reading.secrets, told.change)

    @property
    def told(self) -> EntryTold:
        """What the plan says, decoded anew."""
        return self._reading.told(self, self._raw)

    @property
    def shelf(self) -> Shelf:
        """Where what is made of it is kept."""
        return self._reading.shelf

    @property
    def size(self) -> int:
        """Bytes of its JSON."""
        return size(self._raw)

    @property
    def change(self) -> Change | None:
        """What the plan would do to it, for the rules."""
        told = self.told.change
        before = None if told.before is None else _Told(self, is_before=True)
        after = None if told.after is None else _Told(self, is_before=False)
        # A mask on either side hides both.
        if told.before == told.after:
            after = before
        return Change(
            actions=self._reading.shared(told.actions),
            before=before,
            after=after,
            forced_by=tuple(map(dotted, told.replace_paths or ())),
        )

    def values(self) -> Mapping[str, Json]:
        """Give `after`, else `before`, with stand-ins for what is sensitive."""
        return self.masked(is_before=self.told.change.after is None)

    def unknown(self) -> Mapping[str, Json]:
        """Give the mask; nothing is unknown of what is only destroyed."""
        told = self.told.change
        return {} if told.after is None else mapping(normalized(told.after_unknown))

    def masked(self, *, is_before: bool) -> Mapping[str, Json]:
        """Give the values of a side, with stand-ins for what is sensitive."""
        before, after = sides(self.told.change)
        side, other = (before, after) if is_before else (after, before)
        return mapping(masked(side, other, self._reading.secrets))

    def __call__(self) -> tuple[AttributeDiff, ...]:
        """Read what differs."""
        told = self.told.change
        before, after = sides(told)
        return AttributeReading(
            secrets=self._reading.secrets,
            replace_paths=told.replace_paths or (),
        ).diffs(before, after)


def is_known(actions: tuple[str, ...]) -> bool:
    """Tell whether it is known what actions do to a resource or an output."""
    return actions in ACTIONS or actions in _NOTHING


def _is_change(told: EntryTold) -> bool:
    """Tell whether something happens to a resource; reading it anew is nothing."""
    is_elsewhere = told.previous_address is not None or told.change.importing is not None
    return is_elsewhere or told.change.actions in ACTIONS


class _Told(Deferred):
    """The values before or after, for the rules."""

    __slots__ = ("_entry", "_is_before")

    def __init__(self, entry: ChangeEntry, *, is_before: bool) -> None:
        self._entry = entry
        self._is_before = is_before

    @property
    def shelf(self) -> Shelf:
        return self._entry.shelf

    @property
    def size(self) -> int:
        return self._entry.size

    def made(self) -> Mapping[str, Json]:
        return self._entry.masked(is_before=self._is_before)


def sides(told: ChangeTold) -> tuple[Side, Side]:
    """Give what is before and after, with the masks."""
    return (
        Side.of(told.before, told.before_sensitive),
        Side.of(told.after, told.after_sensitive, told.after_unknown),
    )


def learn(secrets: Secrets, told: ChangeTold) -> None:
    """Learn what the masks of a change mark."""
    for value, mask in (
        (told.before, told.before_sensitive),
        (told.after, told.after_sensitive),
    ):
        for each in marked(value, mask):
            secrets.add(each)
