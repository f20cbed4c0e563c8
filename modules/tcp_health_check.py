"""The shallow health check of a region: a TCP connect."""

from dataclasses import dataclass

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.route53_health_check import Route53HealthCheck
from constructs import Construct

from modules.check_frequency import refuse_wrong_frequency
from modules.checker_regions import CHECKER_REGIONS
from modules.module import Module
from modules.number import Number

_MQTT_OVER_TLS = 8883


@dataclass(frozen=True, kw_only=True)
class TcpHealthCheckInputs:
    """What is checked, how often (seconds), and how many results in a row change the verdict.

    `slot` tells the checks of one stack apart in their logical ids, e.g. `eu_west_1`.
    """

    provider: AwsProvider
    name: str
    regional_name: str
    interval: Number
    threshold: Number
    slot: str


@dataclass(frozen=True, kw_only=True)
class TcpHealthCheckOutputs:
    """The id that failover records and calculated checks refer to."""

    check_id: str


class TcpHealthCheck(Module):
    """A TCP connect to port 8883 of the regional name: layer 4 only, hence `shallow`.

    It sees a region that is gone, and misses a broken certificate, authorization or broker. It
    never asks the device name: a check on the name that it moves is unpredictable. An HTTPS
    check would fail for ever, because IoT Core answers 403 to a caller without credentials.
    Sources: docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html and, below
    docs.aws.amazon.com/Route53/latest/DeveloperGuide,
    dns-failover-determining-health-of-endpoints.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: TcpHealthCheckInputs) -> None:
        refuse_wrong_frequency(TcpHealthCheck, inputs.interval, inputs.threshold)
        super().__init__(scope, id_)
        check = self.flat(
            Route53HealthCheck(
                self,
                "tcp",
                provider=inputs.provider,
                type="TCP",
                fqdn=inputs.regional_name,
                port=_MQTT_OVER_TLS,
                request_interval=inputs.interval,
                failure_threshold=inputs.threshold,
                regions=[*CHECKER_REGIONS],
                tags={"Name": inputs.name},
                # The interval cannot be changed in place: the new check stands, and the records
                # beside it in this state ask it, before the old one goes.
                lifecycle=TerraformResourceLifecycle(create_before_destroy=True),
            ),
            f"tcp_{inputs.slot}",
        )
        self.outputs = TcpHealthCheckOutputs(check_id=check.id)
