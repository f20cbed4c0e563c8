"""The settings block `data`: device data in every region."""

from typing import Annotated

from pydantic import Field, field_validator

from environments.blocks import Block
from environments.fields import WholeNumber
from environments.provisioning import FleetProvisioning, JustInTimeProvisioning, chosen


class Data(Block):
    """Device data: retention, reconciliation of regions, and provisioning of new devices."""

    # docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PointInTimeRecoverySpecification
    point_in_time_days: Annotated[int, WholeNumber(1, 35, "days")] = Field(
        default=35,
        description="days for which the home region's tables can be restored to any second",
    )
    # docs.aws.amazon.com/streams/latest/dev/kinesis-extended-retention.html
    stream_hours: Annotated[int, WholeNumber(24, 8760, "hours")] = Field(
        default=24, description="retention of a region's telemetry stream in hours"
    )
    # docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html: the lowest quota of an
    # account in a region, for all of its streams.
    stream_shards: Annotated[int, WholeNumber(1, 1000, "shards")] | None = Field(
        default=None,
        description="shards of a region's stream, each for 1000 records a second, or null for a"
        " stream on demand, which scales by itself",
    )
    # Rows of deleted entities go after 90 days, which leaves room for many runs that fail.
    reconcile_hours: Annotated[int, WholeNumber(1, 168, "hours")] = Field(
        default=24,
        description="hours between two reconciliations of a region with the registry table",
    )
    # Most of the default quotas of ListThingPrincipals and DescribeCertificate, which are 10:
    # docs.aws.amazon.com/general/latest/gr/iot-core.html#throttling-limits
    reconcile_rate: Annotated[int, WholeNumber(1, 1000, "things")] = Field(
        default=8,
        description="things, and as many certificates, that a reconciliation reads in a second; the"
        " rest of the account's quotas is for changes",
    )
    # docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html
    parallelization_factor: Annotated[int, WholeNumber(1, 10, "batches")] = Field(
        default=2,
        description="batches of changes that a region applies concurrently from each shard of the"
        " registry table; it records and applies changed shadows in up to five times as many"
        " batches",
    )
    # At least 50 deletions an hour are applied: functions/registry/brake.py.
    deletion_percent: Annotated[int, WholeNumber(1, 100, "percent")] = Field(
        default=2,
        description="percent of its entities that a region deletes in an hour because another"
        " region did, and at least 50 of them; then it holds deletions back until a person decides;"
        " 100 for no limit",
    )
    copy_reported: bool = Field(
        default=True,
        description="whether the reported state of shadows is copied between regions",
    )
    # docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html: five trails
    # in a region, of which an organization's are some.
    create_trail: bool = Field(
        default=True,
        description="whether each region creates a CloudTrail trail, or false to receive changes of"
        " certificates and policies through a trail that the account has there",
    )
    provisioning: FleetProvisioning | JustInTimeProvisioning | None = Field(
        default=None,
        description="how new devices are provisioned in each region, or null for no provisioning",
    )

    @field_validator("provisioning", mode="before")
    @classmethod
    def _of_one_kind(cls, provisioning: object) -> object:
        return chosen(provisioning)
