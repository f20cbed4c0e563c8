"""What differs in a resource or an output, as a reader wants to see it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from typing import Final

from iot_dr.review.read.attribute_diff import ABSENT, SENSITIVE, AttributeDiff
from iot_dr.review.read.secrets import Secrets
from iot_dr.review.read.side import Side, are_both, differ, encoded
from iot_dr.review.read.text_diff import document, json_text, lines, matcher, shown
from iot_dr.terraform_json.json_value import Json, is_mapping, is_sequence, sequence, texts_in
from iot_dr.terraform_json.plan.masks import marks_any
from iot_dr.terraform_json.scope import as_index

Path = tuple[Json, ...]
"""The steps that lead to a value: keys and indices."""

_Pair = tuple[int | None, int | None]
# The indices of an element before and after, None where it is not there; or the keys of an object.
_Steps = Sequence[_Pair] | Sequence[tuple[str, str]]

_NOTHING: Final = Side(None)
# Beyond this product of lengths, elements belong together by their index.
_MOST_PAIRS: Final = 250_000
_ALL: Final = "(all)"
_NAME: Final = re.compile(r"[A-Za-z_][\w-]*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeReading:
    """Reads differences; `replace_paths` are those that force a replacement."""

    secrets: Secrets
    replace_paths: Sequence[Path] = ()

    def diffs(self, before: Side, after: Side) -> tuple[AttributeDiff, ...]:
        """Return what differs, in the order of the paths; all that is set if a side is nothing."""
        return tuple(self._within((), before, after))

    def whole(self, name: str, before: Side, after: Side) -> AttributeDiff:
        """Return a value as one difference, however deep it is."""
        return self._diff((name,), before, after.filled())

    def _within(self, path: Path, before: Side, after: Side) -> Iterator[AttributeDiff]:
        before, after = before.shaped(), after.shaped()
        if not differ(before, after):
            return
        if before.sensitive is True or after.sensitive is True:
            if before.is_there or after.is_there:
                yield self._hidden(path, before, after)
        elif steps := _steps(before, after):
            found = list(self._inside(path, before, after, steps))
            # Two lists may differ in nulls alone; in an object, null is the same as not there.
            is_other = is_sequence(before.value) and _set(before.value) != _set(after.value)
            yield from found or ([self._diff(path, before, after)] if is_other else ())
        elif before.is_there and after.is_there:
            yield self._diff(path, before, after)
        else:
            yield from self._alone(path, before, after)

    def _inside(
        self, path: Path, before: Side, after: Side, steps: _Steps
    ) -> Iterator[AttributeDiff]:
        for one, other in steps:
            step = one if other is None else other
            yield from self._within((*path, step), before.inner(one), after.inner(other))

    def _alone(self, path: Path, before: Side, after: Side) -> Iterator[AttributeDiff]:
        """Yield all that is set in a value that is on one side only."""
        found = False
        for place, side in _leaves(path, before if before.is_there else after):
            found = True
            sides = (side, _NOTHING) if before.is_there else (_NOTHING, side)
            yield self._diff(place, *sides)
        # Nothing in the place of an empty list is a difference too; of a whole resource it says
        # nothing.
        if not found and path:
            yield self._diff(path, before, after)

    def _diff(self, path: Path, before: Side, after: Side) -> AttributeDiff:
        if self._is_secret(before) or self._is_secret(after):
            return self._hidden(path, before, after)
        changed = lines(before, after)
        is_short = bool(changed) or after.unknown is True
        return AttributeDiff(
            path=self._path(path),
            before=shown(before, is_short=is_short),
            after=shown(after, is_short=is_short),
            forces=self._forces(path),
            lines=changed,
        )

    def _hidden(self, path: Path, before: Side, after: Side) -> AttributeDiff:
        old, new = (SENSITIVE if side.is_there else ABSENT for side in (before, after))
        return AttributeDiff(
            path=self._path(path), before=old, after=new, forces=self._forces(path)
        )

    def _is_secret(self, side: Side) -> bool:
        """Whether a mask marks anything in a value, or whether it holds a known secret."""
        if marks_any(side.sensitive):
            return True
        if side.value is None or not self.secrets:
            return False
        is_text = isinstance(side.value, str)
        if self.secrets.is_in(side.value if is_text else json_text(side.value)):
            return True
        found = document(side.value) if is_text else side.value
        return any(map(self.secrets.is_in, texts_in(found)))

    def _path(self, path: Path) -> str:
        return self.secrets.hidden(written_path(path))

    def _forces(self, path: Path) -> bool:
        return bool(self.replace_paths) and any(
            path[: len(each)] == each[: len(path)] for each in map(tuple, self.replace_paths)
        )


def written_path(path: Path) -> str:
    """Write a path, e.g. `tags.Name` or `records[0]`; odd keys `tags["a.b"]`, none is `(all)`."""
    return "".join(map(_written, path)).removeprefix(".") or _ALL


def _written(step: Json) -> str:
    # Terraform names the element of a set by its value.
    is_plain = isinstance(step, str | int) and not isinstance(step, bool)
    return _step(step if is_plain else json_text(step))


@lru_cache(maxsize=4096)
def _step(step: str | int) -> str:
    return f".{step}" if isinstance(step, str) and _NAME.fullmatch(step) else as_index(step)


def _set(value: Json) -> Json:
    """Return a value without what is null in an object."""
    if is_mapping(value):
        return {name: _set(each) for name, each in value.items() if each is not None}
    return [_set(each) for each in value] if is_sequence(value) else value


def _steps(before: Side, after: Side) -> _Steps:
    """Return the steps into two objects or two lists; none if they are something else."""
    if after.unknown is True or not before.is_there or not after.is_there:
        return ()
    if are_both(is_mapping, before, after):
        return [(name, name) for name in sorted(before.names | after.names)]
    return _pairs(before, after) if are_both(is_sequence, before, after) else ()


def _pairs(before: Side, after: Side) -> list[_Pair]:
    """Return the elements of two lists that differ, each with the one in its place."""
    if before.has_masks or after.has_masks:
        # Masks go by the index, on either side.
        return [
            (at if at < before.length else None, at if at < after.length else None)
            for at in range(max(before.length, after.length))
        ]
    old, new = ([encoded(each) for each in sequence(side.value)] for side in (before, after))
    if len(old) * len(new) > _MOST_PAIRS:
        return [
            (None if one is None else at, None if other is None else at)
            for at, (one, other) in enumerate(zip_longest(old, new))
            if one != other
        ]
    # Lists and sets look alike in a plan. In either, equal elements keep their order (a set is
    # sorted), so that one that comes or goes leaves the others as they are.
    return [
        pair
        for tag, start, end, new_start, new_end in matcher(old, new).get_opcodes()
        if tag != "equal"
        for pair in zip_longest(range(start, end), range(new_start, new_end))
    ]


def _leaves(path: Path, side: Side) -> Iterator[tuple[Path, Side]]:
    """Yield what is set, in the order of the paths; what a mask hides whole is one of them."""
    side = side.shaped()
    value, sensitive, unknown = side
    content = unknown if value is None else value
    if sensitive is True or unknown is True:
        if side.is_there:
            yield path, side
    elif is_mapping(content):
        names = sorted(side.names) if unknown else sorted(content)
        for name in names:
            yield from _leaves((*path, name), side.inner(name))
    elif is_sequence(content):
        for at in range(side.length):
            yield from _leaves((*path, at), side.inner(at))
    elif value is not None:
        yield path, side
