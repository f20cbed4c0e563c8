"""The artifact bucket: its name, and how long it keeps what."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.artifact_bucket import artifact_bucket_name
from tests.support.pipeline import PIPELINE
from tests.support.settings import settings
from tests.support.synthesis import Synthesis
from tests.support.template import Template

buckets = st.from_regex(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", fullmatch=True)


@pytest.fixture
def pipeline(synthesis: Synthesis) -> Template:
    return synthesis(settings(pipeline=PIPELINE))["iot-dev-pipeline-eu-central-1"]


def test_it_is_named_after_the_state_bucket_of_its_region() -> None:
    assert artifact_bucket_name("example-iot-dev-eu-west-1") == "example-iot-dev-eu-west-1-pipeline"


@given(buckets)
def test_its_name_is_one_that_s3_takes_whatever_the_state_buckets_is(state: str) -> None:
    name = artifact_bucket_name(state)
    assert 3 <= len(name) <= 63
    assert name[0] != "-" != name[-1]


@given(st.lists(st.text("ab-", min_size=10, max_size=13), min_size=2, max_size=2, unique=True))
def test_two_names_that_are_cut_stay_apart(ends: list[str]) -> None:
    one, other = (artifact_bucket_name(f"{'x' * 50}{end}") for end in ends)
    assert one != other


def test_what_is_in_it_goes_after_thirty_days_and_has_no_versions(pipeline: Template) -> None:
    (lifecycle,) = pipeline.resources("aws_s3_bucket_lifecycle_configuration").values()
    (rule,) = lifecycle["rule"]
    assert rule["status"] == "Enabled"
    assert rule["filter"] == [{"prefix": ""}]
    assert rule["expiration"] == [{"days": 30}]
    assert rule["abort_incomplete_multipart_upload"] == [{"days_after_initiation": 1}]
    assert pipeline.resources("aws_s3_bucket_versioning") == {}


def test_it_is_encrypted_with_the_pipelines_key_and_closed(pipeline: Template) -> None:
    ((id_, bucket),) = pipeline.resources("aws_s3_bucket").items()
    reference = f"${{aws_s3_bucket.{id_}."
    (encryption,) = pipeline.resources(
        "aws_s3_bucket_server_side_encryption_configuration"
    ).values()
    (rule,) = encryption["rule"]
    assert rule["apply_server_side_encryption_by_default"] == {
        "sse_algorithm": "aws:kms",
        "kms_master_key_id": "${aws_kms_key.pipeline.arn}",
    }
    assert rule["bucket_key_enabled"] is True
    (closed,) = pipeline.resources("aws_s3_bucket_public_access_block").values()
    (ownership,) = pipeline.resources("aws_s3_bucket_ownership_controls").values()
    assert [value for value in closed.values() if value is True] == [True] * 4
    assert ownership["rule"] == {"object_ownership": "BucketOwnerEnforced"}
    (policy,) = pipeline.resources("aws_s3_bucket_policy").values()
    (statement,) = json.loads(policy["policy"])["Statement"]
    assert (statement["Effect"], statement["Principal"]) == ("Deny", "*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert statement["Resource"] == [f"{reference}arn}}", f"{reference}arn}}/*"]
    assert bucket["bucket"] == "example-iot-dev-eu-central-1-pipeline"


def test_it_may_be_destroyed_with_all_that_is_in_it(pipeline: Template) -> None:
    (bucket,) = pipeline.resources("aws_s3_bucket").values()
    assert bucket["force_destroy"] is True
    assert "lifecycle" not in bucket
