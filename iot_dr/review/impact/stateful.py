"""What holds something that a new one does not have."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from iot_dr.review.impact.dependence import Dependence
from iot_dr.review.impact.device_access import is_access
from iot_dr.review.impact.device_impact import FORGOTTEN, Impact, Rank
from iot_dr.review.impact.differences import Differences
from iot_dr.review.read.stack_review import ResourceChange
from iot_dr.rules.rule import Verdict
from iot_dr.terraform_json.change import Action
from iot_dr.terraform_json.json_value import mappings, text
from iot_dr.terraform_json.listing import listing


class _Off(NamedTuple):
    """An argument, what it is where it is switched off, and what follows."""

    argument: str
    values: tuple[object, ...]
    why: str


class _Store(NamedTuple):
    """A type of resource: what it is called, and what of it can be switched off."""

    noun: str
    off: tuple[_Off, ...] = ()


def _unprotected(argument: str, value: object = False) -> tuple[_Off, ...]:
    # Where it is no longer set, it is off.
    return (_Off(argument, (value, None), "AWS does not refuse to delete it any more"),)


_UNREADABLE: Final = "what it encrypted cannot be read while it is off"
_DATABASE: Final = _unprotected("deletion_protection")

# Beside what `stateful-resource-destroyed` knows: AWS's stores of data, secrets and identities.
_STORES: Final[Mapping[str, _Store]] = {
    "aws_cognito_user_pool": _Store(
        "the user pool", _unprotected("deletion_protection", "INACTIVE")
    ),
    "aws_db_instance": _Store("the database", _DATABASE),
    "aws_docdb_cluster": _Store("the database cluster", _DATABASE),
    "aws_dynamodb_table": _Store("the table", _unprotected("deletion_protection_enabled")),
    "aws_dynamodb_table_replica": _Store(
        "the replica of a table", _unprotected("deletion_protection_enabled")
    ),
    "aws_ebs_volume": _Store("the volume"),
    "aws_efs_file_system": _Store("the file system"),
    "aws_kinesis_stream": _Store("the stream"),
    "aws_kms_key": _Store("the key", (_Off("is_enabled", (False,), _UNREADABLE),)),
    "aws_kms_replica_key": _Store(
        "the replica of a key", (_Off("enabled", (False,), _UNREADABLE),)
    ),
    "aws_memorydb_cluster": _Store("the database cluster"),
    "aws_neptune_cluster": _Store("the database cluster", _DATABASE),
    "aws_opensearch_domain": _Store("the search domain"),
    "aws_rds_cluster": _Store("the database cluster", _DATABASE),
    "aws_redshift_cluster": _Store("the database cluster"),
    "aws_s3_bucket": _Store("the bucket"),
    "aws_secretsmanager_secret": _Store("the secret"),
    "aws_sqs_queue": _Store("the queue"),
    "aws_timestreaminfluxdb_db_instance": _Store("the database"),
    "aws_timestreamwrite_database": _Store("the database"),
    "aws_timestreamwrite_table": _Store("the table"),
}
_NAMES: Final = ("bucket", "name", "identifier", "cluster_identifier")
_REPLICA: Final = "replica"
_RETENTION: Final = "retention_period"
_HEADS: Final = frozenset(
    (_REPLICA, _RETENTION, *(off.argument for each in _STORES.values() for off in each.off))
)
_ENDING: Final = {Action.DESTROY, Action.REPLACE}


def is_stateful(type_: str) -> bool:
    """Whether resources of a type hold what a new one does not have."""
    return type_ in _STORES


def stateful_impact(
    change: ResourceChange, differences: Differences, world: Dependence
) -> Impact | None:
    """Describe what goes with all that it holds, is left behind, or keeps or guards less of it."""
    store = _STORES.get(change.type)
    why = "; ".join(_clauses(store, change, differences, world)) if store else ""
    if store is None or not why:
        return None
    values = world.values((change.stack, change.address))
    return Impact(
        rank=Rank.STATEFUL,
        verdict=Verdict.WARN,
        subject=f"{store.noun} {_name(values) or change.name}",
        why=why,
        heads=_HEADS if change.action is Action.UPDATE else frozenset(),
    )


def left_over_impact(change: ResourceChange) -> Impact | None:
    """Describe an object that an earlier run left behind when it failed, and that now goes."""
    if not is_stateful(change.type) and not is_access(change.type):
        return None
    return Impact(
        rank=Rank.STATEFUL,
        verdict=Verdict.WARN,
        subject=f"a left-over object of {change.address}",
        why="an earlier run made another in its place; what this one alone holds goes with it",
    )


def _clauses(
    store: _Store, change: ResourceChange, differences: Differences, world: Dependence
) -> Iterator[str]:
    if change.action in _ENDING:
        yield "what it holds goes with it"
    elif change.action is Action.FORGET:
        yield FORGOTTEN.text
    elif change.action is Action.UPDATE:
        if _REPLICA in differences.heads - differences.later:
            yield from _lost_regions(change, world)
        yield from _kept_shorter(differences)
        for off in store.off:
            values = differences.values(off.argument)
            if values and values[1] in off.values and values[0] not in off.values:
                yield off.why


def _lost_regions(change: ResourceChange, world: Dependence) -> Iterator[str]:
    new, old = (
        {text(each.get("region_name")) for each in mappings(values.get(_REPLICA))}
        for values in world.states((change.stack, change.address))
    )
    if lost := sorted(old - new):
        noun = "copy" if len(lost) == 1 else "copies"
        yield f"the {noun} of the data in {listing(lost)} go{'es' if len(lost) == 1 else ''}"


def _kept_shorter(differences: Differences) -> Iterator[str]:
    numbers = differences.numbers(_RETENTION)
    if numbers and numbers[1] < numbers[0]:
        yield f"what is older than {numbers[1]} h is gone, instead of {numbers[0]} h"


def _name(values: Mapping[str, Any]) -> str:
    return next(filter(None, (text(values.get(each)) for each in _NAMES)), "")
