"""The trail without which EventBridge hears of no call to IoT Core."""

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

_SLOT: Final = "registry_trail"
_LONGEST: Final = 63
_DAYS: Final = 7
_SERVICE: Final = "cloudtrail.amazonaws.com"


def trail_bucket_name(prefix: str, region: str) -> str:
    """Name the bucket of a region's trail: `{prefix}trail-{region}`, cut where it is too long."""
    return shortened(f"{prefix}trail-{region}", _LONGEST)


@dataclass(frozen=True, kw_only=True)
class RegistryTrailInputs:
    """The trail's bucket, and the account whose calls it writes down."""

    provider: AwsProvider
    context: Context
    account_id: str
    bucket_name: str


class RegistryTrail(Module):
    """A trail of the region's own calls that change something, in a closed bucket of its own.

    EventBridge tells of calls only where a trail logs them. Nobody reads its files, which go after
    seven days; and they hold nothing that has to be kept, so the bucket may be destroyed with all
    that is in it, or no region could leave. Calls to global services stay out, as they would be
    written once for each region. Sources:
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
                slot=_SLOT,
                is_kept=False,
                statements=_statements(inputs, name),
            ),
        ).outputs
        encrypt(self, provider=provider, slot=_SLOT, bucket=bucket.id)
        expire(self, provider=provider, slot=_SLOT, bucket=bucket.id, days=_DAYS)
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
                # CloudTrail tries whether it may write before it makes a trail.
                depends_on=[bucket.policy],
            ),
            _SLOT,
        )


def _statements(inputs: RegistryTrailInputs, name: str) -> list[Mapping[str, Any]]:
    place = f"{inputs.context.region}:{inputs.account_id}"
    of_ours = {
        "aws:SourceAccount": inputs.account_id,
        "aws:SourceArn": f"arn:aws:cloudtrail:{place}:trail/{name}",
    }
    bucket = f"arn:aws:s3:::{inputs.bucket_name}"
    return [
        {
            "Sid": "TrailLooksWhoseItIs",
            "Effect": "Allow",
            "Principal": {"Service": _SERVICE},
            "Action": "s3:GetBucketAcl",
            "Resource": bucket,
            "Condition": {"StringEquals": of_ours},
        },
        {
            "Sid": "TrailWrites",
            "Effect": "Allow",
            "Principal": {"Service": _SERVICE},
            "Action": "s3:PutObject",
            "Resource": f"{bucket}/AWSLogs/{inputs.account_id}/*",
            "Condition": {"StringEquals": {**of_ours, "s3:x-amz-acl": "bucket-owner-full-control"}},
        },
    ]
