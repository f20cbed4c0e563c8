"""A failover design as the prover sees it: what serves, what is checked, and what can fail."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from iot_dr.design.notes import Note
from iot_dr.route53.check import AlarmState, HealthCheck
from iot_dr.route53.evaluation import Evaluation

MissingData = Literal["missing", "ignore", "breaching", "notBreaching"]
"""CloudWatch's `TreatMissingData`."""


class FaultKind(Enum):
    """What can fail at a place; the value follows the name of the place and a colon."""

    REGION = "the region is lost"
    IOT = "AWS IoT refuses connections"
    SILENT_IOT = "AWS IoT accepts connections and does nothing more"
    CERTIFICATE = "the server certificate has expired"
    API = "API Gateway fails"
    FUNCTION = "Lambda fails"
    ENDPOINT = "the endpoint fails"


@dataclass(frozen=True, slots=True)
class Fault:
    """A failure at one place: a region, or the name of an endpoint.

    `detail` distinguishes faults of one kind and place, such as the certificates of two names.
    """

    place: str
    kind: FaultKind
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.kind.value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordTarget:
    """Where a record leads in the end, and the faults each of which stops it from serving.

    `problem` says why devices are never served there, empty if they can be.
    """

    name: str
    region: str | None
    fails_on: frozenset[Fault]
    problem: str = ""

    @property
    def place(self) -> str:
        """Its region, or its name where no region is known."""
        return self.region or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A check of an endpoint, of an alarm on a service's metric, or of an alias target.

    `check` is the id of its resource, or the alias target. Each fault of `fails_on` makes it fail.
    `problem` says why it fails whatever happens, empty if it can pass. If it is not `is_declared`,
    what it checks is not known.
    """

    check: str
    place: str
    fails_on: frozenset[Fault]
    problem: str = ""
    is_declared: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """The alarm behind a check of type CLOUDWATCH_METRIC, in `region`.

    A data point of 1 puts it into the state `away`, one of 0 into `back`; None if one data point
    does not set its state. `switched` is the place that the switch takes devices from, empty if no
    switch puts the alarm.
    """

    check: HealthCheck
    region: str | None
    switched: str
    away: AlarmState | None
    back: AlarmState | None
    missing_data: MissingData


@dataclass(frozen=True, slots=True, kw_only=True)
class Watcher:
    """A function in `region` that switches devices away from the last region of `away`.

    Those before it are switched away with it; while devices use one of them, it does nothing. It
    puts each switch in the first region of its `alarm_regions` that is not lost; they have the
    order of `away`. It stops working with any fault of `fails_on`. It acts on any fault of `sees`
    and, if it `follows` the answer of the device name, when that leads to another region. Faults of
    `blind_with` keep it from acting, since it would lead devices nowhere. It writes the switches'
    registers in the regions `registers`.
    """

    region: str
    away: tuple[str, ...]
    alarm_regions: tuple[tuple[str, ...], ...]
    follows: bool
    fails_on: frozenset[Fault]
    sees: frozenset[Fault]
    blind_with: frozenset[Fault]
    registers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterPublisher:
    """A function in `region` that repeats each minute what the registers there say is away.

    It does so for the switches of the regions `switches`, and stops with any fault of `fails_on`.
    """

    region: str
    switches: tuple[str, ...]
    fails_on: frozenset[Fault]


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """One device name with everything that decides its answer.

    `sites` are keyed by the id of the record that leads there. `is_latched`: after a failure
    devices stay until an operator acts. From an environment's settings come `primary`, the region
    that must serve while all are healthy; `is_deep`, whether its check must see the broker and the
    certificate; `adopted`, the region whose device name has a certificate from before (ADR 0041),
    which no check sees; and `regions`, which records must lead to, and of which all but the last
    must have a switch. `refused` says why AWS does not accept or answer a part of it, `lost` what
    device data does not arrive, `unknown` what decides and is not known, a sentence each. Where
    `inferred` says what an expression hides, nothing is violated for certain either. `notes` are
    what else is assumed.
    """

    name: str
    evaluation: Evaluation
    sites: Mapping[str, RecordTarget]
    probes: tuple[Probe, ...]
    alarms: tuple[Alarm, ...] = ()
    watchers: tuple[Watcher, ...] = ()
    publishers: tuple[RegisterPublisher, ...] = ()
    is_latched: bool = False
    primary: str | None = None
    is_deep: bool = False
    adopted: str | None = None
    regions: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    inferred: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Every fault of a site, a probe or a function, and the loss of the regions of alarms."""
        parts = (*self.sites.values(), *self.probes, *self.watchers, *self.publishers)
        lost = {Fault(alarm.region, FaultKind.REGION) for alarm in self.alarms if alarm.region}
        return tuple(sorted(lost.union(*(part.fails_on for part in parts)), key=str))
