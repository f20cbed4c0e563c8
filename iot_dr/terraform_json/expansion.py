"""Expands `for_each` and `count` of a block into instances, if they are known without a plan.

developer.hashicorp.com/terraform/language/meta-arguments/for_each and .../count.
"""

import json
import re
from collections.abc import Iterator, Mapping
from operator import is_not
from typing import Final, NamedTuple

from iot_dr.common.terraform_binary import program
from iot_dr.terraform_json.expression import (
    EACH_KEY,
    Step,
    TemplatePart,
    has_expression,
    parts,
    references,
    replaced_references,
    single_reference,
    steps,
)
from iot_dr.terraform_json.json_value import Json, descend, is_mapping, is_sequence, texts_in
from iot_dr.terraform_json.known_value import LONGEST, UNKNOWN, Evaluator
from iot_dr.terraform_json.listing import listing
from iot_dr.terraform_json.named_values import path_text
from iot_dr.terraform_json.scope import as_index
from modules.template import escaped

MAX_INSTANCES: Final = 1_000
"""The most instances of one block; a block with more is not expanded."""

_OWN: Final = frozenset(("each", "count"))
_INDEX: Final = re.compile(r"\[\s*(each\.key|each\.value|count\.index)\s*\]")


def instances(body: Mapping[str, Json], known: Evaluator) -> Mapping[Step, Json] | None:
    """Return `each.value` by instance key; for `count`, both are the index.

    None if the keys are known only to a plan, or if there are more than `MAX_INSTANCES`.
    """
    if body.get("count") is not None:
        return _counted(known.evaluate(body["count"]))
    return _keyed(known.evaluate(body.get("for_each")), known)


def _counted(number: Json) -> Mapping[Step, Json] | None:
    if isinstance(number, str) and re.fullmatch("[0-9]{1,6}", number):
        number = int(number)
    if not isinstance(number, int) or isinstance(number, bool) or number > MAX_INSTANCES:
        return None
    return {each: each for each in range(number)}


def _keyed(made_from: Json, known: Evaluator) -> Mapping[Step, Json] | None:
    if is_sequence(made_from):
        texts = [known.evaluate(each) for each in made_from]
        is_set = all(isinstance(each, str) for each in texts)
        made_from = {each: escaped(each) for each in texts} if is_set else UNKNOWN
    if not is_mapping(made_from) or len(made_from) > MAX_INSTANCES:
        return None
    return None if any(map(has_expression, made_from)) else {**made_from}


class InstanceValues:
    """Replaces `each` and `count` by their values for one instance."""

    def __init__(self, key: Step, value: Json, known: Evaluator) -> None:
        self._key = key
        self._value = value
        self._known = known

    def substituted(self, value: Json) -> Json:
        """Return a value of the block for this instance; an unchanged value is the same object."""
        if isinstance(value, str):
            return self._text(value) if "each." in value or "count." in value else value
        if is_mapping(value):
            filled = {name: self.substituted(each) for name, each in value.items()}
            return filled if any(filled[name] is not value[name] for name in filled) else value
        if is_sequence(value):
            items = [self.substituted(each) for each in value]
            return items if any(map(is_not, items, value)) else value
        return value

    def _text(self, text: str) -> Json:
        values = [self._part(part) for part in parts(text)]
        if len(values) == 1:
            return values[0]
        written = "".join(each if isinstance(each, str) else json.dumps(each) for each in values)
        return written if len(written) <= LONGEST else text

    def _part(self, part: TemplatePart) -> Json:
        if not part.is_expression:
            return part.text
        reference = single_reference(part.text)
        if reference and (path := steps(reference))[0] in _OWN:
            meaning = self._meaning(path)
            return part.text if meaning is UNKNOWN else meaning
        replacements = {each: self._other(each) for each in references(part.text)}
        written = replaced_references(part.text, replacements)
        if len(written) > LONGEST:
            return part.text
        value = self._known.evaluate(written)
        if isinstance(value, str):
            return escaped(value)
        return value if isinstance(value, bool | int | float) else written

    def _meaning(self, path: tuple[Step, ...]) -> Json:
        """Return the value of a reference to `each` or `count`, as configuration would write it.

        `UNKNOWN` if it is null or not known.
        """
        if path in {("each", "key"), ("count", "index")}:
            return escaped(self._key) if isinstance(self._key, str) else self._key
        if path[:2] != ("each", "value") or EACH_KEY in path:
            return UNKNOWN
        value, rest = descend(self._value, path[2:])
        if rest and isinstance(value, str) and (reference := single_reference(value)):
            return f"${{{reference}{path_text(rest)}}}"
        return UNKNOWN if rest or value is None else value

    def _other(self, reference: str) -> str:
        path = steps(reference)
        if path[0] not in _OWN:
            return _INDEX.sub(self._index, reference)
        meaning = self._meaning(path)
        if isinstance(meaning, str) and has_expression(meaning):
            return single_reference(meaning) or reference
        return reference if meaning is UNKNOWN else json.dumps(meaning)

    def _index(self, match: re.Match[str]) -> str:
        key = self._value if match.group(1) == "each.value" else self._key
        is_key = isinstance(key, str | int) and not has_expression(str(key))
        return as_index(key) if is_key else match.group()


# Strings of all instances together: a small file could expand to more than fits in memory.
_MOST_TEXTS: Final = 500_000


class Instance(NamedTuple):
    """An instance of a block: its address and its arguments."""

    address: str
    body: Mapping[str, Json]


class Expansion:
    """Expands the blocks of one document.

    `each_values` maps `ADDRESS.each` to `each.value` by key, or to `for_each` or `count` if the
    block was not expanded, as in `StackResources.definitions`.
    """

    def __init__(self, definitions: Mapping[str, Json]) -> None:
        self._known = Evaluator(definitions)
        self._left = _MOST_TEXTS
        self._whole: list[str] = []
        self._dynamic: list[str] = []
        self.each_values: dict[str, Json] = {}

    @property
    def not_checked(self) -> Iterator[str]:
        """Notes about blocks that could not be expanded."""
        if self._whole:
            yield (
                f"the instances of {listing(self._whole)}: unknown without a plan, or too many;"
                f" run {program()} plan and pass the plan as JSON"
            )
        if self._dynamic:
            yield (
                f"the dynamic blocks of {listing(self._dynamic)}; run {program()} plan and pass the"
                " plan as JSON"
            )

    def expanded(self, address: str, body: Mapping[str, Json]) -> Iterator[Instance]:
        """Yield the instances of a block, or the block itself if they are not known."""
        if body.get("dynamic"):
            self._dynamic.append(address)
        if body.get("for_each") is None and body.get("count") is None:
            yield Instance(address, body)
            return
        values = instances(body, self._known)
        if values is None or not self._takes(body, len(values)):
            self._whole.append(address)
            self.each_values[f"{address}.each"] = body.get("for_each", body.get("count"))
            yield Instance(address, body)
            return
        self.each_values[f"{address}.each"] = dict(values)
        for key, value in values.items():
            filled = InstanceValues(key, value, self._known).substituted(body)
            yield Instance(address + as_index(key), filled)

    def _takes(self, body: Mapping[str, Json], number: int) -> bool:
        texts = number * sum(1 for _ in texts_in(body))
        if texts > self._left:
            return False
        self._left -= texts
        return True
