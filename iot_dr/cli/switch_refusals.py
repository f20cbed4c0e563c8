"""Reasons against using a switch."""

from collections.abc import Iterable

from iot_dr.cli.switch_report import other_regions
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UsageError, UserError
from iot_dr.observe.switch.alarms import NoAlarmError
from iot_dr.observe.switch.rotation import RotationRecord
from iot_dr.observe.switch.situation import SwitchSituation
from iot_dr.observe.switch.switching import WITHOUT_RECORD, Switching


def refuse_without(alarm_region: str, switching: Switching) -> None:
    """Raise UsageError if the switch has no alarm in a region, or in that region alone."""
    if alarm_region not in switching.alarm_regions:
        alarm_regions = " or ".join(switching.alarm_regions)
        raise UsageError(
            f"--without {plain(alarm_region)}: is not an alarm region of {switching.region};"
            f" expected {alarm_regions}"
        )
    if switching.alarm_regions == (alarm_region,):
        raise UsageError(
            f"--without {alarm_region}: is the only alarm region of {switching.region}, and without"
            " its check nothing could switch that region away. With two regions it is not needed:"
            f" while {alarm_region} is lost, Route 53 answers {switching.region} although it is"
            " switched away. Wait until the alarm region is back, and switch back then"
        )


def refusals(situation: SwitchSituation) -> Iterable[str]:
    """Return each reason against switching, and what --force would do."""
    outlook = situation.outlook
    existing = outlook.settings.existing
    if existing and not existing.cut_over:
        yield (
            f"{outlook.settings.device_name} has its old record, which no switch changes"
            " (docs/how-to/adopt.md): `iot-dr adopt cut-over --force` leads devices to a healthy"
            " region. --force sets the switch nevertheless"
        )
    if outlook.leaves_none_healthy:
        yield (
            "no other region is known to be healthy and to accept devices:"
            f" {other_regions(outlook)}; if none is, Route 53 answers with"
            f" {outlook.settings.primary_region}. --force switches nevertheless"
        )
    if isinstance(problem := outlook.switches[outlook.region], NoAlarmError):
        yield f"{problem}. --force writes the metric nevertheless"
    if isinstance(situation.kept, UserError):
        yield f"no record can be stored: {situation.kept}. {WITHOUT_RECORD}"
    if isinstance(situation.rotation, RotationRecord) and (begun := situation.rotation.under_way):
        region, environment = situation.outlook.region, situation.outlook.settings.environment
        yield (
            f"{region} is being rotated, {begun.line()}; it may have no endpoint. The rotation"
            f" switches it back at its end, or with --abandon: iot-dr rotate --region {region}"
            f" --env {environment}. --force switches nevertheless"
        )
