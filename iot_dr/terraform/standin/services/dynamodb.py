"""DynamoDB: tables, and their replicas in other regions."""

from collections.abc import Mapping

from iot_dr.terraform.standin.behaviour import Behaviour
from iot_dr.terraform.standin.checks import arn, between, both, length, matches, one_of
from iot_dr.terraform.standin.identity import Origin
from iot_dr.terraform.standin.values import Value, is_list, is_unknown

# A stream's label is its creation time. It is constant here, so that a stack which reads a table
# gets the ARN that the owning stack has created, without access to that state.
_STREAM_LABEL = "1970-01-01T00:00:00.000"
_PROJECTIONS = one_of("ALL", "KEYS_ONLY", "INCLUDE")
_VIEWS = ("NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", "KEYS_ONLY")
_MOST_DAYS = 35


def _in_one_region(name: str, origin: Origin, *, has_stream: bool) -> Mapping[str, Value]:
    """Return a table's attributes in one region, which a replica has too."""
    table = origin.arn("dynamodb", f"table/{name}")
    return {
        "arn": table,
        "stream_arn": f"{table}/stream/{_STREAM_LABEL}" if has_stream else "",
        "stream_label": _STREAM_LABEL if has_stream else "",
    }


def _replica(name: str, replica: Mapping[str, Value], account: str) -> Mapping[str, Value]:
    # Replicas always have a stream, whatever the table's `stream_enabled`: replication uses it.
    own = _in_one_region(name, Origin(account, replica["region_name"]), has_stream=True)
    answered = {**own, "deletion_protection_enabled": False, "kms_key_arn": ""}
    return {
        key: answered[key] if is_unknown(value) and key in answered else value
        for key, value in replica.items()
    }


def _table(values: Mapping[str, Value], origin: Origin) -> Mapping[str, Value]:
    name = values["name"]
    replicas: list[Value] = values["replica"] if is_list(values["replica"]) else []
    own = _in_one_region(name, origin, has_stream=bool(values["stream_enabled"]))
    created = [_replica(name, replica, origin.account) for replica in replicas]
    return {**own, "id": name, "replica": created}


def _looked_up(values: Mapping[str, Value], origin: Origin) -> Mapping[str, Value]:
    """Return attributes derived from a table's name: the stand-in sees only its own state."""
    name = values["name"]
    own = _in_one_region(name, origin, has_stream=True)
    return {**own, "id": name, "stream_enabled": True, "stream_view_type": "NEW_AND_OLD_IMAGES"}


RESOURCES: Mapping[str, Behaviour] = {
    "aws_dynamodb_table": Behaviour(
        source="provider documentation, dynamodb_table; DynamoDB API: CreateTable",
        replace=(
            *("hash_key", "import_table", "local_secondary_index", "name", "range_key"),
            *("restore_date_time", "restore_source_name", "restore_source_table_arn"),
            "restore_to_latest_time",
        ),
        defaults={
            "billing_mode": "PROVISIONED",
            "replica.consistency_mode": "EVENTUAL",
            "replica.point_in_time_recovery": False,
            "replica.propagate_tags": False,
            "ttl.enabled": False,
        },
        defaults_from_aws={
            "point_in_time_recovery.recovery_period_in_days": _MOST_DAYS,
            "server_side_encryption.kms_key_arn": "",
            "stream_view_type": "",
        },
        checks={
            "attribute.type": one_of("B", "N", "S"),
            "billing_mode": one_of("PAY_PER_REQUEST", "PROVISIONED"),
            "global_secondary_index.projection_type": _PROJECTIONS,
            "local_secondary_index.projection_type": _PROJECTIONS,
            "name": both(length(3, 255), matches(r"[0-9A-Za-z_.-]+", "letters, digits and _ . -")),
            "point_in_time_recovery.recovery_period_in_days": between(1, _MOST_DAYS),
            "replica.consistency_mode": one_of("EVENTUAL", "STRONG"),
            "replica.kms_key_arn": arn,
            "server_side_encryption.kms_key_arn": arn,
            "stream_view_type": one_of("", *_VIEWS),
            "table_class": one_of("STANDARD", "STANDARD_INFREQUENT_ACCESS"),
        },
        filled_blocks=("point_in_time_recovery", "server_side_encryption", "ttl"),
        import_argument="name",
        computed_on_apply=_table,
    ),
}
DATA_SOURCES: Mapping[str, Behaviour] = {
    "aws_dynamodb_table": Behaviour(
        source="provider documentation, data dynamodb_table", computed_on_apply=_looked_up
    ),
}
