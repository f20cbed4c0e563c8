"""Resources of one kind together, by what their names have in common."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Final

from modules.context import rule_name
from modules.permissions.catalogue import CATALOGUE
from stacks.permissions.environment import Environment
from stacks.permissions.resource import Resource

# More names of one type than this are granted by their first word: a policy has no room for all.
_MOST_NAMES: Final = 5
_IN_FULL: Final = tuple(
    text.split(":", 5)[-1].removesuffix("{name}")
    for permissions in CATALOGUE.values()
    for permission in permissions
    for text in permission.resources
    if permission.is_granted_by_full_name
)


def in_one_region(environment: Environment, resources: Iterable[Resource]) -> Iterator[Resource]:
    """Join the resources of a region's stack that are alike but for their names."""
    return (
        replace(each, names=_few(environment, each.names, is_bucket=_is_bucket(each)))
        for each in _joined(resources, lambda each: each)
    )


def in_all_regions(environment: Environment, resources: Iterable[Resource]) -> Iterator[Resource]:
    """Join the resources of global stacks, wherever they are: the primary decides that for some."""

    def kind(resource: Resource) -> Resource:
        by_region = any(each.is_granted_by_region for each in CATALOGUE[resource.type])
        return resource if by_region else replace(resource, regions=())

    for each in _joined(resources, kind):
        of_bucket = _is_bucket(each)
        convert = any_state_bucket if of_bucket else anywhere
        names = (convert(environment, name) for name in each.names)
        yield replace(each, names=_few(environment, names, is_bucket=of_bucket))


def of_all_stacks(environment: Environment, resources: Iterable[Resource]) -> Iterator[Resource]:
    """Join the resources of every stack by the beginning of their names, for reading alone."""
    everywhere = (
        replace(
            each,
            regions=environment.all_regions,
            names=tuple(_beginning_of(environment, each, name) for name in each.names),
            kinds=(),
            zone="*",
            is_part=False,
            is_only_read=False,
            is_disposable=False,
        )
        for each in resources
    )
    return _joined(everywhere, lambda each: each)


def _joined(
    resources: Iterable[Resource], kind: Callable[[Resource], Resource]
) -> Iterator[Resource]:
    found: dict[Resource, list[Resource]] = defaultdict(list)
    for each in resources:
        found[kind(replace(each, names=()))].append(each)
    for alike, together in found.items():
        names = tuple(dict.fromkeys(name for each in together for name in each.names))
        regions = tuple(dict.fromkeys(place for each in together for place in each.regions))
        yield replace(alike, names=names, regions=regions)


def _is_bucket(resource: Resource) -> bool:
    return resource.type.startswith("aws_s3_bucket")


def _few(environment: Environment, names: Iterable[str], *, is_bucket: bool) -> tuple[str, ...]:
    """Return the names without those that others match; many, by their first word."""
    few = tuple(dict.fromkeys(names))
    if len(few) > _MOST_NAMES:
        word = bucket_word if is_bucket else first_word
        few = tuple(dict.fromkeys(word(environment, name) for name in few))
    return tuple(
        name for name in few if not any(other != name and fnmatchcase(name, other) for other in few)
    )


def first_word(environment: Environment, name: str) -> str:
    """Return the pattern of the environment's names that begin with the same word."""
    head, rest = _split(environment, name)
    word = re.match(r"\w+?(-|_)", rest)
    return f"{head}{word[0]}*" if head and word else name


def anywhere(environment: Environment, name: str) -> str:
    """Return the pattern of a name in every region; a long one is cut before its region ends."""
    head, rest = _split(environment, name)
    codes = "|".join(sorted({region[:2] for region in environment.all_regions}))
    before = re.match(rf"(.*?-)({codes})-", rest)
    return f"{head}{before[1]}*" if head and before else name


def any_state_bucket(environment: Environment, name: str) -> str:
    """Return the pattern of state buckets for the name of one, and every other bucket's name.

    Names of buckets are not this account's alone: only those with states are many.
    """
    is_of_states = name.removeprefix(environment.bucket_prefix) in environment.regions
    return environment.any_state_bucket if is_of_states else name


def bucket_word(environment: Environment, name: str) -> str:
    """Return the pattern of buckets whose names go on alike behind the environment's prefix.

    A name that goes on with a region stays whole: the pattern would match buckets with states.
    """
    word = re.match(r"\w+?-", name.removeprefix(environment.bucket_prefix))
    begins_with_region = name.startswith(
        tuple(f"{environment.bucket_prefix}{region}" for region in environment.regions)
    )
    if begins_with_region or word is None or not name.startswith(environment.bucket_prefix):
        return name
    return f"{environment.bucket_prefix}{word[0]}*"


def beginning(environment: Environment, name: str) -> str:
    """Return the pattern of what begins as a name of the environment, or as an ARN's last part."""
    head, _ = _split(environment, name)
    return f"{head}*" if head and not name.startswith(_IN_FULL) else name


def _beginning_of(environment: Environment, resource: Resource, name: str) -> str:
    if any(each.is_granted_by_full_name for each in CATALOGUE[resource.type]):
        return name
    if _is_bucket(resource):
        return environment.any_bucket if name.startswith(environment.bucket_prefix) else name
    return beginning(environment, name)


def _split(environment: Environment, name: str) -> tuple[str, str]:
    """Split a name behind the environment's prefix; a name without it has nothing before."""
    for prefix in (environment.prefix, rule_name(environment.prefix)):
        before, found, rest = name.partition(prefix)
        if found:
            return f"{before}{found}", rest
    return "", name
