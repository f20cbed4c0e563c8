"""The expressions of a plan's `configuration`, which tell what an unknown value is made of.

The form is developer.hashicorp.com/terraform/internals/json-format, "Expression Representation".
For HCL it lists references only. For JSON configuration `constant_value` is the text as it was
written, with `references` beside it.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest
from typing import Final

from iot_dr.terraform_json.expression import escaped
from iot_dr.terraform_json.json_value import Json, is_mapping, is_sequence, mapping, sequence

_NODE: Final = frozenset(("constant_value", "references"))
_KEYS: Final = ("each.key", "count.index")
_LEADS_NOWHERE: Final = ("each.key", "count.", "path.", "terraform.", "self")


def escaped_all(value: Json) -> Json:
    """Write the literal texts in a value as JSON configuration would."""
    if isinstance(value, str):
        return escaped(value) if "{" in value else value
    if is_mapping(value):
        return {key: escaped_all(each) for key, each in value.items()}
    return [escaped_all(each) for each in value] if is_sequence(value) else value


def configured_value(expression: Json) -> Json:
    """Give a value as configuration states it; None where it tells nothing of it."""
    if is_sequence(expression):
        return [configured_value(each) for each in expression if is_mapping(each)]
    if not is_mapping(expression):
        return None
    if not _is_node(expression):
        return {name: configured_value(each) for name, each in expression.items()}
    names = _texts(expression.get("references"))
    if "constant_value" not in expression:
        return as_text(names)
    constant = expression["constant_value"]
    return constant if names else escaped_all(constant)


def as_text(references: Iterable[str]) -> str | None:
    """Write references as one expression; of those that lead from one thing, the longest."""
    names = list(references)
    key = next((each for each in _KEYS if each in names), None)
    kept: list[str] = []
    for name in names:
        if not name.startswith(_LEADS_NOWHERE) and not any(_is_within(each, name) for each in kept):
            kept.append(name)
    if key:
        kept = [f"{each}[{key}]" if _is_whole(each) else each for each in kept]
    if not kept:
        return None
    return f"${{{kept[0]}}}" if len(kept) == 1 else f"${{[{', '.join(kept)}]}}"


def filled(value: Json, unknown: Json, expression: Json) -> Json:
    """Put what configuration states where a plan says that a value is unknown."""
    if unknown is True:
        return configured_value(expression)
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
    """Tell whether a plan's mask of unknown values marks any."""
    if is_mapping(unknown):
        return any(has_unknown(each) for each in unknown.values())
    return any(has_unknown(each) for each in unknown) if is_sequence(unknown) else bool(unknown)


def has_references_only(expression: Json) -> bool:
    """Tell whether an expression is told by its references alone, somewhere in it."""
    if is_sequence(expression):
        return any(has_references_only(each) for each in expression)
    if not is_mapping(expression):
        return False
    if _is_node(expression):
        return bool(expression.get("references")) and "constant_value" not in expression
    return any(has_references_only(each) for each in expression.values())


def origins(value: Json, expression: Json) -> Iterator[tuple[str, str]]:
    """Yield each known text of a value with the expression that it came from."""
    if isinstance(value, str):
        made_from = configured_value(expression) if _has_references(expression) else None
        if isinstance(made_from, str) and made_from != value:
            yield value, made_from
    elif is_mapping(value):
        for name in value:
            yield from origins(value[name], _within(expression, name))
    elif is_sequence(value):
        for number, each in enumerate(value):
            yield from origins(each, _element(expression, number, len(value)))


def _element(expression: Json, number: int, size: int) -> Json:
    """Give the expression of a list's element; one reference for each element is one for one."""
    inner = _within(expression, number)
    if not _has_references(inner) or "constant_value" in inner:
        return inner
    kept = as_text(_texts(inner["references"])) or ""
    names = kept[3:-2].split(", ") if kept.startswith("${[") else []
    return {"references": [names[number]]} if len(names) == size else inner


def _within(expression: Json, step: str | int) -> Json:
    """Give the part of an expression that a step leads to, or all of it where it tells no parts."""
    if is_sequence(expression):
        # A block whose instances are made from one expression is told once.
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


def _is_within(longer: str, name: str) -> bool:
    return longer == name or longer.startswith((f"{name}.", f"{name}["))


def _is_whole(name: str) -> bool:
    """Tell whether a reference is to a resource without an attribute."""
    return name.count(".") == (2 if name.startswith("data.") else 1) and not name.startswith(
        ("var.", "local.", "each.", "module.")
    )
