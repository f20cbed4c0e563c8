"""Instances that `for_each` and `count` make of a block; what only a plan can tell stays whole.

developer.hashicorp.com/terraform/language/meta-arguments/for_each, and /count beside it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

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
from iot_dr.terraform_json.json_value import Json, descend, is_mapping, is_sequence, texts_in
from iot_dr.terraform_json.known_value import UNKNOWN, KnownValues
from iot_dr.terraform_json.listing import listing
from iot_dr.terraform_json.named_values import path_text
from iot_dr.terraform_json.scope import as_index

MAX_INSTANCES: Final = 1_000
"""Instances of one block; more are not told apart."""

_OWN: Final = frozenset(("each", "count"))
_INDEX: Final = re.compile(r"\[\s*(each\.key|each\.value|count\.index)\s*\]")
_LONGEST: Final = 65_536


def instances(body: Mapping[str, Json], known: KnownValues) -> Mapping[Step, Json] | None:
    """Give each instance's key and its `each.value`, which is the index for `count`.

    None where only a plan tells them, or where they are more than `MAX_INSTANCES`.
    """
    if body.get("count") is not None:
        return _counted(known.value(body["count"]))
    return _keyed(known.value(body.get("for_each")), known)


def _counted(number: Json) -> Mapping[Step, Json] | None:
    if isinstance(number, str) and re.fullmatch("[0-9]{1,6}", number):
        number = int(number)
    if not isinstance(number, int) or isinstance(number, bool) or number > MAX_INSTANCES:
        return None
    return {each: each for each in range(number)}


def _keyed(made_from: Json, known: KnownValues) -> Mapping[Step, Json] | None:
    if is_sequence(made_from):
        texts = [known.value(each) for each in made_from]
        is_set = all(isinstance(each, str) for each in texts)
        made_from = {each: escaped(each) for each in texts} if is_set else UNKNOWN
    if not is_mapping(made_from) or len(made_from) > MAX_INSTANCES:
        return None
    return None if any(map(has_expression, made_from)) else {**made_from}


class InstanceValues:
    """Puts what `each` and `count` mean for one instance in their place."""

    def __init__(self, key: Step, value: Json, known: KnownValues) -> None:
        self._key = key
        self._value = value
        self._known = known

    def substituted(self, value: Json) -> Json:
        """Give a value of the block as that of the instance; what does not change is shared."""
        if isinstance(value, str):
            return self._text(value) if "each." in value or "count." in value else value
        if is_mapping(value):
            made = {name: self.substituted(each) for name, each in value.items()}
            return made if any(made[name] is not value[name] for name in made) else value
        if is_sequence(value):
            items = [self.substituted(each) for each in value]
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
        value, rest = descend(self._value, way[2:])
        if rest and isinstance(value, str) and (reference := single_reference(value)):
            return f"${{{reference}{path_text(rest)}}}"
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


# Texts of all instances: a small file could make more than memory holds.
_MOST_TEXTS: Final = 500_000


class Instance(NamedTuple):
    """An instance of a block: its address, and what the block means for it."""

    address: str
    body: Mapping[str, Json]


class Expansion:
    """Expands the blocks of one document.

    `each_values` is what `each.value` means for each key, as `StackResources.definitions` has it.
    """

    def __init__(self, definitions: Mapping[str, Json]) -> None:
        self._known = KnownValues(definitions)
        self._left = _MOST_TEXTS
        self._whole: list[str] = []
        self._dynamic: list[str] = []
        self.each_values: dict[str, Json] = {}

    @property
    def not_checked(self) -> Iterator[str]:
        """What was met and could not be told."""
        if self._whole:
            yield (
                f"the instances of {listing(self._whole)}: without a plan they are not known, or"
                " are too many; plan it and name the plan"
            )
        if self._dynamic:
            yield f"the dynamic blocks of {listing(self._dynamic)}; plan it and name the plan"

    def expanded(self, address: str, body: Mapping[str, Json]) -> Iterator[Instance]:
        """Yield the instances of a block; the block itself where only a plan tells them."""
        if body.get("dynamic"):
            self._dynamic.append(address)
        if body.get("for_each") is None and body.get("count") is None:
            yield Instance(address, body)
            return
        made = instances(body, self._known)
        if made is None or not self._takes(body, len(made)):
            self._whole.append(address)
            self.each_values[f"{address}.each"] = body.get("for_each")
            yield Instance(address, body)
            return
        self.each_values[f"{address}.each"] = dict(made)
        for key, value in made.items():
            filled = InstanceValues(key, value, self._known).substituted(body)
            yield Instance(address + as_index(key), filled)

    def _takes(self, body: Mapping[str, Json], number: int) -> bool:
        texts = number * sum(1 for _ in texts_in(body))
        if texts > self._left:
            return False
        self._left -= texts
        return True
