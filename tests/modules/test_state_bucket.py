"""The state buckets: kept, encrypted, closed."""

import json

import pytest

from tests.support.settings import REGIONS, settings
from tests.support.synthesis import Synthesis
from tests.support.template import Template


@pytest.fixture
def state(synthesis: Synthesis) -> Template:
    return synthesis(settings(regions=list(REGIONS[:3])))["iot-dev-state"]


def test_each_region_has_a_bucket_of_its_own_which_cannot_be_destroyed(state: Template) -> None:
    buckets = state.resources("aws_s3_bucket").values()
    assert {bucket["bucket"]: bucket["provider"] for bucket in buckets} == {
        "example-iot-dev-eu-west-1": "aws.eu_west_1",
        "example-iot-dev-eu-central-1": "aws.eu_central_1",
        "example-iot-dev-eu-north-1": "aws.eu_north_1",
    }
    assert all(bucket["lifecycle"]["prevent_destroy"] for bucket in buckets)
    assert not any(bucket["force_destroy"] for bucket in buckets)


def test_each_bucket_keeps_versions_is_encrypted_and_closed_to_the_public(state: Template) -> None:
    for id_, bucket in state.resources("aws_s3_bucket").items():
        reference = f"${{aws_s3_bucket.{id_}.id}}"
        versioning = state.resources("aws_s3_bucket_versioning")[id_]
        encryption = state.resources("aws_s3_bucket_server_side_encryption_configuration")[id_]
        ownership = state.resources("aws_s3_bucket_ownership_controls")[id_]
        closed = state.resources("aws_s3_bucket_public_access_block")[id_]
        assert versioning["versioning_configuration"] == {"status": "Enabled"}
        (rule,) = encryption["rule"]
        assert rule["apply_server_side_encryption_by_default"] == {"sse_algorithm": "AES256"}
        assert ownership["rule"] == {"object_ownership": "BucketOwnerEnforced"}
        assert all(
            closed[key]
            for key in ("block_public_acls", "block_public_policy", "ignore_public_acls")
        )
        assert closed["restrict_public_buckets"] is True
        for part in (versioning, encryption, ownership, closed):
            assert part["bucket"] == reference
            assert part["provider"] == bucket["provider"]


def test_a_buckets_policy_denies_whoever_comes_without_tls(state: Template) -> None:
    for id_, policy in state.resources("aws_s3_bucket_policy").items():
        (statement,) = json.loads(policy["policy"])["Statement"]
        assert (statement["Effect"], statement["Principal"]) == ("Deny", "*")
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        arn = f"${{aws_s3_bucket.{id_}.arn}}"
        assert statement["Resource"] == [arn, f"{arn}/*"]
