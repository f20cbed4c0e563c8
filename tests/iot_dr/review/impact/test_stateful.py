"""The impact of losing stored data, its retention or its protection."""

import pytest

from iot_dr.rules.rule import Verdict
from tests.iot_dr.review.fleet_plan import FLEET, Json, device_changes, plan, with_entry

BLOCK, WARN = Verdict.BLOCK, Verdict.WARN
UNGUARDED = "AWS no longer protects it from deletion"
UNREADABLE = "data that it encrypted cannot be decrypted while it is disabled"


def updated(type_: str, before: Json, after: Json) -> list[tuple[Verdict, str, str]]:
    change: Json = {
        "actions": ["update"],
        "before": {"id": "x", "name": "it", **before},
        "after": {"id": "x", "name": "it", **before, **after},
    }
    changes = device_changes(with_entry(plan({}), f"{type_}.it", change))
    return [(each.verdict, each.subject, each.why) for each in changes]


@pytest.mark.parametrize(
    ("type_", "subject"),
    [
        ("aws_cognito_user_pool", "the user pool it"),
        ("aws_db_instance", "the database it"),
        ("aws_docdb_cluster", "the database cluster it"),
        ("aws_dynamodb_table", "the table it"),
        ("aws_dynamodb_table_replica", "the replica of a table it"),
        ("aws_ebs_volume", "the volume it"),
        ("aws_efs_file_system", "the file system it"),
        ("aws_kinesis_stream", "the stream it"),
        ("aws_kms_key", "the key it"),
        ("aws_kms_replica_key", "the replica of a key it"),
        ("aws_memorydb_cluster", "the database cluster it"),
        ("aws_neptune_cluster", "the database cluster it"),
        ("aws_opensearch_domain", "the search domain it"),
        ("aws_rds_cluster", "the database cluster it"),
        ("aws_redshift_cluster", "the database cluster it"),
        ("aws_s3_bucket", "the bucket it"),
        ("aws_secretsmanager_secret", "the secret it"),
        ("aws_sqs_queue", "the queue it"),
        ("aws_timestreaminfluxdb_db_instance", "the database it"),
        ("aws_timestreamwrite_database", "the database it"),
        ("aws_timestreamwrite_table", "the table it"),
    ],
)
@pytest.mark.parametrize("actions", [["delete"], ["delete", "create"]])
def test_the_loss_of_each_store_is_reported(type_: str, subject: str, actions: list[str]) -> None:
    values = {"id": "x", "name": "it"}
    change: Json = {
        "actions": actions,
        "before": values,
        "after": values if "create" in actions else None,
    }
    (device_change,) = device_changes(with_entry(plan({}), f"{type_}.it", change))
    assert device_change.subject == subject
    assert device_change.verdict in {WARN, BLOCK}


@pytest.mark.parametrize(
    ("type_", "before", "after", "why"),
    [
        ("aws_kms_key", {"is_enabled": True}, {"is_enabled": False}, UNREADABLE),
        ("aws_kms_replica_key", {"enabled": True}, {"enabled": False}, UNREADABLE),
        (
            "aws_dynamodb_table",
            {"deletion_protection_enabled": True},
            {"deletion_protection_enabled": False},
            UNGUARDED,
        ),
        (
            "aws_cognito_user_pool",
            {"deletion_protection": "ACTIVE"},
            {"deletion_protection": "INACTIVE"},
            UNGUARDED,
        ),
        (
            "aws_kinesis_stream",
            {"retention_period": 168},
            {"retention_period": 24},
            "records are kept for 24 h instead of 168 h",
        ),
    ],
)
def test_less_retention_or_protection_is_reported_and_more_is_not(
    type_: str, before: Json, after: Json, why: str
) -> None:
    ((verdict, _, clauses),) = updated(type_, before, after)
    assert (verdict, clauses) == (WARN, why)
    assert updated(type_, after, before) == []


@pytest.mark.parametrize(
    "type_",
    ["aws_db_instance", "aws_docdb_cluster", "aws_neptune_cluster", "aws_rds_cluster"],
)
def test_disabled_deletion_protection_is_reported(type_: str) -> None:
    on, off = {"deletion_protection": True}, {"deletion_protection": False}
    for after in (off, {"deletion_protection": None}):
        ((_, _, clauses),) = updated(type_, on, after)
        assert clauses == UNGUARDED
    assert updated(type_, {"deletion_protection": None}, off) == []


def test_removed_replicas_are_reported() -> None:
    regions = [{"region_name": each} for each in ("eu-central-1", "eu-north-1", "us-east-2")]
    assert updated("aws_dynamodb_table", {"replica": regions}, {"replica": regions[:1]}) == [
        (
            WARN,
            "the table it",
            "the replicas in eu-north-1, us-east-2 are deleted",
        )
    ]
    assert updated("aws_dynamodb_table", {"replica": regions[:1]}, {"replica": []}) == [
        (WARN, "the table it", "the replica in eu-central-1 is deleted")
    ]
    assert updated("aws_dynamodb_table", {"replica": regions[:1]}, {"replica": regions}) == []


def test_unknown_replicas_are_not_reported_as_removed() -> None:
    before: Json = {"id": "x", "name": "it", "replica": [{"region_name": "eu-central-1"}]}
    change: Json = {
        "actions": ["update"],
        "before": before,
        "after": {"id": "x", "name": "it"},
        "after_unknown": {"replica": True},
    }
    assert device_changes(with_entry(plan({}), "aws_dynamodb_table.it", change)) == ()


def test_other_arguments_of_a_store_are_ignored() -> None:
    assert (
        device_changes(plan({"aws_dynamodb_table.state": {"read_capacity": 5}}, standing=FLEET))
        == ()
    )
