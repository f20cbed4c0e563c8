"""The replica of a global table in a region that does not manage it."""

from dataclasses import dataclass

from cdktf import TerraformResource, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.data_aws_dynamodb_table import DataAwsDynamodbTable
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.inputs import is_expression
from modules.module import Module


@dataclass(frozen=True, kw_only=True)
class LocalTableInputs:
    """The table's name, the same in every region; `slot` is the logical id."""

    provider: AwsProvider
    slot: str
    name: str


@dataclass(frozen=True, kw_only=True)
class LocalTableOutputs:
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
        self.outputs = LocalTableOutputs(stream_arn=table.stream_arn)
