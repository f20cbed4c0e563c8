"""The predicted time of a drained switch: `switch away --drain` at the standby's connect rate."""

from typing import Final

from iot_dr.forecast.failover_cause import CauseTime, FailoverCause, cause_time
from iot_dr.forecast.recovery_inputs import RecoveryInputs
from iot_dr.forecast.recovery_term import Term

POLL_SECONDS: Final = 5.0
"""Seconds between two queries of a drain for the moved answer."""

_FIRST_BACK_OFF: Final = 1.0
_PAGE: Final = "docs/adr/0047-a-switched-region-is-drained-at-a-rate.md"


def drained_switch(inputs: RecoveryInputs) -> CauseTime:
    """Return the time from the put of the switch's metric until the last device is back.

    A device is away for the last of the terms and a handshake.
    """
    closing = inputs.fleet / inputs.connect_rate
    return CauseTime(
        cause=FailoverCause.SWITCH,
        terms=(
            *cause_time(inputs, FailoverCause.SWITCH).terms,
            Term(
                name="wait",
                minimum=float(inputs.ttl),
                typical=inputs.ttl + POLL_SECONDS / 2,
                maximum=inputs.ttl + POLL_SECONDS,
                description="the moved answer is noticed, and its TTL passes",
                settings=("endpoint.ttl",),
                source=_PAGE,
                basis="set",
            ),
            Term(
                name="closing",
                minimum=closing,
                typical=closing,
                maximum=closing,
                description="connections are closed at the standby's rate",
                settings=("recovery.fleet", "recovery.connect_rate"),
                source=_PAGE,
                basis="assumed",
            ),
            Term(
                name="first back-off",
                typical=_FIRST_BACK_OFF / 2,
                maximum=_FIRST_BACK_OFF,
                description="a device waits before it connects again",
                settings=(),
                source="the devices' own code",
                basis="assumed",
            ),
        ),
    )
