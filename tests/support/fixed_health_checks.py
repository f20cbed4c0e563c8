"""moto's health checks with the alarm that they follow, and a version that updates must name."""

from typing import Any, Final, cast
from uuid import UUID

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


def _create(response: Any) -> Any:
    created = _CREATE(response)
    check = response.backend.list_health_checks()[-1]
    check.alarm_identifier = response._get_param("HealthCheckConfig").get("AlarmIdentifier")  # noqa: SLF001 - as moto's own do
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


def _update(response: Any) -> Any:
    check = response.backend.get_health_check(response._get_param("HealthCheckId"))  # noqa: SLF001 - as above
    version = response._get_param("HealthCheckVersion")  # noqa: SLF001 - as above
    if version is not None and int(version) != check.health_check_version:
        raise HealthCheckVersionMismatch("the check has another version")
    updated = _UPDATE(response)
    check.health_check_version += 1
    return updated


def _config(check: Any) -> dict[str, Any]:
    return {**_CONFIG(check), "AlarmIdentifier": getattr(check, "alarm_identifier", None)}
