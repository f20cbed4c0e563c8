"""Route 53's copies of the alarms of switches: as the alarms are now."""

from collections.abc import Iterator

from iot_dr.common.user_error import UserError
from iot_dr.observe.doctor.account import SECONDS, Account
from iot_dr.observe.doctor.finding import AccountFinding, later, missing, ok, unknown
from iot_dr.observe.switch.alarm_copies import NO_ALARM, AlarmCopy, alarm_copies


def examine(account: Account) -> Iterator[AccountFinding]:
    """Yield each copy that differs from its alarm; raises AwsError if Route 53 does not answer."""
    copies = alarm_copies(account.settings, account.clients, SECONDS)
    if not copies:
        yield later("the health checks of the switches' alarms")
    for copy in copies:
        yield _of(copy, account.settings.environment)


def _of(copy: AlarmCopy, environment: str) -> AccountFinding:
    if isinstance(copy.differences, UserError):
        return unknown(copy.differences, copy.alarm_region)
    if not copy.is_outdated:
        return ok(f"the health check of {copy.alarm} has its settings", copy.alarm_region)
    if copy.differences == (NO_ALARM,):
        return missing(
            f"{copy.alarm}, the alarm of the health check {copy.check_id}, does not exist",
            "create it again, with the entry point",
            f"iot-dr deploy --env {environment} --provider aws",
            region=copy.alarm_region,
        )
    return missing(
        f"the health check {copy.check_id} follows other settings than those of {copy.alarm}:"
        f" {copy.summary}",
        "compare the alarm with the entry point's plan, then let Route 53 copy it again while"
        f" {copy.region} is not switched away",
        f"aws route53 update-health-check --health-check-id {copy.check_id}"
        f" --alarm-identifier Region={copy.alarm_region},Name={copy.alarm}",
        region=copy.alarm_region,
    )
