"""The expressions of a plan's `configuration`, from which unknown values are inferred.

developer.hashicorp.com/terraform/internals/json-format, "Expression Representation". For HCL an
expression lists only its references. For JSON configuration `constant_value` is the template's
text, with `references` next to it.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Final

from iot_dr.terraform_json.json_value import Json, is_mapping, is_sequence, mapping, sequence
from modules.template import escaped

_NODE: Final = frozenset(("constant_value", "references"))
_KEYS: Final = ("each.key", "count.index")
_LEADS_NOWHERE: Final = ("each.key", "count.", "path.", "terraform.", "self")


def escaped_all(value: Json) -> Json:
    """Escape all strings in a value as JSON configuration does."""
    if isinstance(value, str):
        return escaped(value) if "{" in value else value
    if is_mapping(value):
        return {key: escaped_all(each) for key, each in value.items()}
    return [escaped_all(each) for each in value] if is_sequence(value) else value


def as_configured(expression: Json) -> Json:
    """Return an expression as JSON configuration writes it, references as `${...}`.

    None if the plan does not contain it.
    """
    if is_sequence(expression):
        return [as_configured(each) for each in expression if is_mapping(each)]
    if not is_mapping(expression):
        return None
    if not _is_node(expression):
        return {name: as_configured(each) for name, each in expression.items()}
    names = _texts(expression.get("references"))
    if "constant_value" not in expression:
        return as_text(names)
    constant = expression["constant_value"]
    return constant if names else escaped_all(constant)


def as_text(references: Iterable[str]) -> str | None:
    """Return references as one expression; of several to the same thing, only the longest.

    None if none is left: those to `each.key`, `count`, `path`, `terraform` and `self` are ignored.
    """
    names = list(references)
    key = next((each for each in _KEYS if each in names), None)
    longest, in_order = list[str](), list[str]()
    for name in names:
        if not name.startswith(_LEADS_NOWHERE) and not _is_within(in_order, name):
            longest.append(name)
            insort(in_order, name)
    if key:
        longest = [f"{each}[{key}]" if _is_whole(each) else each for each in longest]
    if not longest:
        return None
    return f"${{{longest[0]}}}" if len(longest) == 1 else f"${{[{', '.join(longest)}]}}"


def filled(value: Json, unknown: Json, expression: Json) -> Json:
    """Replace unknown values by the expressions of the configuration."""
    if unknown is True:
        return as_configured(expression)
    if not has_unknown(unknown):
        return value
    if is_mapping(unknown):
        result = dict(mapping(value))
        for name, inner in unknown.items():
            if has_unknown(inner):
                result[name] = filled(result.get(name), inner, _within(expression, name))
        return result
    if is_sequence(unknown):
        pairs = enumerate(zip_longest(sequence(value), unknown))
        return [filled(each, inner, _within(expression, number)) for number, (each, inner) in pairs]
    return value


def has_unknown(unknown: Json) -> bool:
    """Whether a mask of unknown values marks any."""
    if is_mapping(unknown):
        return any(has_unknown(each) for each in unknown.values())
    return any(has_unknown(each) for each in unknown) if is_sequence(unknown) else bool(unknown)


def has_references_only(expression: Json) -> bool:
    """Whether an expression, or a part of it, is known only by its references."""
    if is_sequence(expression):
        return any(has_references_only(each) for each in expression)
    if not is_mapping(expression):
        return False
    if _is_node(expression):
        return bool(expression.get("references")) and "constant_value" not in expression
    return any(has_references_only(each) for each in expression.values())


def is_complete(expression: Json) -> bool:
    """Whether a plan has the whole of an expression, and it is the same for every instance."""
    if is_sequence(expression):
        return all(is_complete(each) for each in expression)
    if not is_mapping(expression):
        return False
    if not _is_node(expression):
        return all(is_complete(each) for each in expression.values())
    names = _texts(expression.get("references"))
    return "constant_value" in expression and not any(
        name.startswith(("each.", "count.")) for name in names
    )


def origins(value: Json, expression: Json) -> Iterator[tuple[str, str]]:
    """Yield each known string of a value with the expression that it comes from."""
    if isinstance(value, str):
        made_from = as_configured(expression) if _has_references(expression) else None
        if isinstance(made_from, str) and made_from != value:
            yield value, made_from
    elif is_mapping(value):
        for name in value:
            yield from origins(value[name], _within(expression, name))
    elif is_sequence(value):
        for element, inner in zip(value, _elements(expression, len(value)), strict=True):
            yield from origins(element, inner)


def _elements(expression: Json, size: int) -> Iterator[Json]:
    """Yield the expressions of a list's elements; as many references as elements map one to one."""
    names, node = list[str](), None
    for number in range(size):
        inner = _within(expression, number)
        if not _has_references(inner) or "constant_value" in inner:
            yield inner
            continue
        if inner is not node:
            node, listed = inner, as_text(_texts(inner["references"])) or ""
            names = listed[3:-2].split(", ") if listed.startswith("${[") else []
        yield {"references": [names[number]]} if len(names) == size else inner


def _within(expression: Json, step: str | int) -> Json:
    """Return the part of an expression at a step, or all of it if it has no parts."""
    if is_sequence(expression):
        # A dynamic block appears once, whatever the number of its instances.
        index = step if isinstance(step, int) and step < len(expression) else 0
        return expression[index] if expression else None
    if not is_mapping(expression):
        return None
    if not _is_node(expression):
        return expression.get(step) if isinstance(step, str) else expression
    constant = expression.get("constant_value")
    if is_mapping(constant) and isinstance(step, str):
        return {**expression, "constant_value": constant.get(step)}
    if is_sequence(constant) and isinstance(step, int) and step < len(constant):
        return {**expression, "constant_value": constant[step]}
    return expression


def _is_node(expression: Mapping[str, Json]) -> bool:
    return expression.keys() <= _NODE


def _has_references(expression: Json) -> bool:
    return is_mapping(expression) and _is_node(expression) and bool(expression.get("references"))


def _texts(value: Json) -> list[str]:
    return [each for each in sequence(value) if isinstance(each, str)]


def _is_within(in_order: Sequence[str], name: str) -> bool:
    """Whether a name is the same as, or the beginning of, one of some sorted references."""
    for start in (f"{name}.", f"{name}["):
        place = bisect_left(in_order, start)
        if place < len(in_order) and in_order[place].startswith(start):
            return True
    place = bisect_left(in_order, name)
    return place < len(in_order) and in_order[place] == name


def _is_whole(name: str) -> bool:
    """Whether a reference is to a resource without an attribute."""
    return name.count(".") == (2 if name.startswith("data.") else 1) and not name.startswith(
        ("var.", "local.", "each.", "module.")
    )
