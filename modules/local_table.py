"""The replica of a table in a region that does not own it."""

from dataclasses import dataclass

from cdktf import TerraformResource
from cdktf_cdktf_provider_aws.data_aws_dynamodb_table import DataAwsDynamodbTable
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.module import Module


@dataclass(frozen=True, kw_only=True)
class LocalTableInputs:
    """The table's name, the same in every region; `slot` is the logical id."""

    provider: AwsProvider
    slot: str
    name: str


@dataclass(frozen=True, kw_only=True)
class LocalTableOutputs:
    """The ARN of the replica's own stream, which only the region knows."""

    stream_arn: str


class LocalTable(Module):
    """Looks a table up in the region of its provider, and so asks no other region.

    Terraform reads while it applies what depends on a resource that is still to be made, and else
    while it plans: so the first plan of a region needs no table yet, and each later one reads it.
    What it depends on is `terraform_data`, which never changes, or each change would hide the
    stream from the plan. Source: developer.hashicorp.com/terraform/language/data-sources.
    """

    def __init__(self, scope: Construct, id_: str, inputs: LocalTableInputs) -> None:
        super().__init__(scope, id_)
        first = self.flat(
            TerraformResource(self, "first", terraform_resource_type="terraform_data"),
            inputs.slot,
        )
        table = self.flat(
            DataAwsDynamodbTable(
                self, "table", provider=inputs.provider, name=inputs.name, depends_on=[first]
            ),
            inputs.slot,
        )
        self.outputs = LocalTableOutputs(stream_arn=table.stream_arn)
