"""Computes the attribute differences of a resource or an output."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from typing import Final

from iot_dr.review.read.attribute_diff import ABSENT, SENSITIVE, AttributeDiff
from iot_dr.review.read.secrets import Secrets
from iot_dr.review.read.side import Side, are_both, encoded, sides_differ
from iot_dr.review.read.text_diff import changed_lines, document, json_text, matcher, shown_value
from iot_dr.terraform_json.json_value import (
    Json,
    is_mapping,
    is_sequence,
    mapping,
    sequence,
    texts_in,
)
from iot_dr.terraform_json.plan.masks import marks_any
from iot_dr.terraform_json.scope import as_index

Path = tuple[Json, ...]
"""The keys and indices that lead to a value."""

_Pair = tuple[int | None, int | None]
# The indices of an element before and after, None where it does not exist; or keys of an object.
_Steps = Sequence[_Pair] | Sequence[tuple[str, str]]

_EMPTY: Final = Side(None)
# Beyond this product of lengths, elements are compared by index: matching is quadratic.
_MAX_PAIRS: Final = 250_000
_ALL: Final = "(all)"
_NAME: Final = re.compile(r"[A-Za-z_][\w-]*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeDiffer:
    """Computes differences; `replace_paths` are the paths that force a replacement."""

    secrets: Secrets
    replace_paths: Sequence[Path] = ()

    def diffs(self, before: Side, after: Side) -> tuple[AttributeDiff, ...]:
        """Return the attributes that differ, sorted by path; all set ones if a side is empty."""
        return tuple(self._within((), before, after))

    def whole(self, name: str, before: Side, after: Side) -> AttributeDiff:
        """Return the difference of a value as a whole, without its attributes."""
        return self._diff((name,), before, after.with_placeholders())

    def _within(self, path: Path, before: Side, after: Side) -> Iterator[AttributeDiff]:
        before, after = before.with_fitted_mask(), after.with_fitted_mask()
        if not sides_differ(before, after):
            return
        if before.sensitive is True or after.sensitive is True:
            if before.is_set or after.is_set:
                yield self._hidden(path, before, after)
        elif steps := _steps(before, after):
            diffs = list(self._inside(path, before, after, steps))
            # Two lists may differ only in nulls; in an object, null is the same as absent.
            is_different = is_sequence(before.value) and (
                _without_nulls(before.value) != _without_nulls(after.value)
            )
            yield from diffs or ([self._diff(path, before, after)] if is_different else ())
        elif before.is_set and after.is_set:
            yield self._diff(path, before, after)
        else:
            yield from self._one_sided(path, before, after)

    def _inside(
        self, path: Path, before: Side, after: Side, steps: _Steps
    ) -> Iterator[AttributeDiff]:
        for old_step, new_step in steps:
            step = old_step if new_step is None else new_step
            yield from self._within((*path, step), before.child(old_step), after.child(new_step))

    def _one_sided(self, path: Path, before: Side, after: Side) -> Iterator[AttributeDiff]:
        """Yield every attribute of a value that is set on one side only."""
        is_empty = True
        for leaf_path, side in _leaves(path, before if before.is_set else after):
            is_empty = False
            sides = (side, _EMPTY) if before.is_set else (_EMPTY, side)
            yield self._diff(leaf_path, *sides)
        # An empty list that appears or disappears is a difference; an empty resource is not.
        if is_empty and path:
            yield self._diff(path, before, after)

    def _diff(self, path: Path, before: Side, after: Side) -> AttributeDiff:
        if self._is_secret(before) or self._is_secret(after):
            return self._hidden(path, before, after)
        lines = changed_lines(before, after)
        is_short = bool(lines) or after.unknown is True
        return AttributeDiff(
            path=self._path(path),
            before=shown_value(before, is_short=is_short),
            after=shown_value(after, is_short=is_short),
            forces=self._forces(path),
            lines=lines,
        )

    def _hidden(self, path: Path, before: Side, after: Side) -> AttributeDiff:
        old, new = (SENSITIVE if side.is_set else ABSENT for side in (before, after))
        return AttributeDiff(
            path=self._path(path), before=old, after=new, forces=self._forces(path)
        )

    def _is_secret(self, side: Side) -> bool:
        """Whether any part of a value is marked sensitive or contains a known secret."""
        if marks_any(side.sensitive):
            return True
        if side.value is None or not self.secrets:
            return False
        is_text = isinstance(side.value, str)
        if self.secrets.is_in(side.value if is_text else json_text(side.value)):
            return True
        content = document(side.value) if is_text else side.value
        return any(map(self.secrets.is_in, texts_in(content)))

    def _path(self, path: Path) -> str:
        return self.secrets.hidden(path_text(path))

    def _forces(self, path: Path) -> bool:
        return bool(self.replace_paths) and any(
            path[: len(replace_path)] == replace_path[: len(path)]
            for replace_path in map(tuple, self.replace_paths)
        )


def path_text(path: Path) -> str:
    """Return a path as text: `tags.Name`, `records[0]`, `tags["a.b"]`; `(all)` if it is empty."""
    return "".join(map(_written, path)).removeprefix(".") or _ALL


def _written(step: Json) -> str:
    # The step into a set is the element itself, which may be an object.
    is_plain = isinstance(step, str | int) and not isinstance(step, bool)
    return _step(step if is_plain else json_text(step))


@lru_cache(maxsize=4096)
def _step(step: str | int) -> str:
    return f".{step}" if isinstance(step, str) and _NAME.fullmatch(step) else as_index(step)


def _without_nulls(value: Json) -> Json:
    """Return a value without the null attributes of its objects."""
    if is_mapping(value):
        return {name: _without_nulls(item) for name, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if is_sequence(value) else value


def _steps(before: Side, after: Side) -> _Steps:
    """Return the steps into two objects or two lists; empty for other values."""
    if after.unknown is True or not before.is_set or not after.is_set:
        return ()
    if are_both(is_mapping, before, after):
        names = before.names | after.names
        if (*before[1:], *after[1:]) == (None,) * 4:
            # Most attributes are equal strings.
            old, new = mapping(before.value), mapping(after.value)
            names -= {name for name in names if _is_same_text(old.get(name), new.get(name))}
        return [(name, name) for name in sorted(names)]
    return _pairs(before, after) if are_both(is_sequence, before, after) else ()


def _is_same_text(old: Json, new: Json) -> bool:
    return isinstance(old, str) and isinstance(new, str) and old == new


def _pairs(before: Side, after: Side) -> list[_Pair]:
    """Return the indices of the elements of two lists that differ, paired by position.

    All indices if either list has masks.
    """
    if before.has_masks or after.has_masks:
        # Masks refer to elements by index on either side.
        return [
            (at if at < before.length else None, at if at < after.length else None)
            for at in range(max(before.length, after.length))
        ]
    old, new = ([encoded(item) for item in sequence(side.value)] for side in (before, after))
    if len(old) * len(new) > _MAX_PAIRS:
        return [
            (None if old_item is None else at, None if new_item is None else at)
            for at, (old_item, new_item) in enumerate(zip_longest(old, new))
            if old_item != new_item
        ]
    # Lists and sets look alike in a plan. In both, equal elements keep their order (sets are
    # sorted), so matching shows only the elements that were added or removed.
    return [
        pair
        for tag, start, end, new_start, new_end in matcher(old, new).get_opcodes()
        if tag != "equal"
        for pair in zip_longest(range(start, end), range(new_start, new_end))
    ]


def _leaves(path: Path, side: Side) -> Iterator[tuple[Path, Side]]:
    """Yield the attributes that are set, sorted by path; a fully masked value is one of them."""
    side = side.with_fitted_mask()
    value, sensitive, unknown = side
    content = unknown if value is None else value
    if sensitive is True or unknown is True:
        if side.is_set:
            yield path, side
    elif is_mapping(content):
        names = sorted(side.names) if unknown else sorted(content)
        for name in names:
            yield from _leaves((*path, name), side.child(name))
    elif is_sequence(content):
        for at in range(side.length):
            yield from _leaves((*path, at), side.child(at))
    elif value is not None:
        yield path, side
