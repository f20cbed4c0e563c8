"""The `configuration` of a plan, whose resources are decoded when they are asked for."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Raw

from iot_dr.review.read.raw_json import checked, items, members, size
from iot_dr.review.read.secrets import Secrets
from iot_dr.review.read.stand_ins import replaced
from iot_dr.terraform_json.deferred import Deferred, Shelf
from iot_dr.terraform_json.json_value import Json, is_mapping, mapping


class _Block(Deferred):
    """The block of a resource."""

    __slots__ = ("_raw", "_shelf")

    def __init__(self, raw: Raw, shelf: Shelf, where: str) -> None:
        checked(raw, where)
        self._raw = raw
        self._shelf = shelf

    @property
    def shelf(self) -> Shelf:
        return self._shelf

    @property
    def size(self) -> int:
        return size(self._raw)

    def made(self) -> Mapping[str, Json]:
        return mapping(msgspec.json.decode(self._raw))


def configuration(raw: Raw, shelf: Shelf) -> dict[str, Any]:
    """Decode a configuration, but for the blocks of its resources."""
    where = "configuration"
    return {
        name: _module(part, shelf, f"{where}.{name}")
        if name == "root_module"
        else checked(part, f"{where}.{name}")
        for name, part in members(raw.copy(), where).items()
    }


def learn(secrets: Secrets, configuration: Json, variables: Json) -> None:
    """Learn the values of variables and outputs that configuration declares sensitive.

    Stand-ins come in their place.
    """
    root = mapping(mapping(configuration).get("root_module"))
    for name in _sensitive(root, "variables"):
        _take(secrets, mapping(variables).get(name), "value")
    for module, given in _modules(root):
        for name, body in _sensitive(module, "variables").items():
            _take(secrets, body, "default")
            _take(secrets, given.get(name), "constant_value")
        for body in _sensitive(module, "outputs").values():
            _take(secrets, body.get("expression"), "constant_value")


def _take(secrets: Secrets, holder: Json, key: str) -> None:
    if is_mapping(holder) and key in holder:
        secrets.add(holder[key])
        # An expression is no value, though it may have a secret in its text.
        if not holder.get("references"):
            holder[key] = replaced(holder[key], secrets)


def _module(raw: Raw, shelf: Shelf, where: str) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, part in members(raw, where).items():
        inner = f"{where}.{name}"
        if name == "resources":
            made[name] = [_Block(each, shelf, inner) for each in items(part, inner)]
        elif name == "module_calls":
            made[name] = {
                call: _call(each, shelf, f"{inner}.{call}")
                for call, each in members(part, inner).items()
            }
        else:
            made[name] = checked(part, inner)
    return made


def _call(raw: Raw, shelf: Shelf, where: str) -> dict[str, Any]:
    return {
        name: _module(part, shelf, f"{where}.{name}")
        if name == "module"
        else checked(part, f"{where}.{name}")
        for name, part in members(raw, where).items()
    }


def _modules(root: Mapping[str, Json]) -> Iterator[tuple[Mapping[str, Json], Mapping[str, Json]]]:
    """Yield each module with what its call gives to its variables."""
    waiting = [(root, dict[str, Any]())]
    while waiting:
        module, given = waiting.pop()
        yield module, given
        for call in mapping(module.get("module_calls")).values():
            body = mapping(call)
            waiting.append((mapping(body.get("module")), mapping(body.get("expressions"))))


def _sensitive(module: Mapping[str, Json], what: str) -> dict[str, dict[str, Json]]:
    told = mapping(module.get(what)).items()
    return {name: mapping(body) for name, body in told if mapping(body).get("sensitive")}
