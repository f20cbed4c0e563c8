"""What differs in a resource or an output, as a reader wants to see it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from iot_dr.review.read.attribute_diff import AttributeDiff
from iot_dr.review.read.leaves import Way, leaves
from iot_dr.review.read.list_diff import Pair, pairs
from iot_dr.review.read.masks import holds
from iot_dr.review.read.secrets import Secrets
from iot_dr.review.read.shown import ABSENT, SENSITIVE
from iot_dr.review.read.side import Side, are_both, differ
from iot_dr.review.read.text_diff import document
from iot_dr.review.read.value_text import json_text, lines, shown
from iot_dr.terraform_json.json_value import Json, is_mapping, is_sequence, sequence, texts_in
from iot_dr.terraform_json.place import as_index

Steps = Sequence[Pair] | Sequence[tuple[str, str]]
"""The steps from either side to what belongs together."""

_NOTHING: Final = Side(None)
_ALL: Final = "(all)"
_NAME: Final = re.compile(r"[A-Za-z_][\w-]*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeReading:
    """Reads differences; `replace_paths` are those that force a replacement."""

    secrets: Secrets
    replace_paths: Sequence[Way] = ()

    def diffs(self, before: Side, after: Side) -> tuple[AttributeDiff, ...]:
        """Give what differs, in the order of the paths; all that is set where one side is none."""
        return tuple(self._within((), before, after))

    def whole(self, name: str, before: Side, after: Side) -> AttributeDiff:
        """Give a value as one difference, however deep it is."""
        return self._told((name,), before, after.filled())

    def _within(self, way: Way, before: Side, after: Side) -> Iterator[AttributeDiff]:
        before, after = before.shaped(), after.shaped()
        if not differ(before, after):
            return
        if before.sensitive is True or after.sensitive is True:
            if before.is_there or after.is_there:
                yield self._hidden(way, before, after)
        elif steps := _steps(before, after):
            found = list(self._inside(way, before, after, steps))
            # Two lists may differ in nulls alone; in an object, null is the same as not there.
            is_other = is_sequence(before.value) and _set(before.value) != _set(after.value)
            yield from found or ([self._told(way, before, after)] if is_other else ())
        elif before.is_there and after.is_there:
            yield self._told(way, before, after)
        else:
            yield from self._alone(way, before, after)

    def _inside(self, way: Way, before: Side, after: Side, steps: Steps) -> Iterator[AttributeDiff]:
        for one, other in steps:
            step = one if other is None else other
            yield from self._within((*way, step), before.inner(one), after.inner(other))

    def _alone(self, way: Way, before: Side, after: Side) -> Iterator[AttributeDiff]:
        """Tell all that is set in a value that is on one side only."""
        found = False
        for place, side in leaves(way, before if before.is_there else after):
            found = True
            sides = (side, _NOTHING) if before.is_there else (_NOTHING, side)
            yield self._told(place, *sides)
        # Nothing in the place of an empty list is a difference too; of a whole resource it says
        # nothing.
        if not found and way:
            yield self._told(way, before, after)

    def _told(self, way: Way, before: Side, after: Side) -> AttributeDiff:
        if self._is_secret(before) or self._is_secret(after):
            return self._hidden(way, before, after)
        told = lines(before, after)
        is_short = bool(told) or after.unknown is True
        return AttributeDiff(
            path=self._path(way),
            before=shown(before, is_short=is_short),
            after=shown(after, is_short=is_short),
            forces=self._forces(way),
            lines=told,
        )

    def _hidden(self, way: Way, before: Side, after: Side) -> AttributeDiff:
        old, new = (SENSITIVE if side.is_there else ABSENT for side in (before, after))
        return AttributeDiff(path=self._path(way), before=old, after=new, forces=self._forces(way))

    def _is_secret(self, side: Side) -> bool:
        """Tell whether a mask marks anything in a value, or whether it holds a known secret."""
        if holds(side.sensitive):
            return True
        if side.value is None or not self.secrets:
            return False
        is_text = isinstance(side.value, str)
        if self.secrets.is_in(side.value if is_text else json_text(side.value)):
            return True
        found = document(side.value) if is_text else side.value
        return any(map(self.secrets.is_in, texts_in(found)))

    def _path(self, way: Way) -> str:
        return self.secrets.hidden(path(way))

    def _forces(self, way: Way) -> bool:
        return bool(self.replace_paths) and any(
            way[: len(each)] == each[: len(way)] for each in map(tuple, self.replace_paths)
        )


def path(way: Way) -> str:
    """Write a path, e.g. `tags.Name` or `records[0]`; odd keys `tags["a.b"]`, none is `(all)`."""
    return "".join(map(_written, way)).removeprefix(".") or _ALL


def _written(step: Json) -> str:
    # Terraform tells the element of a set by its value.
    is_plain = isinstance(step, str | int) and not isinstance(step, bool)
    return _step(step if is_plain else json_text(step))


@lru_cache(maxsize=4096)
def _step(step: str | int) -> str:
    return f".{step}" if isinstance(step, str) and _NAME.fullmatch(step) else as_index(step)


def _set(value: Json) -> Json:
    """Give a value without what is null in an object."""
    if is_mapping(value):
        return {name: _set(each) for name, each in value.items() if each is not None}
    return [_set(each) for each in value] if is_sequence(value) else value


def _steps(before: Side, after: Side) -> Steps:
    """Give the steps into two objects or two lists; none where they are something else."""
    if after.unknown is True or not before.is_there or not after.is_there:
        return ()
    if are_both(is_mapping, before, after):
        return [(name, name) for name in sorted(before.names | after.names)]
    return _pairs(before, after) if are_both(is_sequence, before, after) else ()


def _pairs(before: Side, after: Side) -> Sequence[Pair]:
    if before.has_masks or after.has_masks:
        # Masks go by the index, on either side.
        sizes = before.length, after.length
        return [
            (at if at < sizes[0] else None, at if at < sizes[1] else None)
            for at in range(max(sizes))
        ]
    return list(pairs(sequence(before.value), sequence(after.value)))
