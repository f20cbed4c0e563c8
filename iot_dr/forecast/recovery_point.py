"""The recovery point: data that only a lost region has, and the period for restores."""

from dataclasses import dataclass
from math import inf
from typing import Final, Self

from iot_dr.forecast.recovery_term import Term
from modules.stream_delays import (
    LATE_AGE,
    LATE_PERIOD,
    LATE_PERIODS,
    MAXIMUM_RECORD_AGE,
    TELEMETRY_WINDOW,
)

NO_POINT: Final = (
    "none: the settings have no `data` block, so the registry and device states are not"
    " replicated, and are lost with their region"
)
"""The text for an environment without a recovery point."""

_REPLICATION: Final = (
    "docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html"
)
_RESTORE: Final = (
    "docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html"
)
_STREAM: Final = "docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryPoint:
    """The terms of the recovery point.

    `replication` and `backlog` add up to the device states that no other region has, typically and
    until an alarm is raised; `missed` is about the registry. `stream` is the longest outage before
    buffered messages are lost, and `restore` the period to which tables can be restored. A maximum
    is infinite if AWS guarantees none.
    """

    replication: Term
    backlog: Term
    missed: Term
    stream: Term
    restore: Term

    @classmethod
    def of(cls, *, reconcile_hours: int, stream_hours: int, point_in_time_days: int) -> Self:
        """Return the recovery point of replicated data; the numbers are those of the settings."""
        return cls(
            replication=_replication(),
            backlog=_backlog(),
            missed=_missed(reconcile_hours),
            stream=_stream(stream_hours),
            restore=_restore(point_in_time_days),
        )

    @property
    def terms(self) -> tuple[Term, ...]:
        """All terms, in the order of reports."""
        return (self.replication, self.backlog, self.missed, self.stream, self.restore)

    @property
    def typical_states(self) -> float:
        """Seconds of device states that typically only the lost region has."""
        return self.replication.typical + self.backlog.typical


def _replication() -> Term:
    return Term(
        name="replication",
        typical=1.0,
        maximum=inf,
        description="tables replicate asynchronously; the rest follows once the region is back",
        settings=(),
        source=_REPLICATION,
        basis="documented",
    )


def _backlog() -> Term:
    return Term(
        name="backlog",
        typical=float(TELEMETRY_WINDOW),
        # The lag is LATE_AGE when the alarm starts to count periods, and grows until it is raised.
        maximum=float(LATE_AGE + LATE_PERIODS * LATE_PERIOD),
        description="messages in the region's stream not yet written, until an alarm is raised",
        settings=(),
        source="docs/explanation/failover.md",
        basis="set",
    )


def _missed(hours: int) -> Term:
    return Term(
        name="missed change",
        typical=0.0,
        maximum=float(hours * 3600),
        description="a registry change without an event, until the regions are compared",
        settings=("data.reconcile_hours",),
        source="docs/adr/0022-registry-in-every-region.md",
        basis="set",
    )


def _stream(hours: int) -> Term:
    seconds = float(min(hours * 3600, MAXIMUM_RECORD_AGE))
    return Term(
        name="stream",
        typical=seconds,
        maximum=seconds,
        description="a region that recovers within this time still writes its stream; max. 7 days",
        settings=("data.stream_hours",),
        source=_STREAM,
        basis="set",
    )


def _restore(days: int) -> Term:
    seconds = float(days * 86_400)
    return Term(
        name="restore",
        typical=seconds,
        maximum=seconds,
        description="bad writes: home's tables can be restored to any second of this period",
        settings=("data.point_in_time_days",),
        source=_RESTORE,
        basis="set",
    )
