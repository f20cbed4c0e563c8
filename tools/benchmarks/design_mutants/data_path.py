"""The resources that bring device data and Terraform's states from one region to another."""

from collections.abc import Sequence
from typing import Final

from environments.settings import Settings
from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet
from tools.benchmarks.design_mutants.device_path import closure

_COPIES: Final = "aws_s3_bucket_replication_configuration"
# EventBridge gets the calls that a trail logs from CloudTrail, not from the trail's bucket. Without
# one that takes its files CloudTrail refuses the trail:
# docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html.
_BUCKET: Final = "aws_s3_bucket"
_STARTS: Final = (
    "aws_iot_event_configurations",
    "aws_iot_topic_rule",
    "aws_cloudtrail",
    "aws_lambda_event_source_mapping",
    "aws_dynamodb_table",
    _COPIES,
    "aws_s3_bucket_versioning",
)
# Who may read a bucket's objects, and how they are encrypted, does not keep them from arriving.
_OF_BUCKETS: Final = frozenset(
    (
        "aws_s3_bucket_lifecycle_configuration",
        "aws_s3_bucket_ownership_controls",
        "aws_s3_bucket_public_access_block",
        "aws_s3_bucket_server_side_encryption_configuration",
    )
)


def data_path(
    resources: ResourceSet, _settings: Settings, schema: SchemaCache
) -> Sequence[Resource]:
    """Return the resources on the path of device data and of states, with all that they use."""
    path = closure(resources, resources.of_type(*_STARTS), schema)
    states = {copies.stack for copies in resources.of_type(_COPIES)}
    return [
        resource
        for resource in path
        if resource.type not in _OF_BUCKETS
        and (resource.stack in states or not resource.type.startswith(_BUCKET))
    ]
