"""The trail that EventBridge needs for events of calls to IoT Core."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cdktf_cdktf_provider_aws.cloudtrail import Cloudtrail, CloudtrailEventSelector
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.bucket_settings import encrypt, expire
from modules.closed_bucket import ClosedBucket, ClosedBucketInputs
from modules.context import Context, shortened
from modules.module import Module
from modules.name_limits import BUCKET_NAME_LIMIT
from modules.policy_document import allow

SLOT: Final = "registry_trail"
"""The logical id of the trail, its bucket and the bucket's settings."""

_DAYS: Final = 7
_SERVICE: Final = "cloudtrail.amazonaws.com"


def trail_bucket_name(prefix: str, region: str) -> str:
    """Return the trail's bucket, `{prefix}trail-{region}`; over 63 characters it ends in a hash."""
    return shortened(f"{prefix}trail-{region}", BUCKET_NAME_LIMIT)


@dataclass(frozen=True, kw_only=True)
class RegistryTrailInputs:
    """The name of the trail's bucket, and the account whose calls it logs."""

    provider: AwsProvider
    context: Context
    account_id: str
    bucket_name: str


class RegistryTrail(Module):
    """A CloudTrail trail of the region's write calls, with a private bucket whose objects expire.

    EventBridge receives events of API calls only while a trail logs them. Nothing reads the log
    files, which expire after seven days, so Terraform may destroy the bucket with its objects,
    which removing a region needs. Calls to global services are not logged, since each region's
    trail would log them. Sources:
    docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html,
    docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: RegistryTrailInputs) -> None:
        super().__init__(scope, id_)
        provider, name = inputs.provider, inputs.context.name("registry")
        bucket = ClosedBucket(
            self,
            "bucket",
            ClosedBucketInputs(
                provider=provider,
                bucket_name=inputs.bucket_name,
                slot=SLOT,
                prevent_destroy=False,
                statements=_statements(inputs, name),
            ),
        ).outputs
        encrypt(self, provider=provider, slot=SLOT, bucket=bucket.id)
        expire(self, provider=provider, slot=SLOT, bucket=bucket.id, days=_DAYS)
        self.flat(
            Cloudtrail(
                self,
                "trail",
                provider=provider,
                name=name,
                s3_bucket_name=bucket.name,
                enable_logging=True,
                enable_log_file_validation=True,
                is_multi_region_trail=False,
                include_global_service_events=False,
                event_selector=[
                    CloudtrailEventSelector(
                        read_write_type="WriteOnly", include_management_events=True
                    )
                ],
                # CreateTrail checks that CloudTrail can write to the bucket.
                depends_on=[bucket.policy],
            ),
            SLOT,
        )


def _statements(inputs: RegistryTrailInputs, name: str) -> list[Mapping[str, Any]]:
    place = f"{inputs.context.region}:{inputs.account_id}"
    from_trail = {
        "aws:SourceAccount": inputs.account_id,
        "aws:SourceArn": f"arn:aws:cloudtrail:{place}:trail/{name}",
    }
    bucket = f"arn:aws:s3:::{inputs.bucket_name}"
    return [
        allow(
            "TrailReadsAcl",
            "s3:GetBucketAcl",
            bucket,
            {"StringEquals": from_trail},
            principal={"Service": _SERVICE},
        ),
        allow(
            "TrailWrites",
            "s3:PutObject",
            f"{bucket}/AWSLogs/{inputs.account_id}/*",
            {"StringEquals": {**from_trail, "s3:x-amz-acl": "bucket-owner-full-control"}},
            principal={"Service": _SERVICE},
        ),
    ]
