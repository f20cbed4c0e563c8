"""S3: buckets and their configurations."""

from collections.abc import Mapping

from iot_dr.terraform.standin.behaviour import Behaviour
from iot_dr.terraform.standin.checks import arn, json_document, length, matches, minimum, one_of
from iot_dr.terraform.standin.identity import Origin, stable
from iot_dr.terraform.standin.normal import json_text
from iot_dr.terraform.standin.services.naming import name_and_prefix
from iot_dr.terraform.standin.values import Value, is_unknown

_account = matches(r"\d{12}", "an account id of 12 digits")
_bucket = matches(
    r"(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
    "a bucket name of 3 to 63 lower-case letters, digits, dots and hyphens",
)
_some_bucket = length(1, 63)
# S3 API, TransitionStorageClass.
_colder = one_of(
    *("DEEP_ARCHIVE", "GLACIER", "GLACIER_IR", "INTELLIGENT_TIERING", "ONEZONE_IA", "STANDARD_IA")
)


def _created(values: Mapping[str, Value], origin: Origin) -> Mapping[str, Value]:
    named = name_and_prefix(values, "bucket")
    name = named["bucket"]
    return {
        **named,
        "id": name,
        "arn": f"arn:aws:s3:::{name}",
        "bucket_domain_name": f"{name}.s3.amazonaws.com",
        "bucket_regional_domain_name": f"{name}.s3.{origin.region}.amazonaws.com",
        "bucket_region": origin.region,
        "hosted_zone_id": f"Z{stable(13, origin.region).upper()}",
    }


def _named_after_bucket(values: Mapping[str, Value], _origin: Origin) -> Mapping[str, Value]:
    owner = values.get("expected_bucket_owner")
    is_named = owner and not is_unknown(owner)
    return {"id": f"{values['bucket']},{owner}" if is_named else values["bucket"]}


def _blocked_later(_values: Mapping[str, Value], _origin: Origin) -> Mapping[str, Value]:
    # hashicorp/terraform-provider-aws issue 47320: S3 blocks SSE-C on new buckets since 2026.
    return {"rule.blocked_encryption_types": ["SSE-C"]}


RESOURCES: Mapping[str, Behaviour] = {
    "aws_s3_bucket": Behaviour(
        source="provider documentation, s3_bucket; S3 user guide: bucket naming rules",
        replace=("bucket", "bucket_prefix", "object_lock_enabled"),
        defaults={"force_destroy": False},
        defaults_from_aws={
            "acceleration_status": "",
            "acl": None,
            "object_lock_enabled": False,
            "policy": "",
            "request_payer": "BucketOwner",
            "website_domain": None,
            "website_endpoint": None,
        },
        checks={"bucket": _bucket, "bucket_prefix": length(0, 37)},
        filled_blocks=(
            *("cors_rule", "grant", "lifecycle_rule", "logging", "object_lock_configuration"),
            *("replication_configuration", "server_side_encryption_configuration"),
            *("versioning", "website"),
        ),
        conflicts=(("bucket", "bucket_prefix"),),
        import_argument="bucket",
        computed_on_apply=_created,
    ),
    "aws_s3_bucket_versioning": Behaviour(
        source="provider documentation, s3_bucket_versioning",
        replace=("bucket", "expected_bucket_owner"),
        defaults_from_aws={"versioning_configuration.mfa_delete": ""},
        checks={
            "bucket": _some_bucket,
            "expected_bucket_owner": _account,
            "versioning_configuration.mfa_delete": one_of("Enabled", "Disabled"),
            "versioning_configuration.status": one_of("Enabled", "Suspended", "Disabled"),
        },
        import_argument="bucket",
        computed_on_apply=_named_after_bucket,
    ),
    "aws_s3_bucket_server_side_encryption_configuration": Behaviour(
        source="provider documentation, s3_bucket_server_side_encryption_configuration",
        replace=("bucket", "expected_bucket_owner"),
        checks={
            "bucket": _some_bucket,
            "expected_bucket_owner": _account,
            "rule.apply_server_side_encryption_by_default.sse_algorithm": one_of(
                *("AES256", "aws:kms", "aws:kms:dsse")
            ),
        },
        import_argument="bucket",
        computed_on_apply=_named_after_bucket,
        computed_later=_blocked_later,
    ),
    "aws_s3_bucket_public_access_block": Behaviour(
        source="provider documentation, s3_bucket_public_access_block",
        replace=("bucket",),
        defaults=dict.fromkeys(
            (
                *("block_public_acls", "block_public_policy", "ignore_public_acls"),
                "restrict_public_buckets",
            ),
            False,
        ),
        checks={"bucket": _some_bucket},
        import_argument="bucket",
        computed_on_apply=_named_after_bucket,
    ),
    "aws_s3_bucket_policy": Behaviour(
        source="provider documentation, s3_bucket_policy",
        replace=("bucket",),
        checks={"bucket": _some_bucket, "policy": json_document},
        normal={"policy": json_text},
        import_argument="bucket",
        computed_on_apply=_named_after_bucket,
    ),
    "aws_s3_bucket_replication_configuration": Behaviour(
        source="provider documentation, s3_bucket_replication_configuration",
        replace=("bucket",),
        checks={
            "bucket": _some_bucket,
            "role": arn,
            "rule.id": length(0, 255),
            "rule.status": one_of("Enabled", "Disabled"),
        },
        sensitive=("token",),
        limits={"rule": (1, 1000)},
        import_argument="bucket",
        computed_on_apply=_named_after_bucket,
    ),
    "aws_s3_bucket_lifecycle_configuration": Behaviour(
        source="provider source, s3/bucket_lifecycle_configuration.go",
        replace=("bucket", "expected_bucket_owner"),
        defaults={
            "rule.expiration.days": 0,
            "rule.expiration.expired_object_delete_marker": False,
            **dict.fromkeys(
                (
                    "rule.filter.object_size_greater_than",
                    "rule.filter.object_size_less_than",
                )
            ),
            "rule.prefix": "",
            "transition_default_minimum_object_size": "all_storage_classes_128K",
        },
        defaults_from_aws={"expected_bucket_owner": ""},
        checks={
            "bucket": _some_bucket,
            "expected_bucket_owner": _account,
            "rule.filter.and.object_size_greater_than": minimum(0),
            "rule.filter.and.object_size_less_than": minimum(1),
            "rule.id": length(1, 255),
            "rule.noncurrent_version_expiration.newer_noncurrent_versions": minimum(1),
            "rule.noncurrent_version_expiration.noncurrent_days": minimum(1),
            "rule.noncurrent_version_transition.newer_noncurrent_versions": minimum(1),
            "rule.noncurrent_version_transition.noncurrent_days": minimum(0),
            "rule.noncurrent_version_transition.storage_class": _colder,
            "rule.status": one_of("Disabled", "Enabled"),
            "rule.transition.days": minimum(0),
            "rule.transition.storage_class": _colder,
            "transition_default_minimum_object_size": one_of(
                *("all_storage_classes_128K", "varies_by_storage_class")
            ),
        },
        import_argument="bucket",
        computed_on_apply=_named_after_bucket,
    ),
    "aws_s3_bucket_ownership_controls": Behaviour(
        source="provider documentation, s3_bucket_ownership_controls",
        replace=("bucket",),
        checks={
            "bucket": _some_bucket,
            "rule.object_ownership": one_of(
                *("BucketOwnerPreferred", "ObjectWriter", "BucketOwnerEnforced")
            ),
        },
        import_argument="bucket",
        computed_on_apply=_named_after_bucket,
    ),
}
DATA_SOURCES: Mapping[str, Behaviour] = {}
