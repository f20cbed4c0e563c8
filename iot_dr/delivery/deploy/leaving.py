"""Whether devices are still led to a region that is leaving."""

from collections.abc import Callable

from environments.settings import Settings
from iot_dr.common.user_error import UserError
from iot_dr.observe.status.asked import ask_each
from iot_dr.observe.status.name_sight import NameAnswer, NameSearch, NameSight
from iot_dr.observe.status.network import Network
from iot_dr.observe.status.unknown import Unknown


class StillLedToError(UserError):
    """Devices would be cut off: new connections still go to a region that is to leave."""


def refuse_led_to(settings: Settings, network: Network, tell: Callable[[str], None]) -> None:
    """Ask the zone's own servers, and `tell` where none of them can be asked.

    Raises StillLedToError when one leads the device name to a region of `leaving`.
    """
    if not settings.leaving:
        return
    search = NameSearch(settings=settings, network=network)
    # The servers have to be found first, by names of their own: more than one question.
    seen = ask_each({"servers": search.authoritative}, network.limits.total)["servers"]
    sights = () if isinstance(seen, Unknown) else seen
    for region in settings.leaving:
        _refuse(settings, region, sights)
    if not any(isinstance(each.answer, NameAnswer) for each in sights):
        reason = seen.reason if isinstance(seen, Unknown) else _reasons(sights)
        tell(
            f"Whether {settings.device_name} still leads to {', '.join(settings.leaving)} is not"
            f" known: {reason}"
        )


def _refuse(settings: Settings, region: str, sights: tuple[NameSight, ...]) -> None:
    name = settings.regional_name(region)
    leading = [
        each.server
        for each in sights
        if isinstance(each.answer, NameAnswer) and each.answer.target == name
    ]
    if leading:
        message = (
            f"leaving: {region}: {', '.join(leading)} still lead {settings.device_name} there, so"
            f" devices would be cut off; see `iot-dr status --env {settings.environment}` for what"
            " keeps the other regions from answering, and deploy once one of them does"
            " (docs/runbooks/remove-region.md)"
        )
        raise StillLedToError(message)


def _reasons(sights: tuple[NameSight, ...]) -> str:
    told = (
        f"{each.server}: {each.answer.reason}"
        for each in sights
        if isinstance(each.answer, Unknown)
    )
    return "; ".join(told)
