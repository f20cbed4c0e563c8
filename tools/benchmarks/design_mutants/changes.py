"""The kinds of change of a value, each with the changed values."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from iot_dr.terraform.standin.checks import OneOf
from iot_dr.terraform_json.expression import TemplatePart, parts, references
from iot_dr.terraform_json.json_value import Json, is_mapping, is_sequence

REMOVED: Final = "removed"
NEGATED: Final = "negated"
VALUE: Final = "another value"
REGION: Final = "another region"
NAME: Final = "another name"
LARGER: Final = "larger"
SMALLER: Final = "smaller"
DENIED: Final = "denied"

_MOST: Final = 8
_FEW: Final = 3
# IAM refuses a statement without them.
_REQUIRED: Final = frozenset(("Effect", "Action", "Resource", "Principal"))
_WORD: Final = re.compile(r"[A-Za-z0-9]+")
_INTEGER: Final = re.compile(r"\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A changed value; `argument` and `place` follow those of the value that it is part of."""

    kind: str
    value: Json
    detail: str = ""
    argument: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a changed value may refer to instead: other regions, and addresses of equal type.

    `own` is the region of the resource, None if it has none.
    """

    regions: Sequence[str]
    own: str | None
    alternatives: Callable[[str], Sequence[str]]


def changes(value: Json, allowed: object, around: Surroundings) -> Iterator[Change]:
    """Yield the changes of an attribute's value; `allowed` is the check of the attribute."""
    if isinstance(value, bool):
        yield Change(kind=NEGATED, value=not value)
    elif isinstance(allowed, OneOf) and value in allowed.allowed:
        yield from _other_regions(value, around) if isinstance(value, str) else ()
        for other in some_values(allowed, value):
            yield Change(kind=VALUE, value=other, detail=str(other))
    elif isinstance(value, (int, float)):
        yield from _other_numbers(value)
    elif isinstance(value, str):
        yield from _other_texts(value, around)
    elif is_sequence(value) or is_mapping(value):
        yield from _members(value, around)


def some_values(allowed: OneOf, *but: object) -> Sequence[str | int]:
    """Return allowed values other than `but`: all of a short list, a few of a long one."""
    others = [value for value in allowed.allowed if value not in but]
    step = 1 if len(others) <= _MOST else len(others) // _FEW + 1
    return others[::step]


def _other_numbers(value: float) -> Iterator[Change]:
    yield Change(kind=LARGER, value=value * 2 + 1, detail=f"{value * 2 + 1}")
    if value:
        yield Change(kind=SMALLER, value=value // 2, detail=f"{value // 2}")


def _members(value: Json, around: Surroundings) -> Iterator[Change]:
    """Yield the changes of each member of a list or map, and the value without the member."""
    is_map = is_mapping(value)
    for key, member in [*value.items()] if is_map else enumerate(value):
        for change in changes(member, None, around):
            yield _inside(replace(change, value=_with(value, key, change.value)), key)
        if is_map or len(value) > 1:
            yield _inside(Change(kind=REMOVED, value=_with(value, key)), key)


def _with(value: Json, key: str | int, *members: Json) -> Json:
    """Return a list or map with `members`, one or none, in the place of another member."""
    if isinstance(key, int):
        return [*value[:key], *members, *value[key + 1 :]]
    others = {name: member for name, member in value.items() if name != key}
    return others | {key: members[0]} if members else others


def _inside(change: Change, key: str | int) -> Change:
    """Return a change of a member as one of its list or map."""
    is_named = isinstance(key, str)
    return replace(
        change,
        argument=f".{key}{change.argument}" if is_named else change.argument,
        place=f".{key}{change.place}" if is_named else f"[{key}]{change.place}",
    )


def _other_texts(text: str, around: Surroundings) -> Iterator[Change]:
    if (document := _document(text)) is not None:
        if "Statement" in document:
            yield from _other_policies(document, around)
        else:
            for change in _members(document, around):
                yield replace(change, value=json.dumps(change.value))
        return
    if _INTEGER.fullmatch(text):
        for change in _other_numbers(int(text)):
            yield replace(change, value=str(change.value))
        return
    yield from _other_regions(text, around)
    names = dict.fromkeys([*_other_references(text, around), *_other_words(text)])
    for name in names:
        yield Change(kind=NAME, value=name, detail=name)


def _other_regions(text: str, around: Surroundings) -> Iterator[Change]:
    for region in around.regions:
        changed = text
        for other in around.regions:
            changed = changed.replace(other, region)
            changed = changed.replace(other.replace("-", "_"), region.replace("-", "_"))
        if changed != text:
            yield Change(kind=REGION, value=changed, detail=region)


def _other_references(text: str, around: Surroundings) -> Iterator[str]:
    for reference in references(text):
        yield from (text.replace(reference, other) for other in around.alternatives(reference))


def _other_words(text: str) -> Iterator[str]:
    """Yield a text with its first or its last word changed, outside of expressions."""
    split = parts(text)
    ends = [
        (number, match.end())
        for number, part in enumerate(split)
        if not part.is_expression
        for match in _WORD.finditer(part.text)
    ]
    for number, end in dict.fromkeys([*ends[:1], *ends[-1:]]):
        changed = list(split)
        inner = split[number].text
        changed[number] = TemplatePart(f"{inner[:end]}x{inner[end:]}", is_expression=False)
        yield "".join(part.text for part in changed)


def _document(text: str) -> Json:
    """Return a JSON document, such as a policy or an event pattern, None for any other text."""
    if not text.startswith("{"):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def _other_policies(document: Json, around: Surroundings) -> Iterator[Change]:
    statements = document["Statement"]
    for number, statement in enumerate(statements):
        for change in _other_statements(statement, around):
            changed = [] if change.value is None else [change.value]
            others = [*statements[:number], *changed, *statements[number + 1 :]]
            yield replace(
                change,
                value=json.dumps({**document, "Statement": others}),
                argument=f".Statement{change.argument}",
                place=f".{statement.get('Sid', number)}{change.place}",
            )


def _other_statements(statement: dict[str, Json], around: Surroundings) -> Iterator[Change]:
    """Yield the changes of a statement; None is its removal."""
    yield Change(kind=DENIED, value={**statement, "Effect": "Deny"}, argument=".Effect")
    yield Change(kind=REMOVED, value=None)
    for key, value in statement.items():
        for change in changes(value, None, around) if key != "Effect" else ():
            yield _inside(replace(change, value=_with(statement, key, change.value)), key)
        if key not in _REQUIRED:
            yield _inside(Change(kind=REMOVED, value=_with(statement, key)), key)
