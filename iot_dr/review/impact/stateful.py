"""The impact of a change to a resource with data that a new one does not have."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from iot_dr.review.impact.device_access import is_access
from iot_dr.review.impact.device_dependencies import DeviceDependencies
from iot_dr.review.impact.device_impact import FORGOTTEN, Impact, Rank
from iot_dr.review.impact.differences import Differences
from iot_dr.review.read.stack_review import ResourceChange
from iot_dr.rules.rule import Verdict
from iot_dr.terraform_json.change import Action
from iot_dr.terraform_json.json_value import mappings, text
from iot_dr.terraform_json.listing import listing


class _Switch(NamedTuple):
    """An argument, its values that switch protection or use off, and what follows from that."""

    argument: str
    off: tuple[object, ...]
    why: str


class _Store(NamedTuple):
    """A type of stateful resource: its noun, and its arguments that can be switched off."""

    noun: str
    switches: tuple[_Switch, ...] = ()


def _protection(argument: str, off: object = False) -> tuple[_Switch, ...]:
    # Without the argument, protection is off.
    return (_Switch(argument, (off, None), "AWS no longer protects it from deletion"),)


# docs.aws.amazon.com/kms/latest/developerguide/enabling-keys.html
_DISABLED_KEY: Final = "data that it encrypted cannot be decrypted while it is disabled"
_DATABASE: Final = _protection("deletion_protection")

# More than the rule `stateful-resource-destroyed` covers: AWS's stores of data, secrets and
# identities.
_STORES: Final[Mapping[str, _Store]] = {
    "aws_cognito_user_pool": _Store(
        "the user pool", _protection("deletion_protection", "INACTIVE")
    ),
    "aws_db_instance": _Store("the database", _DATABASE),
    "aws_docdb_cluster": _Store("the database cluster", _DATABASE),
    "aws_dynamodb_table": _Store("the table", _protection("deletion_protection_enabled")),
    "aws_dynamodb_table_replica": _Store(
        "the replica of a table", _protection("deletion_protection_enabled")
    ),
    "aws_ebs_volume": _Store("the volume"),
    "aws_efs_file_system": _Store("the file system"),
    "aws_kinesis_stream": _Store("the stream"),
    "aws_kms_key": _Store("the key", (_Switch("is_enabled", (False,), _DISABLED_KEY),)),
    "aws_kms_replica_key": _Store(
        "the replica of a key", (_Switch("enabled", (False,), _DISABLED_KEY),)
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
_ARGUMENTS: Final = frozenset(
    (
        _REPLICA,
        _RETENTION,
        *(switch.argument for store in _STORES.values() for switch in store.switches),
    )
)
_LOSING: Final = {Action.DESTROY, Action.REPLACE}


def is_stateful(type_: str) -> bool:
    """Whether resources of a type have data that a new one does not have."""
    return type_ in _STORES


def stateful_impact(
    change: ResourceChange, differences: Differences, dependencies: DeviceDependencies
) -> Impact | None:
    """Return the impact of a change that deletes, abandons or no longer protects stored data.

    None for other changes and other types.
    """
    store = _STORES.get(change.type)
    why = "; ".join(_clauses(store, change, differences, dependencies)) if store else ""
    if store is None or not why:
        return None
    values = dependencies.values((change.stack, change.address))
    return Impact(
        rank=Rank.STATEFUL,
        verdict=Verdict.WARN,
        subject=f"{store.noun} {_name(values) or change.name}",
        why=why,
        arguments=_ARGUMENTS if change.action is Action.UPDATE else frozenset(),
    )


def deposed_object_impact(change: ResourceChange) -> Impact | None:
    """Return the impact of destroying a deposed object, left by a failed replacement.

    developer.hashicorp.com/terraform/internals/json-format (`deposed`). None for types that are
    neither stateful nor needed for device access.
    """
    if not is_stateful(change.type) and not is_access(change.type):
        return None
    return Impact(
        rank=Rank.STATEFUL,
        verdict=Verdict.WARN,
        subject=f"a deposed object of {change.address}",
        why="an earlier run created its replacement; data that only this object has is deleted",
    )


def _clauses(
    store: _Store,
    change: ResourceChange,
    differences: Differences,
    dependencies: DeviceDependencies,
) -> Iterator[str]:
    if change.action in _LOSING:
        yield "its contents are deleted with it"
    elif change.action is Action.FORGET:
        yield FORGOTTEN.text
    elif change.action is Action.UPDATE:
        if _REPLICA in differences.arguments - differences.unknown:
            yield from _removed_replicas(change, dependencies)
        yield from _shorter_retention(differences)
        for switch in store.switches:
            values = differences.values(switch.argument)
            if values and values[1] in switch.off and values[0] not in switch.off:
                yield switch.why


def _removed_replicas(change: ResourceChange, dependencies: DeviceDependencies) -> Iterator[str]:
    new, old = (
        {text(replica.get("region_name")) for replica in mappings(values.get(_REPLICA))}
        for values in dependencies.states((change.stack, change.address))
    )
    if removed := sorted(old - new):
        replicas = "replica" if len(removed) == 1 else "replicas"
        yield f"the {replicas} in {listing(removed)} {'is' if len(removed) == 1 else 'are'} deleted"


def _shorter_retention(differences: Differences) -> Iterator[str]:
    # Hours: docs.aws.amazon.com/kinesis/latest/APIReference/
    # API_DecreaseStreamRetentionPeriod.html
    numbers = differences.numbers(_RETENTION)
    if numbers and numbers[1] < numbers[0]:
        yield f"records are kept for {numbers[1]} h instead of {numbers[0]} h"


def _name(values: Mapping[str, Any]) -> str:
    return next(filter(None, (text(values.get(each)) for each in _NAMES)), "")
