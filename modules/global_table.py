"""A DynamoDB global table."""

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf import TerraformResource, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.data_aws_dynamodb_table import DataAwsDynamodbTable
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

from modules.inputs import is_expression, require
from modules.module import Module
from modules.number import Number


@dataclass(frozen=True, kw_only=True)
class GlobalTableInputs:
    """The table's name, its keys (strings), and the replicas' regions besides the provider's own.

    `slot` is the logical id. `ttl` names the attribute with an item's expiry (epoch seconds).
    `point_in_time_days` is the recovery period in the provider's region; replicas always have
    DynamoDB's default of 35 days: docs.aws.amazon.com/amazondynamodb/latest/APIReference/
    API_PointInTimeRecoverySpecification.html.
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
    """A global table whose replicas are all managed in one state.

    So no region's plan depends on another region. Replication is asynchronous: a write never waits
    for another region. Every replica has point-in-time recovery, deletion protection, and
    encryption with the key that AWS manages there, since a customer managed key would have to be
    passed in for each replica. Raises InputError for a region given twice. Source:
    docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: GlobalTableInputs) -> None:
        require(
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
                # Without `stream_enabled` the provider plans a change each time:
                # hashicorp/terraform-provider-aws issue 43625.
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


@dataclass(frozen=True, kw_only=True)
class LocalTableInputs:
    """The table's name, the same in every region; `slot` is the logical id."""

    provider: AwsProvider
    slot: str
    name: str


@dataclass(frozen=True, kw_only=True)
class _LocalTableOutputs:
    """The ARN of the replica's stream, whose label is known only in its region."""

    stream_arn: str


class LocalTable(Module):
    """A data source of the table in the provider's region, which makes no request to other regions.

    Terraform reads a data source during apply while a resource that it depends on has changes, and
    during plan otherwise. It depends on a `terraform_data` that never changes: the first plan of a
    region needs no table yet, and every later plan knows the stream's ARN. A name that is an
    expression may be that of a table in the same state: as its input it lets Terraform create the
    table first, also in an apply that is interrupted. Source:
    developer.hashicorp.com/terraform/language/data-sources.
    """

    def __init__(self, scope: Construct, id_: str, inputs: LocalTableInputs) -> None:
        super().__init__(scope, id_)
        first = self.flat(
            TerraformResource(self, "first", terraform_resource_type="terraform_data"),
            inputs.slot,
        )
        if is_expression(inputs.name):
            first.add_override("input", inputs.name)
            # A change, such as that of a state from before, would delay the read to the apply, and
            # replace what uses the stream.
            first.lifecycle = TerraformResourceLifecycle(ignore_changes=["input"])
        table = self.flat(
            DataAwsDynamodbTable(
                self, "table", provider=inputs.provider, name=inputs.name, depends_on=[first]
            ),
            inputs.slot,
        )
        self.outputs = _LocalTableOutputs(stream_arn=table.stream_arn)
