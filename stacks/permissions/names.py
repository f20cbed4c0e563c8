"""Merging of resources of one type by their names."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Final

from modules.context import rule_name
from modules.permissions.catalogue import CATALOGUE
from stacks.permissions.environment import PipelineEnvironment
from stacks.permissions.resource import PolicyResource

# More names of one type than this are replaced by patterns of their first words, to save space.
_MOST_NAMES: Final = 5
# The same for alarms of a region's stack: their ARNs contain the region, so that a pattern of them
# matches no other region's, as one of IAM's names would.
_MOST_ALARMS: Final = 3
_IN_FULL: Final = tuple(
    text.split(":", 5)[-1].removesuffix("{name}")
    for permissions in CATALOGUE.values()
    for permission in permissions
    for text in permission.resources
    if permission.is_granted_by_full_name
)


def merged_in_region(
    environment: PipelineEnvironment, resources: Iterable[PolicyResource]
) -> Iterator[PolicyResource]:
    """Yield a regional stack's resources, merged if they differ only in their names."""
    for merged in _joined(resources, lambda resource: resource):
        most = _MOST_ALARMS if merged.type == "aws_cloudwatch_metric_alarm" else _MOST_NAMES
        names = _few(environment, merged.names, is_bucket=_is_bucket(merged), most=most)
        yield replace(merged, names=names)


def merged_across_regions(
    environment: PipelineEnvironment, resources: Iterable[PolicyResource]
) -> Iterator[PolicyResource]:
    """Yield global stacks' resources, merged across regions.

    Some of their regions depend on the primary, which may change.
    """

    def kind(resource: PolicyResource) -> PolicyResource:
        by_region = any(
            permission.is_granted_by_region for permission in environment.catalogue[resource.type]
        )
        return resource if by_region else replace(resource, regions=())

    for merged in _joined(resources, kind):
        of_bucket = _is_bucket(merged)
        convert = state_bucket_pattern if of_bucket else any_region_pattern
        names = (convert(environment, name) for name in merged.names)
        yield replace(merged, names=_few(environment, names, is_bucket=of_bucket))


def merged_for_reading(
    environment: PipelineEnvironment, resources: Iterable[PolicyResource]
) -> Iterator[PolicyResource]:
    """Yield the resources of all stacks with patterns for their names, for reading only."""
    everywhere = (
        replace(
            resource,
            regions=environment.all_regions,
            names=tuple(_beginning_of(environment, resource, name) for name in resource.names),
            kinds=(),
            zone="*",
            is_of_pipeline=False,
            is_data_source=False,
            force_destroy=False,
        )
        for resource in resources
    )
    return _joined(everywhere, lambda resource: resource)


def _joined(
    resources: Iterable[PolicyResource], kind: Callable[[PolicyResource], PolicyResource]
) -> Iterator[PolicyResource]:
    groups: dict[PolicyResource, list[PolicyResource]] = defaultdict(list)
    for resource in resources:
        groups[kind(replace(resource, names=()))].append(resource)
    for key, group in groups.items():
        names = tuple(dict.fromkeys(name for resource in group for name in resource.names))
        regions = tuple(dict.fromkeys(region for resource in group for region in resource.regions))
        yield replace(key, names=names, regions=regions)


def _is_bucket(resource: PolicyResource) -> bool:
    return resource.type.startswith("aws_s3_bucket")


def _few(
    environment: PipelineEnvironment,
    names: Iterable[str],
    *,
    is_bucket: bool,
    most: int = _MOST_NAMES,
) -> tuple[str, ...]:
    """Return the names without those that another one matches; if many, patterns of first words."""
    few = tuple(dict.fromkeys(names))
    if len(few) > most:
        word = bucket_word_pattern if is_bucket else first_word_pattern
        few = tuple(dict.fromkeys(word(environment, name) for name in few))
    return tuple(
        name for name in few if not any(other != name and fnmatchcase(name, other) for other in few)
    )


def first_word_pattern(environment: PipelineEnvironment, name: str) -> str:
    """Return the pattern of the environment's names with the same first word after the prefix.

    A name without the prefix or without a further word is returned unchanged.
    """
    head, rest = _split(environment, name)
    word = re.match(r"\w+?(-|_)", rest)
    return f"{head}{word[0]}*" if head and word else name


def any_region_pattern(environment: PipelineEnvironment, name: str) -> str:
    """Return the pattern of a name in all regions; it also matches a name cut within its region.

    A name without the prefix or a region is returned unchanged.
    """
    head, rest = _split(environment, name)
    codes = "|".join(sorted({region[:2] for region in environment.all_regions}))
    before = re.match(rf"(.*?-)({codes})-", rest)
    return f"{head}{before[1]}*" if head and before else name


def state_bucket_pattern(environment: PipelineEnvironment, name: str) -> str:
    """Return the pattern of all state buckets for a state bucket's name, and other names unchanged.

    Bucket names are global, so patterns are used only for state buckets, which are many.
    """
    is_of_states = name.removeprefix(environment.bucket_prefix) in environment.regions
    return environment.any_state_bucket if is_of_states else name


def bucket_word_pattern(environment: PipelineEnvironment, name: str) -> str:
    """Return the pattern of buckets with the same word after the environment's prefix.

    A name without the prefix is returned unchanged. So is one in which a region follows the prefix:
    its pattern would match state buckets.
    """
    word = re.match(r"\w+?-", name.removeprefix(environment.bucket_prefix))
    begins_with_region = name.startswith(
        tuple(f"{environment.bucket_prefix}{region}" for region in environment.regions)
    )
    if begins_with_region or word is None or not name.startswith(environment.bucket_prefix):
        return name
    return f"{environment.bucket_prefix}{word[0]}*"


def prefix_pattern(environment: PipelineEnvironment, name: str) -> str:
    """Return the pattern of all names that begin as this one up to the environment's prefix.

    A name without the prefix is returned unchanged, and so is one that must be granted in full.
    """
    head, _ = _split(environment, name)
    return f"{head}*" if head and not name.startswith(_IN_FULL) else name


def _beginning_of(environment: PipelineEnvironment, resource: PolicyResource, name: str) -> str:
    if any(
        permission.is_granted_by_full_name for permission in environment.catalogue[resource.type]
    ):
        return name
    if _is_bucket(resource):
        return environment.any_bucket if name.startswith(environment.bucket_prefix) else name
    return prefix_pattern(environment, name)


def _split(environment: PipelineEnvironment, name: str) -> tuple[str, str]:
    """Split a name after the environment's prefix; a name without it has an empty first part."""
    for prefix in (environment.prefix, rule_name(environment.prefix)):
        before, separator, rest = name.partition(prefix)
        if separator:
            return f"{before}{separator}", rest
    return "", name
