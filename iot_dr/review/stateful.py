"""What holds something that a new one does not have."""

from collections.abc import Mapping
from typing import Any, Final

from iot_dr.resources.json_value import text
from iot_dr.review.dependence import Dependence
from iot_dr.review.device_access import is_access
from iot_dr.review.resource_change import ResourceChange
from iot_dr.review.told import FORGOTTEN, Rank, Told
from iot_dr.rules.rule import Verdict
from iot_dr.terraform.change import Action

# Beside what `stateful-resource-destroyed` knows: AWS's stores of data, secrets and identities.
_NOUNS: Final = {
    "aws_cognito_user_pool": "the user pool",
    "aws_db_instance": "the database",
    "aws_docdb_cluster": "the database cluster",
    "aws_dynamodb_table": "the table",
    "aws_dynamodb_table_replica": "the replica of a table",
    "aws_ebs_volume": "the volume",
    "aws_efs_file_system": "the file system",
    "aws_kinesis_stream": "the stream",
    "aws_kms_key": "the key",
    "aws_kms_replica_key": "the replica of a key",
    "aws_memorydb_cluster": "the database cluster",
    "aws_neptune_cluster": "the database cluster",
    "aws_opensearch_domain": "the search domain",
    "aws_rds_cluster": "the database cluster",
    "aws_redshift_cluster": "the database cluster",
    "aws_s3_bucket": "the bucket",
    "aws_secretsmanager_secret": "the secret",
    "aws_sqs_queue": "the queue",
    "aws_timestreaminfluxdb_db_instance": "the database",
    "aws_timestreamwrite_database": "the database",
    "aws_timestreamwrite_table": "the table",
}
_NAMES: Final = ("bucket", "name", "identifier", "cluster_identifier")
_ENDING: Final = {Action.DESTROY, Action.REPLACE}


def is_stateful(type_: str) -> bool:
    """Tell whether resources of a type hold what a new one does not have."""
    return type_ in _NOUNS


def told_of_stateful(change: ResourceChange, world: Dependence) -> Told | None:
    """Tell of what is destroyed or replaced with all that it holds, or is left behind."""
    noun = _NOUNS.get(change.type)
    if noun is None or change.action not in {*_ENDING, Action.FORGET}:
        return None
    values = world.values((change.stack, change.address))
    is_gone = change.action in _ENDING
    return Told(
        rank=Rank.STATEFUL,
        verdict=Verdict.WARN,
        subject=f"{noun} {_name(values) or change.name}",
        why="what it holds goes with it" if is_gone else FORGOTTEN.text,
    )


def told_of_left_over(change: ResourceChange) -> Told | None:
    """Tell of an object that an earlier run left behind when it failed, and that now goes."""
    if not is_stateful(change.type) and not is_access(change.type):
        return None
    return Told(
        rank=Rank.STATEFUL,
        verdict=Verdict.WARN,
        subject=f"a left-over object of {change.address}",
        why="an earlier run made another in its place; what this one alone holds goes with it",
    )


def _name(values: Mapping[str, Any]) -> str:
    return next(filter(None, (text(values.get(each)) for each in _NAMES)), "")
