"""Applies a plan, or reads a data source: every unknown value gets a plausible one."""

from collections.abc import Mapping

from iot_dr.terraform.standin.behaviour import Behaviour
from iot_dr.terraform.standin.identity import Origin, fresh
from iot_dr.terraform.standin.schema import Attribute, CtyType, SchemaBlock
from iot_dr.terraform.standin.values import (
    Path,
    Value,
    has_unknown,
    is_list,
    is_object,
    is_unknown,
    named,
    walk,
)


def apply_plan(
    type_name: str,
    block: SchemaBlock,
    behaviour: Behaviour,
    planned: dict[str, Value],
    origin: Origin,
) -> dict[str, Value]:
    """Return the state of a resource after apply, without unknown values."""
    answered = behaviour.computed_on_apply(planned, origin)
    state = planned | {
        name: value for name, value in answered.items() if has_unknown(planned.get(name))
    }
    state |= {name: [] for name in block.blocks if is_unknown(state[name])}
    common = _common(type_name, block, state, origin)

    def visit(path: Path, attribute: Attribute, owner: dict[str, Value]) -> None:
        name = str(path[-1])
        if is_unknown(owner[name]) and named(path) in behaviour.defaults_from_aws:
            owner[name] = behaviour.defaults_from_aws[named(path)]
        elif has_unknown(owner[name]):
            fallback = common if len(path) == 1 else {}
            owner[name] = _filled(name, attribute.type, owner[name], fallback)

    walk(block, state, visit)
    return state


def _common(
    type_name: str, block: SchemaBlock, state: Mapping[str, Value], origin: Origin
) -> dict[str, Value]:
    """Return an id, and an ARN if the type has one, for a type that no behaviour describes."""
    _, service, *rest = type_name.split("_")
    name = state.get("name")
    identifier = name if isinstance(name, str) else fresh(17)
    arn = origin.arn(service, f"{'-'.join(rest) or service}/{identifier}")
    return {"arn": arn, "id": identifier} if "arn" in block.attributes else {"id": identifier}


def _filled(name: str, type_: CtyType, value: Value, common: Mapping[str, Value]) -> Value:
    if is_unknown(value):
        return common[name] if name in common else _plausible(name, type_)
    if is_list(value):
        return [_filled(name, type_[1], member, {}) for member in value]
    if is_object(value):
        types: Value = type_[1] if type_[0] == "object" else dict.fromkeys(value, type_[1])
        return {key: _filled(key, types[key], member, {}) for key, member in value.items()}
    return value


def _plausible(name: str, type_: CtyType) -> Value:
    if isinstance(type_, list):
        if type_[0] == "object":
            return {key: _plausible(key, inner) for key, inner in type_[1].items()}
        return dict[str, Value]() if type_[0] == "map" else list[Value]()
    made_up = {"string": f"standin-{name.replace('_', '-')}-{fresh(8)}", "number": 0, "bool": False}
    return made_up.get(type_)
