"""The records that a record leads to; of weighted ones and the like only those that differ."""

from collections.abc import Hashable, Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Final

from iot_dr.route53.terraform_records import DeclaredRecord, declared_names, record_targets
from iot_dr.terraform_json.resource_set import ResourceSet
from iot_dr.terraform_json.scope import module_of

# Of a name with one of these the policy itself decides which record is answered.
_DECIDING: Final = frozenset(("", "failover"))


def steps_of(resources: ResourceSet, record: DeclaredRecord) -> tuple[DeclaredRecord, ...]:
    """Return a record and those that it leads to, also those behind CNAME records."""
    steps = (_steps(resources, target, record.is_private) for target in record.targets)
    return (record, *(step for each in steps for step in each))


def aliased_by(resources: ResourceSet, record: DeclaredRecord) -> tuple[DeclaredRecord, ...]:
    """Return the records that an alias leads to: those of its own type.

    docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-alias-common.html
    (Record type).
    """
    if not record.is_alias:
        return ()
    return _aliased(resources, record.target, record.type, record.is_private)


# Thousands of names may lead to the same hundreds of records.
@lru_cache(maxsize=64)
def _steps(resources: ResourceSet, target: str, is_private: bool) -> tuple[DeclaredRecord, ...]:
    followed = declared_names(resources).following(target, is_private=is_private)
    return _distinct(step for step in followed if isinstance(step, DeclaredRecord))


@lru_cache(maxsize=64)
def _aliased(
    resources: ResourceSet, target: str, type_: str, is_private: bool
) -> tuple[DeclaredRecord, ...]:
    records = declared_names(resources).at(target, is_private=is_private)
    return _distinct(each for each in records if each.type == type_ or not (each.type and type_))


def _distinct(records: Iterable[DeclaredRecord]) -> tuple[DeclaredRecord, ...]:
    first = dict[Hashable, DeclaredRecord]()
    for record in records:
        first.setdefault(_but_for_policy(record), record)
    return tuple(first.values())


def _but_for_policy(record: DeclaredRecord) -> Hashable:
    """Return what of a record decides; all of it, if another side or place in the answer does."""
    if record.routing in _DECIDING or not record.name:
        return record.id
    resource = record.resource
    scope = (resource.stack, module_of(resource.address), resource.inferred)
    return (*scope, record_targets(resource), replace(record, id=""))
