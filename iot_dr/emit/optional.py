"""Conditional resources of a module."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from iot_dr.terraform_json.expression import parts, references, replaced_references, steps

Json = Any


@dataclass(frozen=True, kw_only=True)
class Optional:
    """Addresses of resources or data sources, and the Terraform condition for their existence.

    `*.name` matches every resource with that name.
    """

    addresses: tuple[str, ...]
    condition: str


def with_optional(document: Mapping[str, Json], optional: Optional) -> dict[str, Json]:
    """Return the document with a count in conditional resources, and adapted references.

    References between them are to the one instance; others are to it or null. Raises KeyError for
    an address that the document does not have; `*.name` may match nothing.
    """
    by_kind = {key: dict(document[key]) for key in ("resource", "data") if key in document}
    inside = {each for given in optional.addresses for each in _matching(given, by_kind)}
    for address in inside:
        kind, type_, name = place_of(address)
        block = by_kind[kind][type_][name]
        by_kind[kind] = {**by_kind[kind], type_: {**by_kind[kind][type_]}}
        by_kind[kind][type_][name] = {"count": f"${{{optional.condition} ? 1 : 0}}", **block}
    rest = {key: value for key, value in document.items() if key not in by_kind}
    written = {
        kind: {
            type_: {
                name: _rewritten(block, inside, is_inside=address_of(kind, type_, name) in inside)
                for name, block in blocks.items()
            }
            for type_, blocks in types.items()
        }
        for kind, types in by_kind.items()
    }
    return {**_rewritten(rest, inside, is_inside=False), **written}


def _matching(address: str, by_kind: Mapping[str, Json]) -> list[str]:
    type_, _, name = address.partition(".")
    if type_ != "*":
        return [address]
    return [f"{each}.{name}" for each, blocks in by_kind["resource"].items() if name in blocks]


def place_of(address: str) -> tuple[str, str, str]:
    """Return the kind (`resource` or `data`), type and name of an address."""
    *data, type_, name = address.split(".")
    return ("data" if data else "resource"), type_, name


def address_of(kind: str, type_: str, name: str) -> str:
    """Return the address that `place_of` reads."""
    return f"data.{type_}.{name}" if kind == "data" else f"{type_}.{name}"


def _rewritten(value: Json, inside: set[str], *, is_inside: bool) -> Json:
    if isinstance(value, str):
        return _text(value, inside, is_inside=is_inside)
    if isinstance(value, Mapping):
        return {key: _rewritten(each, inside, is_inside=is_inside) for key, each in value.items()}  # pyrefly: ignore[unknown-argument-type, unknown-variable-type] - JSON
    if isinstance(value, Sequence):
        if not is_inside and len(value) == 1 and (optional_list := _none_or_one(value[0], inside)):  # pyrefly: ignore[unknown-argument-type] - JSON
            return optional_list
        return [_rewritten(each, inside, is_inside=is_inside) for each in value]  # pyrefly: ignore[unknown-argument-type, unknown-variable-type] - JSON
    return value


def _text(text: str, inside: set[str], *, is_inside: bool) -> str:
    replacements = {
        reference: _reference(reference, inside, is_inside=is_inside)
        for reference in references(text)
    }
    if all(before == after for before, after in replacements.items()):
        return text
    return "".join(
        replaced_references(part.text, replacements) if part.is_expression else part.text
        for part in parts(text)
    )


def _none_or_one(item: Json, inside: set[str]) -> str | None:
    """Return the list of a conditional resource's attribute, if an item is a reference to it."""
    reference = item[2:-1] if isinstance(item, str) and item.startswith("${") else ""
    address, _, attribute = reference.rpartition(".")
    return f"${{{address}[*].{attribute}}}" if address in inside else None


def _reference(reference: str, inside: set[str], *, is_inside: bool) -> str:
    named = steps(reference)
    length = 3 if named[0] == "data" else 2
    address = ".".join(str(each) for each in named[:length])
    if address not in inside or len(named) <= length:
        return reference
    rest = reference[len(address) :]
    if is_inside:
        return f"{address}[0]{rest}"
    attribute = f".{named[length]}"
    return f"one({address}[*]{attribute}){rest[len(attribute) :]}"
