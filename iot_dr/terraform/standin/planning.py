"""Plans a change of one resource, as the provider's SDK would."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from iot_dr.terraform.standin.behaviour import Behaviour
from iot_dr.terraform.standin.identity import Origin
from iot_dr.terraform.standin.schema import Attribute, SchemaBlock
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

# The SDK plans no change if only these change, and stores them with the next other change:
# github.com/hashicorp/terraform-plugin-sdk/issues/963
_TIMEOUTS: Final = "timeouts"


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """Account, region and default tags of a provider configuration."""

    origin: Origin
    default_tags: dict[str, Value] = field(default_factory=dict[str, Value])


@dataclass(frozen=True, slots=True)
class ResourcePlan:
    """The planned state, and the paths whose change replaces the resource."""

    state: dict[str, Value]
    replace: list[Path]


def plan_change(
    block: SchemaBlock,
    behaviour: Behaviour,
    prior: dict[str, Value] | None,
    proposed: dict[str, Value],
    settings: ProviderSettings,
) -> ResourcePlan:
    """Plan a creation (`prior` is None) or an update.

    The plan is `prior` itself if nothing but timeouts would change.
    """
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
        # The SDK treats a map or set with an unknown member as unknown as a whole.
        is_given = attribute.required or attribute.optional
        if is_given and attribute.type[0] in {"map", "set"} and has_unknown(owner[name]):
            owner[name] = UNKNOWN

    walk(block, state, visit)
    filled = behaviour.filled_blocks if prior is None else ()
    state |= {name: UNKNOWN for name in filled if not state[name]}
    if prior is not None and {**state, _TIMEOUTS: prior.get(_TIMEOUTS)} == prior:
        return ResourcePlan(prior, [])
    return ResourcePlan(state, _replacements(block, behaviour, prior, state) if prior else [])


def set_common(block: SchemaBlock, state: dict[str, Value], settings: ProviderSettings) -> None:
    """Set the attributes that the provider adds to all resources: region and `tags_all`."""
    if "region" in block.attributes and state["region"] is None:
        state["region"] = settings.origin.region
    if "tags_all" in block.attributes:
        own: Value = state.get("tags") or {}
        common = settings.default_tags
        is_known = not has_unknown(own) and not has_unknown(common)
        state["tags_all"] = {**common, **own} if is_known else UNKNOWN


def set_normal(behaviour: Behaviour, state: dict[str, Value]) -> None:
    """Normalize values as the provider does, so that another spelling causes no change."""
    for name, normal in behaviour.normal.items():
        if isinstance(state[name], str):
            state[name] = normal(state[name])
        elif is_unknown(state[name]):
            # A known prefix of an unknown string may not fit its normal form.
            state[name] = UNKNOWN


def _keep_members(block: SchemaBlock, prior: dict[str, Value], state: dict[str, Value]) -> None:
    """Keep computed values of set members: Terraform matches members without them."""
    for name, nested in block.blocks.items():
        before, after = prior.get(name), state[name]
        if nested.nesting == "set" and is_list(before) and is_list(after):
            state[name] = [_kept(nested.block, after_member, before) for after_member in after]


def _kept(block: SchemaBlock, member: dict[str, Value], before: list[dict[str, Value]]) -> Value:
    decided = [
        name
        for name, attribute in block.attributes.items()
        if attribute.computed and member[name] is None
    ]
    given = {key: value for key, value in member.items() if key not in decided}
    same = (old for old in before if all(old[key] == value for key, value in given.items()))
    match = next(same, member)
    return {**member, **{name: match[name] for name in decided}}


def _same_blocks(block: SchemaBlock, prior: dict[str, Value], state: dict[str, Value]) -> set[str]:
    """Return the blocks without a change, whose computed values stay known."""
    return {
        name
        for name in block.blocks
        if _comparable(block, name, prior.get(name)) == _comparable(block, name, state[name])
    }


def set_defaults(state: dict[str, Value], defaults: Mapping[str, Value]) -> None:
    """Set omitted arguments to `defaults`, in which those of blocks are named `block.argument`."""
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
    block: SchemaBlock, behaviour: Behaviour, prior: dict[str, Value], state: dict[str, Value]
) -> list[Path]:
    names = behaviour.replace + (("region",) if "region" in block.attributes else ())
    return [path for name in names for path in _changed(block, prior, state, name.split("."))]


def _changed(
    block: SchemaBlock,
    prior: dict[str, Value],
    state: dict[str, Value],
    steps: list[str],
    at: Path = (),
) -> list[Path]:
    """Return the path of the value at `steps` if it has changed, else no path.

    The path ends at the first block that does not have exactly one member on both sides.
    """
    name, *rest = steps
    before, after, path = prior.get(name), state.get(name), (*at, name)
    if _comparable(block, name, before) == _comparable(block, name, after):
        return []
    nested = block.blocks.get(name)
    old, new = _only_member(before), _only_member(after)
    if not rest or not nested or old is None or new is None:
        return [path]
    return _changed(nested.block, old, new, rest, (*path, 0))


def _only_member(value: Value) -> dict[str, Value] | None:
    return value[0] if is_list(value) and len(value) == 1 else None


def _comparable(block: SchemaBlock, name: str, value: Value) -> Value:
    """Return a value with sets sorted: Terraform and this provider may order them differently."""
    attribute, nested = block.attributes.get(name), block.blocks.get(name)
    type_ = attribute.type if attribute else ["set" if nested and nested.nesting == "set" else ""]
    return sorted(value, key=repr) if is_list(value) and type_[0] == "set" else value
