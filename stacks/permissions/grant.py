"""Actions that a role may call on resources, from the catalogue of permissions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from string import Formatter
from typing import Any

from modules.global_region import GLOBAL_REGION
from modules.permissions.permission import PIPELINE_TAGS, Permission
from modules.policy_document import REQUESTED_REGION
from stacks.permissions.environment import PipelineEnvironment
from stacks.permissions.resource import PolicyResource
from stacks.policy_names import PATH

_ALL = ("*",)


@dataclass(frozen=True)
class Grant:
    """Actions on resources under one condition, without templates."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    condition: Mapping[str, Mapping[str, Any]]


def read_grants(
    environment: PipelineEnvironment, resource: PolicyResource, regions: tuple[str, ...]
) -> Iterator[Grant]:
    """Yield what reads resources, for a role that works in these regions."""
    for permission in environment.catalogue[resource.type]:
        if permission.read:
            yield _grant(environment, resource, permission, permission.read, regions)


def write_grants(
    environment: PipelineEnvironment, resource: PolicyResource, regions: tuple[str, ...]
) -> Iterator[Grant]:
    """Yield what creates, changes and destroys resources, for a role of these regions."""
    for permission in () if resource.is_data_source else environment.catalogue[resource.type]:
        if permission.write:
            yield _grant(environment, resource, permission, permission.write, regions)


def force_destroy_grants(
    environment: PipelineEnvironment, resource: PolicyResource, regions: tuple[str, ...]
) -> Iterator[Grant]:
    """Yield what destroys resources with their content, if they have `force_destroy`."""
    for permission in environment.catalogue[resource.type] if resource.force_destroy else ():
        if permission.force_destroy:
            yield _grant(environment, resource, permission, permission.force_destroy, regions)


def person_grants(
    environment: PipelineEnvironment, resource: PolicyResource, regions: tuple[str, ...]
) -> Iterator[Grant]:
    """Yield what only a person may do with resources, in these regions."""
    for permission in () if resource.is_data_source else environment.catalogue[resource.type]:
        if permission.person:
            yield _grant(environment, resource, permission, permission.person, regions)


def _grant(
    environment: PipelineEnvironment,
    resource: PolicyResource,
    permission: Permission,
    actions: tuple[str, ...],
    regions: tuple[str, ...],
) -> Grant:
    values = _values(environment, resource)
    # A name identifies the environment in every region; a generated id or `*` does not.
    is_named = (
        any("{name}" in text for text in permission.resources)
        and not permission.is_granted_by_region
    )
    is_wide = len(resource.regions) > 1 or is_named
    is_anywhere = is_wide or permission.is_granted_by_region or actions == permission.read
    within = regions if is_anywhere else resource.regions
    places = {**values, "region": _ALL if is_wide and len(regions) > 1 else resource.regions}
    condition = _condition(permission, resource, places)
    if permission.is_regional or permission.resources == _ALL:
        where = within if permission.is_regional else (GLOBAL_REGION,)
        condition.setdefault("StringEquals", {})[REQUESTED_REGION] = _one_or_all(list(where))
    resources = tuple(arn for text in permission.resources for arn in _filled(text, places))
    return Grant(actions, resources, condition)


def _condition(
    permission: Permission, resource: PolicyResource, places: Mapping[str, tuple[str, ...]]
) -> dict[str, dict[str, Any]]:
    condition: dict[str, dict[str, Any]] = {
        operator: {key: _one_or_all(_filled(text, places)) for key, text in by_key.items()}
        for operator, by_key in permission.condition.items()
    }
    operator = "StringEquals" if resource.is_of_pipeline else "StringNotEquals"
    for tag, value in PIPELINE_TAGS.items() if permission.has_pipeline_tag else ():
        condition.setdefault(operator, {})[f"aws:ResourceTag/{tag}"] = value
    return condition


def _values(
    environment: PipelineEnvironment, resource: PolicyResource
) -> dict[str, tuple[str, ...]]:
    is_function = resource.path != PATH
    function_boundary = environment.function_boundary_arn
    return {
        "account": (environment.account_id,),
        "boundary": (function_boundary if is_function else environment.boundary_arn("*"),),
        "environment": (environment.context.environment,),
        "kind": resource.kinds,
        "name": resource.names,
        "path": (resource.path,),
        "project": (environment.context.project,),
        "region": resource.regions,
        "zone": (resource.zone or environment.zone_id,),
    }


def _filled(text: str, values: Mapping[str, tuple[str, ...]]) -> list[str]:
    fields = sorted({field for _, field, _, _ in Formatter().parse(text) if field})
    chosen = product(*(values[field] for field in fields))
    return [text.format_map(dict(zip(fields, combination, strict=True))) for combination in chosen]


def _one_or_all(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else sorted(values)
