"""The shallow health check of a region: a TCP connection."""

from dataclasses import dataclass

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.route53_health_check import Route53HealthCheck
from constructs import Construct

from functions.contract import MQTT_PORT
from modules.check_frequency import require_valid_frequency
from modules.checker_regions import CHECKER_REGIONS
from modules.module import Module
from modules.number import Number

# docs.aws.amazon.com/iot/latest/developerguide/protocols.html


@dataclass(frozen=True, kw_only=True)
class TcpHealthCheckInputs:
    """The name and port to check, the interval in seconds, and the threshold.

    The status changes after `threshold` equal results in a row. `slot` is the region's part of the
    logical id, such as `eu_west_1`.
    """

    provider: AwsProvider
    name: str
    regional_name: str
    interval: Number
    threshold: Number
    slot: str
    port: Number = MQTT_PORT


@dataclass(frozen=True, kw_only=True)
class TcpHealthCheckOutputs:
    """The check's id, for failover records and calculated checks."""

    check_id: str


class TcpHealthCheck(Module):
    """A TCP check of a port of the regional name.

    It detects a lost region, but not a broken certificate, authorization or broker. It does not use
    the device name, whose answer depends on the check. An HTTPS check would always fail, because
    IoT Core answers 403 to clients without credentials. Raises InputError for an interval or
    threshold that Route 53 does not accept. Sources:
    docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html,
    docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: TcpHealthCheckInputs) -> None:
        require_valid_frequency(TcpHealthCheck, inputs.interval, inputs.threshold)
        super().__init__(scope, id_)
        check = self.flat(
            Route53HealthCheck(
                self,
                "tcp",
                provider=inputs.provider,
                type="TCP",
                fqdn=inputs.regional_name,
                port=inputs.port,
                request_interval=inputs.interval,
                failure_threshold=inputs.threshold,
                regions=[*CHECKER_REGIONS],
                tags={"Name": inputs.name},
                # The interval cannot be updated in place. The new check is created and used by
                # records, which are in the same state, before the old one is destroyed.
                lifecycle=TerraformResourceLifecycle(create_before_destroy=True),
            ),
            f"tcp_{inputs.slot}",
        )
        self.outputs = TcpHealthCheckOutputs(check_id=check.id)
