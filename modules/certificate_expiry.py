"""The alarm on a certificate that was not renewed."""

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.alarm import Alarm, AlarmInputs, alarm_name
from modules.context import Context
from modules.module import Module
from modules.served_certificate import CERTIFICATE_EXPIRY, DAYS_LEFT

_DAY = 86_400


@dataclass(frozen=True, kw_only=True)
class CertificateExpiryInputs:
    """The certificate's ARN, and the ARN of the topic to notify.

    `slot` is the logical id of the alarm; the end of its name is derived from it.
    """

    provider: AwsProvider
    context: Context
    certificate_arn: str
    topic_arn: str
    slot: str = CERTIFICATE_EXPIRY


class CertificateExpiry(Module):
    """An alarm 30 days before expiry, about 15 days after ACM's first renewal attempt.

    ACM publishes `DaysToExpiry` twice a day:
    docs.aws.amazon.com/acm/latest/userguide/cloudwatch-metrics.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: CertificateExpiryInputs) -> None:
        super().__init__(scope, id_)
        context = inputs.context
        Alarm(
            self,
            "alarm",
            AlarmInputs(
                provider=inputs.provider,
                slot=inputs.slot,
                name=alarm_name(context, inputs.slot.replace("_", "-")),
                description=f"The certificate that {context.region} serves ends within"
                f" {DAYS_LEFT} days: ACM has not renewed it.",
                namespace="AWS/CertificateManager",
                metric="DaysToExpiry",
                dimensions={"CertificateArn": inputs.certificate_arn},
                statistic="Minimum",
                comparison_operator="LessThanThreshold",
                threshold=DAYS_LEFT,
                period=_DAY,
                evaluation_periods=1,
                # A new certificate has no data for up to a day.
                treat_missing_data="ignore",
                topic_arn=inputs.topic_arn,
            ),
        )
