"""A Route 53 health check that is healthy while all of its children are."""

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.route53_health_check import Route53HealthCheck
from constructs import Construct

from modules.inputs import require
from modules.module import Module

# docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html
_CHILDREN = range(2, 256)


@dataclass(frozen=True, kw_only=True)
class CalculatedHealthCheckInputs:
    """The ids of the child checks; `slot` is the logical id."""

    provider: AwsProvider
    name: str
    slot: str
    children: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class CalculatedHealthCheckOutputs:
    """The check's id, for failover records."""

    check_id: str


class CalculatedHealthCheck(Module):
    """A calculated check that requires all children to be healthy.

    Its health threshold is the number of children, none of which may be a calculated check itself.
    Raises InputError unless it has 2 to 255 children. Source:
    docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html (HealthThreshold).
    """

    def __init__(self, scope: Construct, id_: str, inputs: CalculatedHealthCheckInputs) -> None:
        count = len(inputs.children)
        require(count in _CHILDREN, CalculatedHealthCheck, "children", count, "2 to 255 checks")
        super().__init__(scope, id_)
        check = self.flat(
            Route53HealthCheck(
                self,
                "calculated",
                provider=inputs.provider,
                type="CALCULATED",
                child_healthchecks=list(inputs.children),
                child_health_threshold=count,
                tags={"Name": inputs.name},
                # Destroyed only after no record refers to it: see EntryPoint.
                lifecycle=TerraformResourceLifecycle(create_before_destroy=True),
            ),
            inputs.slot,
        )
        self.outputs = CalculatedHealthCheckOutputs(check_id=check.id)
