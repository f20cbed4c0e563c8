"""The resources in `planned_values` and `prior_state` of a plan."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec
from msgspec import Raw

from iot_dr.review.read.masks import marked
from iot_dr.review.read.plan_structs import VALUES, ValuesTold
from iot_dr.review.read.raw_json import NULL, checked, decoded, items, members, size
from iot_dr.review.read.secrets import Secrets
from iot_dr.review.read.side import Side
from iot_dr.review.read.stand_ins import masked, replaced
from iot_dr.terraform_json.deferred import Shelf
from iot_dr.terraform_json.json_value import Json, mapping
from iot_dr.terraform_json.resource import Change, Mode

# A mask of nothing: objects and lists of `false` and `null`.
_NOTHING: Final = re.compile(rb'(?:[\s{}\[\],]|false|null|"(?:[^"\\]|\\.)*+"\s*:)*+')


class ValuesEntry:
    """A resource that no change is told of; see `iot_dr.terraform_json.plan_entry.PlanEntry`."""

    __slots__ = ("_mask", "_raw", "_secrets", "address", "mode", "name", "shelf", "type")

    def __init__(self, told: ValuesTold, shelf: Shelf, secrets: Secrets, where: str) -> None:
        mapping(checked(told.values, where))
        self._raw = told.values.copy()
        self._mask = told.sensitive_values.copy() if _may_mask(told) else NULL
        self._secrets = secrets
        self.shelf = shelf
        self.address = told.address
        self.mode: Mode = "data" if told.mode == "data" else "managed"
        self.type = told.type
        self.name = told.name

    @property
    def change(self) -> Change | None:
        """Nothing is told to happen to it."""
        return None

    @property
    def size(self) -> int:
        """Bytes of its values."""
        return size(self._raw)

    def values(self) -> Mapping[str, Json]:
        """Give its values, with stand-ins for what is sensitive."""
        value, mask = map(msgspec.json.decode, (self._raw, self._mask))
        return mapping(masked(Side.of(value, mask), Side(None), self._secrets))

    def unknown(self) -> Mapping[str, Json]:
        """Give none: here a plan does not tell what is unknown."""
        return {}


def told_values(values: Raw, where: str) -> Iterator[ValuesTold]:
    """Yield the resources of all modules."""
    waiting = [members(values, where).get("root_module", NULL)]
    while waiting:
        parts = members(waiting.pop(), where)
        for raw in items(parts.get("resources", NULL), where):
            yield decoded(VALUES, raw, where)
        waiting += reversed(items(parts.get("child_modules", NULL), where))


def told_outputs(values: Raw, where: str) -> dict[str, dict[str, Json]]:
    """Give the outputs by name, each with `value` and `sensitive`."""
    told = members(values, where).get("outputs", NULL)
    return {name: mapping(body) for name, body in mapping(checked(told, where)).items()}


def learn(secrets: Secrets, told: ValuesTold, where: str) -> None:
    """Learn what a resource's mask marks."""
    if _may_mask(told):
        mask = checked(told.sensitive_values, where)
        for value in marked(checked(told.values, where), mask):
            secrets.add(value)


def learn_outputs(secrets: Secrets, outputs: Mapping[str, dict[str, Json]]) -> None:
    """Learn the values of sensitive outputs, and put stand-ins in their place."""
    for body in outputs.values():
        if body.get("sensitive"):
            secrets.add(body.get("value"))
            body["value"] = replaced(body.get("value"), secrets)


def _may_mask(told: ValuesTold) -> bool:
    return _NOTHING.fullmatch(bytes(told.sensitive_values)) is None
