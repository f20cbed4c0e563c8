"""KMS: keys."""

import json
from collections.abc import Mapping

from iot_dr.terraform.standin.behaviour import Behaviour
from iot_dr.terraform.standin.checks import between, json_document, length, one_of
from iot_dr.terraform.standin.identity import Origin, fresh_uuid
from iot_dr.terraform.standin.normal import json_text
from iot_dr.terraform.standin.values import Value
from iot_dr.terraform_json.defaults import PLANNED

_YEAR = 365


def _default_policy(origin: Origin) -> str:
    """Return the policy of a key without one.

    Source: docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html.
    """
    statement = {
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": origin.global_arn("iam", "root")},
        "Action": "kms:*",
        "Resource": "*",
    }
    document = {"Id": "key-default-1", "Version": "2012-10-17", "Statement": [statement]}
    return json_text(json.dumps(document))


def _key(values: Mapping[str, Value], origin: Origin) -> Mapping[str, Value]:
    identifier = fresh_uuid()
    return {
        "id": identifier,
        "arn": origin.arn("kms", f"key/{identifier}"),
        "key_id": identifier,
        "policy": _default_policy(origin),
        "rotation_period_in_days": _YEAR if values["enable_key_rotation"] else 0,
    }


RESOURCES: Mapping[str, Behaviour] = {
    "aws_kms_key": Behaviour(
        source="provider documentation, kms_key; KMS API: CreateKey",
        replace=(
            *("custom_key_store_id", "customer_master_key_spec", "key_usage", "multi_region"),
            "xks_key_id",
        ),
        defaults=PLANNED["aws_kms_key"],
        defaults_from_aws={"description": "", "multi_region": False},
        checks={
            "custom_key_store_id": length(1, 22),
            "customer_master_key_spec": one_of(
                *("SYMMETRIC_DEFAULT", "RSA_2048", "RSA_3072", "RSA_4096"),
                *("ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1"),
                *("HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512", "SM2"),
                *("ML_DSA_44", "ML_DSA_65", "ML_DSA_87", "ECC_NIST_EDWARDS25519"),
            ),
            "deletion_window_in_days": between(7, 30),
            "description": length(0, 8192),
            "key_usage": one_of(
                *("ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT")
            ),
            "policy": json_document,
            "rotation_period_in_days": between(90, 2560),
            "xks_key_id": length(1, 128),
        },
        normal={"policy": json_text},
        together={
            "rotation_period_in_days": ("enable_key_rotation",),
            "xks_key_id": ("custom_key_store_id",),
        },
        computed_on_apply=_key,
    ),
}
DATA_SOURCES: Mapping[str, Behaviour] = {}
