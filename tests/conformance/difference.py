"""Differences between two providers' schemas and plans, attribute by attribute."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from iot_dr.terraform.standin.values import is_list, is_object

_Json = Any

_PROPERTIES = ("type", "required", "optional", "computed", "sensitive")
_NESTING = ("nesting_mode", "min_items", "max_items")


@dataclass(frozen=True, order=True, slots=True)
class Difference:
    """One attribute, named without positions, and its value for each provider."""

    where: Literal["schema", "plan"]
    attribute: str
    official: str
    standin: str

    def __str__(self) -> str:
        both = f"official {self.official}, stand-in {self.standin}"
        return f"{self.where} {self.attribute}: {both}"


@dataclass(slots=True)
class Comparison:
    """Two compared providers: their differences, and the number of compared attributes."""

    differences: set[Difference] = field(default_factory=set[Difference])
    schema_attributes: int = 0
    plan_values: int = 0

    def types(self, at: str, official: _Json | None, standin: _Json | None) -> None:
        """Compare a type in the form of `terraform providers schema -json`; None where missing."""
        if official is None or standin is None:
            self._add("schema", at, _has(official is not None), _has(standin is not None))
        else:
            self._blocks(at, official["block"], standin["block"])

    def plans(self, official: _Json, standin: _Json) -> None:
        """Compare two plans of one stack in Terraform's JSON form.

        A value that the configuration refers to is compared only by whether it is known, because
        every provider generates its own ids.
        """
        one, other = _changes(official), _changes(standin)
        references = _references(official)
        for address in sorted({*one, *other}):
            lead = "data." if address.startswith("data.") else ""
            kind = lead + address.removeprefix(lead).partition(".")[0]
            if address not in one or address not in other:
                self._add("plan", address, _has(address in one), _has(address in other))
                continue
            a, b = one[address], other[address]
            if a["actions"] != b["actions"]:
                self._add("plan", address, _text(a["actions"]), _text(b["actions"]))
            for name in sorted({*_names(a), *_names(b)}):
                is_reference = name in references.get(address, ())
                self._values(f"{kind}.{name}", _value(a, name), _value(b, name), is_reference)
                if _is_sensitive(a, name) != _is_sensitive(b, name):
                    marks = (f"sensitive {_is_sensitive(each, name)}" for each in (a, b))
                    self._add("plan", f"{kind}.{name}", *marks)

    def _blocks(self, at: str, official: _Json, standin: _Json) -> None:
        for section, properties in (("attributes", _PROPERTIES), ("block_types", _NESTING)):
            one, other = official.get(section, {}), standin.get(section, {})
            for name in sorted({*one, *other}):
                self.schema_attributes += 1
                path = f"{at}.{name}"
                if name not in one or name not in other:
                    self._add("schema", path, _has(name in one), _has(name in other))
                    continue
                for key in properties:
                    a, b = one[name].get(key), other[name].get(key)
                    if (a or None) != (b or None):
                        self._add("schema", path, f"{key} {_text(a)}", f"{key} {_text(b)}")
                if section == "block_types":
                    self._blocks(path, one[name]["block"], other[name]["block"])

    def _values(self, at: str, one: _Json, other: _Json, is_reference: bool) -> None:
        if is_object(one) and is_object(other):
            for name in sorted({*one, *other}):
                self._values(f"{at}.{name}", one.get(name), other.get(name), is_reference)
            return
        if is_list(one) and is_list(other) and len(one) == len(other):
            for pair in zip(one, other, strict=True):
                self._values(at, *pair, is_reference)
            return
        self.plan_values += 1
        if one != other and not (is_reference and _are_known(one, other)):
            self._add("plan", at, _text(one), _text(other))

    def _add(
        self, where: Literal["schema", "plan"], attribute: str, official: str, standin: str
    ) -> None:
        self.differences.add(Difference(where, attribute, official, standin))


def _changes(plan: _Json) -> dict[str, _Json]:
    return {each["address"]: each["change"] for each in plan.get("resource_changes", [])}


def _references(plan: _Json) -> Mapping[str, set[str]]:
    resources = plan["configuration"]["root_module"].get("resources", [])
    return {
        resource["address"]: {
            str(name)
            for name, expression in resource.get("expressions", {}).items()
            if "references" in json.dumps(expression)
        }
        for resource in resources
    }


def _names(change: _Json) -> set[str]:
    return {*(change["after"] or {}), *change["after_unknown"]}


class _Unknown:
    def __repr__(self) -> str:
        return "unknown"


_UNKNOWN = _Unknown()


def _value(change: _Json, name: str) -> _Json:
    after: dict[str, _Json] = change["after"] or {}
    return _merged(after.get(name), change["after_unknown"].get(name))


def _merged(value: _Json, unknown: _Json) -> _Json:
    """Put the marks of unknown values into a value."""
    if unknown is True:
        return _UNKNOWN
    if is_object(unknown):
        members: dict[str, _Json] = value or {}
        names = {*members, *unknown}
        return {name: _merged(members.get(name), unknown.get(name)) for name in names}
    if is_list(unknown) and unknown:
        inner = value or [None] * len(unknown)
        return [_merged(*pair) for pair in zip(inner, unknown, strict=True)]
    return value


def _are_known(*values: _Json) -> bool:
    return all(value is not None and value is not _UNKNOWN for value in values)


def _is_sensitive(change: _Json, name: str) -> bool:
    marks: dict[str, _Json] = change["after_sensitive"] or {}
    return "true" in json.dumps(marks.get(name))


def _has(present: bool) -> str:
    return "has it" if present else "has none"


def _text(value: _Json) -> str:
    return repr(value) if value is _UNKNOWN else json.dumps(value, default=repr)
