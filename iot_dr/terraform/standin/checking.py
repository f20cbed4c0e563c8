"""Validation of a configuration beyond its schema, before it is planned."""

from collections.abc import Iterator

from iot_dr.terraform.standin.behaviour import Behaviour
from iot_dr.terraform.standin.problem import Problem
from iot_dr.terraform.standin.schema import Attribute, SchemaBlock
from iot_dr.terraform.standin.values import Path, Value, has_unknown, is_unknown, named, walk


def check_config(
    block: SchemaBlock, behaviour: Behaviour, config: dict[str, Value]
) -> list[Problem]:
    """Return the problems of a resource's or data source's configuration."""
    problems: list[Problem] = []

    def visit(path: Path, attribute: Attribute, owner: dict[str, Value]) -> None:
        problems.extend(_check_value(behaviour, path, attribute, owner[str(path[-1])]))

    walk(block, config, visit)
    return [*problems, *_check_groups(behaviour, config), *_check_companions(behaviour, config)]


def _check_value(
    behaviour: Behaviour, path: Path, attribute: Attribute, value: Value
) -> Iterator[Problem]:
    if value is None or has_unknown(value):
        return
    name = path[-1]
    if not attribute.required and not attribute.optional:
        yield Problem(
            "Value for unconfigurable attribute",
            f'Can\'t configure a value for "{name}": its value is decided by AWS. Remove it.',
            path,
        )
    check = behaviour.checks.get(named(path))
    if check and (wrong := check(value)):
        detail = f"expected {name} to {wrong} (see {behaviour.source})"
        yield Problem("Wrong value", detail, path)


def _check_groups(behaviour: Behaviour, config: dict[str, Value]) -> Iterator[Problem]:
    for group in behaviour.conflicts + behaviour.exactly_one:
        present = [name for name in group if _is_set(config.get(name))]
        for name in present[1:]:
            detail = f'"{name}" conflicts with "{present[0]}": set one of {", ".join(group)}'
            yield Problem("Conflicting configuration arguments", detail, (name,))
    for group in behaviour.exactly_one:
        # A value that is unknown now may turn out to be set.
        if not any(_is_set(config.get(name)) or is_unknown(config.get(name)) for name in group):
            yield Problem(
                "Missing configuration argument", f"one of {', '.join(group)} must be set"
            )


def _check_companions(behaviour: Behaviour, config: dict[str, Value]) -> Iterator[Problem]:
    for name, companions in behaviour.together.items():
        for companion in companions if _is_set(config.get(name)) else ():
            if not _is_set(config.get(companion)) and not is_unknown(config.get(companion)):
                detail = f'"{name}" needs "{companion}" to be set too'
                yield Problem("Missing configuration argument", detail, (name,))


def _is_set(value: Value) -> bool:
    return value not in (None, [], {}) and not is_unknown(value)
