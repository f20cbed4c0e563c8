"""Causes of an environment's state, with their runbooks."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Cause(StrEnum):
    """Causes, in the order in which one hides the following ones."""

    NO_HEALTHY_REGION = "no-healthy-region"
    FLAPPING = "flapping"
    CERTIFICATE = "certificate"
    LOST_ALARM_REGION = "lost-alarm-region"
    STALE_DNS = "stale-dns"
    REGION_DOWN = "region-down"
    SLOW_REGION = "slow-region"
    AUTHORIZATION = "authorization"
    DEVICES_REFUSED = "devices-refused"
    CONNECT_ERRORS = "connect-errors"
    CANARY = "canary"
    DEEP_CHECK = "deep-check"
    ONE_ADDRESS = "one-address"
    UNREACHABLE_FROM_HERE = "unreachable-from-here"
    SWITCHED_AWAY = "switched-away"
    GLOBAL_REGION_DOWN = "us-east-1-gone"
    DNS = "dns"
    ROTATION = "rotation"
    ALARM_COPY = "alarm-copy"
    EXPIRING = "certificate-expires"
    CHECKERS = "checkers"
    UNKNOWN = "unknown"
    NONE = "none"

    @property
    def page(self) -> str:
        """The page of the runbooks about it."""
        return next((page for page, causes in _PAGES.items() if self in causes), _SWITCH)


_SWITCH: Final = "docs/runbooks/switch.md"
_PAGES: Final = {
    "docs/runbooks/primary-lost.md": (
        *(Cause.NO_HEALTHY_REGION, Cause.REGION_DOWN, Cause.STALE_DNS),
        *(Cause.UNREACHABLE_FROM_HERE, Cause.DNS),
    ),
    "docs/runbooks/rotate.md": (Cause.CERTIFICATE, Cause.EXPIRING, Cause.ROTATION),
    "docs/runbooks/health.md": (
        *(Cause.CANARY, Cause.DEEP_CHECK, Cause.CHECKERS, Cause.ALARM_COPY),
    ),
    "docs/runbooks/us-east-1-gone.md": (Cause.GLOBAL_REGION_DOWN,),
    "docs/reference/status.md": (Cause.UNKNOWN, Cause.NONE),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PossibleCause:
    """A possible cause, the regions that it is about, and a sentence."""

    cause: Cause
    regions: tuple[str, ...] = ()
    words: str = ""
