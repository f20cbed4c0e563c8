"""What a stack holds of one type in one region, as IAM can name it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from string import Formatter
from typing import Any

from modules.rights.right import PIPELINE_TAGS, Part, Right
from modules.rights.table import TABLE
from stacks.rights.estate import ROUTE53_REGION, Estate

EVERY_REGION = "*"
"""Held in each region that a role works in, also what has an id alone."""

_REGION = "aws:RequestedRegion"
_ALL = ("*",)
_IS, _BECOMES = "aws:ResourceTag/", "aws:RequestTag/"
# Operators by what is told of a key; before it is made it has no tags.
_PART: Mapping[tuple[Part, bool], Mapping[str, str]] = {
    ("is", True): {_IS: "StringEquals"},
    ("is", False): {_IS: "StringNotEquals"},
    ("becomes", True): {_BECOMES: "StringEquals", _IS: "StringEqualsIfExists"},
    ("becomes", False): {_BECOMES: "StringNotEquals", _IS: "StringNotEquals"},
}


@dataclass(frozen=True, kw_only=True)
class Held:
    """Resources of one type; `names` may end in `*` where a stack's own names vary.

    `kinds` are the services that may take a role on, or the types of records; `path` is that of
    roles and policies, `zone` the id of a hosted zone; `is_part` is for a pipeline's own key,
    `is_only_read` for what another stack makes and this one looks up, `is_disposable` for what may
    go with all that is in it.
    """

    type: str
    region: str
    names: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    path: str = "/"
    zone: str = "*"
    is_part: bool = False
    is_only_read: bool = False
    is_disposable: bool = False


@dataclass(frozen=True)
class Grant:
    """Actions on resources of one condition, in full."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    condition: Mapping[str, Mapping[str, Any]]


def reading(estate: Estate, held: Held, regions: tuple[str, ...]) -> Iterator[Grant]:
    """Give what reads some resources, for a role that works in these regions."""
    for right in TABLE[held.type]:
        if right.read:
            yield _grant(estate, held, right, right.read, regions)


def writing(estate: Estate, held: Held, regions: tuple[str, ...]) -> Iterator[Grant]:
    """Give what makes, changes and destroys some resources, for a role of these regions."""
    for right in () if held.is_only_read else TABLE[held.type]:
        write = (*right.write, *(right.dispose if held.is_disposable else ()))
        if write:
            yield _grant(estate, held, right, write, regions)


def _grant(
    estate: Estate, held: Held, right: Right, actions: tuple[str, ...], regions: tuple[str, ...]
) -> Grant:
    values = _values(estate, held)
    # Names tell whose a resource is in whatever region; an id does not, and `*` less still.
    is_named = any("{name}" in text for text in right.resources) and not right.is_placed
    is_wide = held.region == EVERY_REGION or is_named
    is_anywhere = is_wide or right.is_placed or actions == right.read
    within = regions if is_anywhere else (held.region,)
    places = {**values, "region": _ALL if is_wide and len(regions) > 1 else (held.region,)}
    condition = _condition(right, held, places)
    if right.is_regional or right.resources == _ALL:
        where = within if right.is_regional else (ROUTE53_REGION,)
        condition.setdefault("StringEquals", {})[_REGION] = _one_or_all(list(where))
    resources = tuple(arn for text in right.resources for arn in _filled(text, places))
    return Grant(actions, resources, condition)


def _condition(
    right: Right, held: Held, places: Mapping[str, tuple[str, ...]]
) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {
        operator: {key: _one_or_all(_filled(text, places)) for key, text in by_key.items()}
        for operator, by_key in right.condition.items()
    }
    for key, operator in _PART[right.part, held.is_part].items() if right.part else ():
        for tag, value in PIPELINE_TAGS.items():
            found.setdefault(operator, {})[f"{key}{tag}"] = value
    return found


def _values(estate: Estate, held: Held) -> dict[str, tuple[str, ...]]:
    is_function = held.path == "/"
    boundary = estate.function_boundary_arn if is_function else estate.boundary_arn("*")
    return {
        "account": (estate.account_id,),
        "boundary": (boundary,),
        "environment": (estate.context.environment,),
        "kind": held.kinds,
        "name": held.names,
        "path": (held.path,),
        "project": (estate.context.project,),
        "region": (held.region,),
        "zone": (held.zone,),
    }


def _filled(text: str, values: Mapping[str, tuple[str, ...]]) -> list[str]:
    fields = sorted({field for _, field, _, _ in Formatter().parse(text) if field})
    chosen = product(*(values[field] for field in fields))
    return [text.format_map(dict(zip(fields, each, strict=True))) for each in chosen]


def _one_or_all(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else sorted(values)
