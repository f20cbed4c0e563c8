"""Plans a change of one resource, as the provider's SDK would."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from iot_dr.terraform.standin.behaviour import Behaviour
from iot_dr.terraform.standin.identity import Origin
from iot_dr.terraform.standin.schema import Attribute, Block
from iot_dr.terraform.standin.values import (
    UNKNOWN,
    Path,
    Value,
    has_unknown,
    is_list,
    is_object,
    is_unknown,
    named,
    walk,
)

# The SDK plans no change where these alone change, and writes them with the next other one:
# github.com/hashicorp/terraform-plugin-sdk/issues/963
_TIMEOUTS: Final = "timeouts"


@dataclass(frozen=True, slots=True)
class Settings:
    """What one provider configuration gives to its resources."""

    origin: Origin
    default_tags: dict[str, Value] = field(default_factory=dict[str, Value])


@dataclass(frozen=True, slots=True)
class Plan:
    """The state to expect, and the paths whose change needs a new resource."""

    state: dict[str, Value]
    replace: list[Path]


def plan_change(
    block: Block,
    behaviour: Behaviour,
    prior: dict[str, Value] | None,
    proposed: dict[str, Value],
    settings: Settings,
) -> Plan:
    """Plan a creation (`prior` is None) or an update."""
    state = dict(proposed)
    set_defaults(state, behaviour.defaults)
    set_normal(behaviour, state)
    set_common(block, state, settings)
    if prior is not None:
        _keep_members(block, prior, state)
    planned = behaviour.planned(state, settings.origin)
    state |= {
        name: value for name, value in planned.items() if prior is None or not has_unknown(value)
    }

    same = _same_blocks(block, prior, state) if prior else ()

    def visit(path: Path, attribute: Attribute, owner: dict[str, Value]) -> None:
        name = str(path[-1])
        is_new = prior is None or (len(path) > 1 and path[0] not in same)
        is_open = attribute.computed and named(path) not in behaviour.defaults
        if is_open and owner[name] is None and is_new and attribute.type != "dynamic":
            owner[name] = UNKNOWN
        # The provider's SDK widens what is unknown: a collection with an unknown member is all so.
        is_given = attribute.required or attribute.optional
        if is_given and attribute.type[0] in {"map", "set"} and has_unknown(owner[name]):
            owner[name] = UNKNOWN

    walk(block, state, visit)
    filled = behaviour.filled_blocks if prior is None else ()
    state |= {name: UNKNOWN for name in filled if not state[name]}
    if prior is not None and {**state, _TIMEOUTS: prior.get(_TIMEOUTS)} == prior:
        return Plan(prior, [])
    return Plan(state, _replacements(block, behaviour, prior, state) if prior else [])


def set_common(block: Block, state: dict[str, Value], settings: Settings) -> None:
    """Set the attributes that the provider gives to all its resources: region and all tags."""
    if "region" in block.attributes and state["region"] is None:
        state["region"] = settings.origin.region
    if "tags_all" in block.attributes:
        own: Value = state.get("tags") or {}
        common = settings.default_tags
        is_known = not has_unknown(own) and not has_unknown(common)
        state["tags_all"] = {**common, **own} if is_known else UNKNOWN


def set_normal(behaviour: Behaviour, state: dict[str, Value]) -> None:
    """Write values as the provider would, so that another spelling is no change."""
    for name, normal in behaviour.normal.items():
        if isinstance(state[name], str):
            state[name] = normal(state[name])
        elif is_unknown(state[name]):
            # What Terraform knows of its beginning may not hold for the other spelling.
            state[name] = UNKNOWN


def _keep_members(block: Block, prior: dict[str, Value], state: dict[str, Value]) -> None:
    """Keep what AWS has decided of a set's members: Terraform looks for them without defaults."""
    for name, nested in block.blocks.items():
        before, after = prior.get(name), state[name]
        if nested.nesting == "set" and is_list(before) and is_list(after):
            state[name] = [_kept(nested.block, each, before) for each in after]


def _kept(block: Block, member: dict[str, Value], before: list[dict[str, Value]]) -> Value:
    decided = [
        name
        for name, attribute in block.attributes.items()
        if attribute.computed and member[name] is None
    ]
    given = {key: value for key, value in member.items() if key not in decided}
    same = (each for each in before if all(each[key] == value for key, value in given.items()))
    found = next(same, member)
    return {**member, **{name: found[name] for name in decided}}


def _same_blocks(block: Block, prior: dict[str, Value], state: dict[str, Value]) -> set[str]:
    """Name the blocks of which nothing is new: what AWS decides in them, it has decided."""
    return {
        name
        for name in block.blocks
        if _comparable(block, name, prior.get(name)) == _comparable(block, name, state[name])
    }


def set_defaults(state: dict[str, Value], defaults: Mapping[str, Value]) -> None:
    """Set arguments that are left out; those in blocks are named `block.argument`."""
    for name, default in defaults.items():
        _set_default(state, name.split("."), default)


def _set_default(state: dict[str, Value], steps: list[str], default: Value) -> None:
    name, *rest = steps
    if not rest:
        state[name] = default if state.get(name) is None else state[name]
        return
    inner = state.get(name)
    for member in inner if is_list(inner) else [inner]:
        if is_object(member):
            _set_default(member, rest, default)


def _replacements(
    block: Block, behaviour: Behaviour, prior: dict[str, Value], state: dict[str, Value]
) -> list[Path]:
    names = behaviour.replace + (("region",) if "region" in block.attributes else ())
    return [path for name in names for path in _changed(block, prior, state, name.split("."))]


def _changed(
    block: Block, prior: dict[str, Value], state: dict[str, Value], steps: list[str], at: Path = ()
) -> list[Path]:
    """Give the path to a changed value, as deep as both sides have it."""
    name, *rest = steps
    before, after, path = prior.get(name), state.get(name), (*at, name)
    if _comparable(block, name, before) == _comparable(block, name, after):
        return []
    nested = block.blocks.get(name)
    one, other = _only_member(before), _only_member(after)
    if not rest or not nested or one is None or other is None:
        return [path]
    return _changed(nested.block, one, other, rest, (*path, 0))


def _only_member(value: Value) -> dict[str, Value] | None:
    return value[0] if is_list(value) and len(value) == 1 else None


def _comparable(block: Block, name: str, value: Value) -> Value:
    """Bring a set into an order, as Terraform and this provider may list it differently."""
    attribute, nested = block.attributes.get(name), block.blocks.get(name)
    type_ = attribute.type if attribute else ["set" if nested and nested.nesting == "set" else ""]
    return sorted(value, key=repr) if is_list(value) and type_[0] == "set" else value
