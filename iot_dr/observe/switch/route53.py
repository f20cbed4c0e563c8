"""Health of the regions according to Route 53's checkers."""

from functools import partial

from environments.settings import Settings
from iot_dr.common.user_error import UserError
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.aws.gathering import gather
from iot_dr.observe.switch.check_reports import CheckReportReader
from iot_dr.observe.switch.checks import find_check_ids


class NoCheckError(UserError):
    """Route 53 has no health check of a region."""


def route53_health(
    settings: Settings, clients: Clients, seconds: float
) -> dict[str, bool | UserError]:
    """Return by region whether the check in its record is healthy, or why that is unknown.

    The region's switch is ignored. The check is the deep check for the primary, with `mode: deep`,
    else TCP (ADR 0012). Raises AwsError if Route 53's API in us-east-1 does not answer or refuses.
    """
    ids = find_check_ids(settings, clients)
    deep = settings.primary_region if settings.health.mode == "deep" else None
    asked = {
        region: partial(_is_healthy, clients, ids.get(region, {}).get(kind))
        for region in settings.regions
        for kind in ["deep" if region == deep else "tcp"]
    }
    return gather(asked, seconds)


def _is_healthy(clients: Clients, check_id: str | None) -> bool:
    if check_id is None:
        raise NoCheckError("Route 53 has no check of it")
    return CheckReportReader(clients)(check_id).healthy
