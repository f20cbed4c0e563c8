"""moto's health checks with the alarm that they follow, and a version that updates must name.

As Route 53 does, a check copies the settings of its alarm when it is created, and when an update
names the alarm:
docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-updating-cloudwatch-alarm-settings.html.
"""

from typing import Any, Final, cast
from uuid import UUID

from moto.cloudwatch.models import cloudwatch_backends
from moto.core.exceptions import ServiceException
from moto.route53.models import HealthCheck
from moto.route53.responses import Route53

_RESPONSE: Final = cast("Any", Route53)
_CREATE: Final = _RESPONSE.create_health_check
_UPDATE: Final = _RESPONSE.update_health_check
_CONFIG: Final = cast("Any", HealthCheck).health_check_config.fget


class HealthCheckVersionMismatch(ServiceException):
    """Another update came first."""

    code = "HealthCheckVersionMismatch"


def fix_health_checks() -> None:
    """Let this process's moto keep alarms and refuse an update of another version.

    A check whose reference is a UUID has it as its id, so that a test can create the check of a
    record that exists already.
    docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html (AlarmIdentifier),
    API_UpdateHealthCheck.html (HealthCheckVersion).
    """
    _RESPONSE.create_health_check = _create
    _RESPONSE.update_health_check = _update
    cast("Any", HealthCheck).health_check_config = property(_config)


def _create(response: Any) -> Any:  # noqa: ANN401 - moto's objects
    created = _CREATE(response)
    check = response.backend.list_health_checks()[-1]
    _follow(response, check, response._get_param("HealthCheckConfig").get("AlarmIdentifier"))  # noqa: SLF001 - as moto's own do
    if _is_uuid(check.caller_reference):
        response.backend.health_checks[check.caller_reference] = response.backend.health_checks.pop(
            check.id
        )
        check.id = check.caller_reference
    return created


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _update(response: Any) -> Any:  # noqa: ANN401 - moto's objects
    check = response.backend.get_health_check(response._get_param("HealthCheckId"))  # noqa: SLF001 - as above
    version = response._get_param("HealthCheckVersion")  # noqa: SLF001 - as above
    if version is not None and int(version) != check.health_check_version:
        raise HealthCheckVersionMismatch("the check has another version")
    updated = _UPDATE(response)
    check.health_check_version += 1
    if alarm := response._get_param("AlarmIdentifier"):  # noqa: SLF001 - as above
        _follow(response, check, alarm)
    return updated


def _follow(response: Any, check: Any, identifier: dict[str, str] | None) -> None:  # noqa: ANN401 - moto's objects
    """Let a check follow an alarm, by a copy of its settings as they are now."""
    check.alarm_identifier = identifier
    check.cloud_watch_alarm_configuration = None
    if identifier is None:
        return
    backend = cloudwatch_backends[response.current_account][identifier["Region"]]
    if alarm := cast("Any", backend.alarms.get(identifier["Name"])):
        check.cloud_watch_alarm_configuration = {
            "EvaluationPeriods": alarm.evaluation_periods,
            "Threshold": alarm.threshold,
            "ComparisonOperator": alarm.comparison_operator,
            "Period": alarm.period,
            "MetricName": alarm.metric_name,
            "Namespace": alarm.namespace,
            "Statistic": alarm.statistic,
            "Dimensions": [{"Name": each.name, "Value": each.value} for each in alarm.dimensions],
        }


def _config(check: Any) -> dict[str, Any]:  # noqa: ANN401 - moto's objects
    return {**_CONFIG(check), "AlarmIdentifier": getattr(check, "alarm_identifier", None)}
