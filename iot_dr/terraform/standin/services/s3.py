"""S3: buckets and what is set on them."""

from collections.abc import Mapping

from iot_dr.terraform.standin.behaviour import Behaviour
from iot_dr.terraform.standin.checks import arn, json_document, length, matches, one_of
from iot_dr.terraform.standin.identity import Origin, stable
from iot_dr.terraform.standin.normal import json_text
from iot_dr.terraform.standin.services.naming import name_and_prefix
from iot_dr.terraform.standin.values import Value

_account = matches(r"\d{12}", "an account id of 12 digits")
_bucket = matches(
    r"(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
    "a bucket name of 3 to 63 lower-case letters, digits, dots and hyphens",
)
_some_bucket = length(1, 63)


def _made(values: Mapping[str, Value], origin: Origin) -> Mapping[str, Value]:
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
    return {"id": f"{values['bucket']},{owner}" if owner else values["bucket"]}


def _blocked_later(_values: Mapping[str, Value], _origin: Origin) -> Mapping[str, Value]:
    # hashicorp/terraform-provider-aws issue 47320.
    return {"rule.blocked_encryption_types": ["SSE-C"]}


RESOURCES: Mapping[str, Behaviour] = {
    "aws_s3_bucket": Behaviour(
        source="provider documentation, s3_bucket; S3 user guide: bucket naming rules",
        replace=("bucket", "bucket_prefix", "object_lock_enabled"),
        defaults={"force_destroy": False},
        answers={
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
        imported="bucket",
        made=_made,
    ),
    "aws_s3_bucket_versioning": Behaviour(
        source="provider documentation, s3_bucket_versioning",
        replace=("bucket", "expected_bucket_owner"),
        answers={"versioning_configuration.mfa_delete": ""},
        checks={
            "bucket": _some_bucket,
            "expected_bucket_owner": _account,
            "versioning_configuration.mfa_delete": one_of("Enabled", "Disabled"),
            "versioning_configuration.status": one_of("Enabled", "Suspended", "Disabled"),
        },
        imported="bucket",
        made=_named_after_bucket,
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
        imported="bucket",
        made=_named_after_bucket,
        late=_blocked_later,
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
        imported="bucket",
        made=_named_after_bucket,
    ),
    "aws_s3_bucket_policy": Behaviour(
        source="provider documentation, s3_bucket_policy",
        replace=("bucket",),
        checks={"bucket": _some_bucket, "policy": json_document},
        normal={"policy": json_text},
        imported="bucket",
        made=_named_after_bucket,
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
        imported="bucket",
        made=_named_after_bucket,
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
        imported="bucket",
        made=_named_after_bucket,
    ),
}
DATA_SOURCES: Mapping[str, Behaviour] = {}
