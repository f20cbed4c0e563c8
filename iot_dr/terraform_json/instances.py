"""The instances that `for_each` and `count` make of a block of JSON configuration.

developer.hashicorp.com/terraform/language/meta-arguments/for_each, and /count beside it.
"""

import json
import re
from collections.abc import Mapping
from typing import Final

from iot_dr.terraform_json.expression import (
    EACH_KEY,
    Part,
    Step,
    escaped,
    has_expression,
    parts,
    references,
    replaced_references,
    single_reference,
    steps,
)
from iot_dr.terraform_json.json_value import Json, dug, is_mapping, is_sequence
from iot_dr.terraform_json.known_value import UNKNOWN, KnownValues
from iot_dr.terraform_json.naming import told
from iot_dr.terraform_json.place import as_index

MOST: Final = 1_000
"""Instances of one block; more are not told apart."""

_OWN: Final = frozenset(("each", "count"))
_INDEX: Final = re.compile(r"\[\s*(each\.key|each\.value|count\.index)\s*\]")
_LONGEST: Final = 65_536


def instances(body: Mapping[str, Json], known: KnownValues) -> Mapping[Step, Json] | None:
    """Give each instance's key and its `each.value`, which is the index for `count`.

    None where only a plan tells them, or where they are more than `MOST`.
    """
    if body.get("count") is not None:
        return _counted(known.value(body["count"]))
    return _keyed(known.value(body.get("for_each")), known)


def _counted(number: Json) -> Mapping[Step, Json] | None:
    if isinstance(number, str) and re.fullmatch("[0-9]{1,6}", number):
        number = int(number)
    if not isinstance(number, int) or isinstance(number, bool) or number > MOST:
        return None
    return {each: each for each in range(number)}


def _keyed(made_from: Json, known: KnownValues) -> Mapping[Step, Json] | None:
    if is_sequence(made_from):
        texts = [known.value(each) for each in made_from]
        is_set = all(isinstance(each, str) for each in texts)
        made_from = {each: escaped(each) for each in texts} if is_set else UNKNOWN
    if not is_mapping(made_from) or len(made_from) > MOST:
        return None
    return None if any(map(has_expression, made_from)) else {**made_from}


class Filling:
    """Puts what `each` and `count` mean for one instance in their place."""

    def __init__(self, key: Step, value: Json, known: KnownValues) -> None:
        self._key = key
        self._value = value
        self._known = known

    def filled(self, value: Json) -> Json:
        """Give a value of the block as that of the instance; what does not change is shared."""
        if isinstance(value, str):
            return self._text(value) if "each." in value or "count." in value else value
        if is_mapping(value):
            made = {name: self.filled(each) for name, each in value.items()}
            return made if any(made[name] is not value[name] for name in made) else value
        if is_sequence(value):
            items = [self.filled(each) for each in value]
            return items if any(map(_is_other, items, value)) else value
        return value

    def _text(self, text: str) -> Json:
        found = [self._part(part) for part in parts(text)]
        if len(found) == 1:
            return found[0]
        written = "".join(each if isinstance(each, str) else json.dumps(each) for each in found)
        return written if len(written) <= _LONGEST else text

    def _part(self, part: Part) -> Json:
        if not part.is_expression:
            return part.text
        reference = single_reference(part.text)
        if reference and (way := steps(reference))[0] in _OWN:
            meaning = self._meaning(way)
            return part.text if meaning is UNKNOWN else meaning
        others = {each: self._other(each) for each in references(part.text)}
        written = replaced_references(part.text, others)
        if len(written) > _LONGEST:
            return part.text
        value = self._known.value(written)
        if isinstance(value, str):
            return escaped(value)
        return value if isinstance(value, bool | int | float) else written

    def _meaning(self, way: tuple[Step, ...]) -> Json:
        """Say what a reference to `each` or `count` means, as configuration would write it."""
        if way in {("each", "key"), ("count", "index")}:
            return escaped(self._key) if isinstance(self._key, str) else self._key
        if way[:2] != ("each", "value") or EACH_KEY in way:
            return UNKNOWN
        value, rest = dug(self._value, way[2:])
        if rest and isinstance(value, str) and (reference := single_reference(value)):
            return f"${{{reference}{told(rest)}}}"
        return UNKNOWN if rest or value is None else value

    def _other(self, reference: str) -> str:
        way = steps(reference)
        if way[0] not in _OWN:
            return _INDEX.sub(self._index, reference)
        meaning = self._meaning(way)
        if isinstance(meaning, str) and has_expression(meaning):
            return single_reference(meaning) or reference
        return reference if meaning is UNKNOWN else json.dumps(meaning)

    def _index(self, found: re.Match[str]) -> str:
        key = self._value if found.group(1) == "each.value" else self._key
        is_key = isinstance(key, str | int) and not has_expression(str(key))
        return as_index(key) if is_key else found.group()


def _is_other(one: Json, other: Json) -> bool:
    return one is not other
