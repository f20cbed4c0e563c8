"""The platform's outputs as own stacks read them."""

from typing import TYPE_CHECKING

from environments.settings import LookedUpZone
from stacks.own_code import OwnStackError

if TYPE_CHECKING:
    from stacks.base_stack import BaseStack


class PlatformOutputs:
    """References to outputs of the platform's stacks, which Terraform resolves.

    Each property names the stack that must be in the `upstream` of the own stack. Those of `iot`
    are of the own stack's region; a global stack reads them with `BaseStack.output`.
    """

    def __init__(self, stack: "BaseStack") -> None:
        self._stack = stack
        self._looked_up: str | None = None

    @property
    def zone_id(self) -> str:
        """The id of the environment's hosted zone (`hosted-zone`), looked up or not."""
        if not isinstance(self._stack.settings.zone, LookedUpZone):
            return self._stack.output("hosted-zone", "zone_id")
        if self._looked_up is None:
            from modules.zone_lookup import (  # noqa: PLC0415 - most environments have a zone's stack
                ZoneLookup,
                ZoneLookupInputs,
            )

            inputs = ZoneLookupInputs(
                provider=self._stack.provider(), zone_name=self._stack.settings.zone_name
            )
            self._looked_up = ZoneLookup(self._stack, "platform_zone", inputs).outputs.zone_id
        return self._looked_up

    @property
    def certificate_arn(self) -> str:
        """The ARN of the home region's certificate (`hosted-zone`).

        Raises OwnStackError, a ValueError, if the environment's zone is looked up, or if regions
        have the certificates (`certificate_region`).
        """
        if self._stack.settings.certificate_region:
            message = (
                "it reads the certificate of the zone's stack, which has none since"
                " certificate_region is set; use the data source aws_acm_certificate in the own"
                " stack"
            )
            raise OwnStackError(message)
        if isinstance(self._stack.settings.zone, LookedUpZone):
            message = (
                "it reads the certificate of a zone that is looked up; use the data source"
                " aws_acm_certificate in the own stack"
            )
            raise OwnStackError(message)
        return self._stack.output("hosted-zone", "certificate_arn")

    @property
    def regional_name(self) -> str:
        """The DNS name that always leads to this region (`iot`)."""
        return self._stack.output("iot", "regional_name")

    @property
    def alarm_topic_arn(self) -> str:
        """The ARN of the SNS topic of this region's alarms (`iot`)."""
        return self._stack.output("iot", "alarm_topic_arn")

    @property
    def device_policy_name(self) -> str:
        """The name of the IoT policy of devices in this region (`iot`)."""
        return self._stack.output("iot", "device_policy_name")

    @property
    def stream_name(self) -> str:
        """The name of this region's Kinesis stream of device messages (`telemetry`)."""
        return self._stack.output("telemetry", "stream_name")
