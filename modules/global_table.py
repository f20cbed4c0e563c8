"""A DynamoDB table with a replica in each other region."""

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.dynamodb_table import (
    DynamodbTable,
    DynamodbTableAttribute,
    DynamodbTablePointInTimeRecovery,
    DynamodbTableReplica,
    DynamodbTableServerSideEncryption,
    DynamodbTableTtl,
)
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.inputs import refuse_unless
from modules.module import Module
from modules.number import Number


@dataclass(frozen=True, kw_only=True)
class GlobalTableInputs:
    """The table's name, its keys (of text), and the regions besides the provider's own.

    `slot` is its logical id. `ttl` names the attribute that tells, in seconds, when an item goes;
    `point_in_time_days` is how far back the provider's region can be restored, a replica always
    the service's default of 35 days.
    """

    provider: AwsProvider
    slot: str
    name: str
    hash_key: str
    range_key: str | None = None
    replicas: Sequence[str]
    point_in_time_days: Number
    ttl: str | None = None


@dataclass(frozen=True, kw_only=True)
class GlobalTableOutputs:
    """The table's name, the same in every region."""

    name: str


class GlobalTable(Module):
    """A table that its region owns for all, so that no other region's plan depends on another.

    What replicates is asynchronous: a write never waits for another region. Everything that keeps
    the data stands in each region: recovery, protection, and encryption with the key that AWS
    manages there, since one of our own would have to be handed over for each replica. Source:
    docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: GlobalTableInputs) -> None:
        refuse_unless(
            len(set(inputs.replicas)) == len(inputs.replicas),
            GlobalTable,
            "replicas",
            list(inputs.replicas),
            "each region once",
        )
        super().__init__(scope, id_)
        keys = filter(None, (inputs.hash_key, inputs.range_key))
        table = self.flat(
            DynamodbTable(
                self,
                "table",
                provider=inputs.provider,
                name=inputs.name,
                billing_mode="PAY_PER_REQUEST",
                hash_key=inputs.hash_key,
                range_key=inputs.range_key,
                attribute=[DynamodbTableAttribute(name=key, type="S") for key in keys],
                # The view type alone leaves the provider's plan unsteady (its issue 43625).
                stream_enabled=True,
                stream_view_type="NEW_AND_OLD_IMAGES",
                replica=[_replica(region) for region in inputs.replicas],
                point_in_time_recovery=DynamodbTablePointInTimeRecovery(
                    enabled=True, recovery_period_in_days=inputs.point_in_time_days
                ),
                server_side_encryption=DynamodbTableServerSideEncryption(enabled=True),
                ttl=DynamodbTableTtl(attribute_name=inputs.ttl, enabled=True)
                if inputs.ttl
                else None,
                deletion_protection_enabled=True,
                lifecycle=TerraformResourceLifecycle(prevent_destroy=True),
            ),
            inputs.slot,
        )
        self.outputs = GlobalTableOutputs(name=table.name)


def _replica(region: str) -> DynamodbTableReplica:
    return DynamodbTableReplica(
        region_name=region,
        point_in_time_recovery=True,
        deletion_protection_enabled=True,
        propagate_tags=True,
    )
