"""The alarms of a design as bits: what data, silence and registers make of their states."""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Mapping
from functools import reduce
from operator import or_
from typing import Final, Literal, NamedTuple

from iot_dr.design.design import Alarm, Design, Fault, FaultKind
from iot_dr.route53.check import CLOUDWATCH_METRIC

Put = Literal["away", "back"]
_LAST: Final = "LastKnownStatus"


class States(NamedTuple):
    """The states of alarms as Route 53 evaluates them, as bits; those in neither are OK."""

    alarming: int
    unknown: int


class AlarmBits:
    """What changes the states of a design's alarms; the first alarm has the lowest bit.

    `mask` returns the bits of faults. A register says of an alarm whether its region is switched
    away, and a publisher puts that again each minute (docs/adr/0045-switches-with-a-register.md).
    """

    def __init__(self, design: Design, mask: Callable[[frozenset[Fault]], int]) -> None:
        self._alarms = design.alarms
        self.switches = self._grouped(lambda index, alarm: alarm.switched or index)
        """The alarms of each switch, by the first of them."""
        self.forgettable = self._grouped(
            lambda _, alarm: alarm.region if design.primary and _is_forgettable(alarm) else None
        )
        """The alarms of each region that Route 53 may forget, by the first of them.

        None of a design without settings: what AWS promises of it is kept.
        """
        self.all = self._where(lambda _: True)
        self.usable = self._where(lambda alarm: alarm.away is not None)
        self.healthy = self._where(lambda alarm: alarm.check.is_healthy_without_data)
        """Those whose checks are healthy before any data."""
        self._last = self._where(lambda alarm: alarm.check.insufficient_data_status == _LAST)
        self._lasting = self._last & self._where(
            lambda alarm: alarm.missing_data == "ignore" and not alarm.check.inverted
        )
        self._alarming: dict[Put, int] = {
            "away": self._where(lambda alarm: alarm.away == "ALARM"),
            "back": self._where(lambda alarm: alarm.back == "ALARM"),
        }
        self._ok: dict[Put, int] = {
            "away": self._where(lambda alarm: alarm.away == "OK"),
            "back": self._where(lambda alarm: alarm.back == "OK"),
        }
        self._missing, self._breaching, self._not_breaching = (
            self._where(lambda alarm, treated=treated: alarm.missing_data == treated)
            for treated in ("missing", "breaching", "notBreaching")
        )
        self._homes = tuple(
            (mask(frozenset({Fault(region, FaultKind.REGION)})), self.of({region}))
            for region in dict.fromkeys(alarm.region for alarm in self._alarms)
            if region
        )
        self._publishers = tuple(
            (
                mask(publisher.fails_on),
                self.of({publisher.region}, publisher.switches) & self.usable,
            )
            for publisher in design.publishers
        )
        self.registered = reduce(or_, (bits for _, bits in self._publishers), 0)
        """Those with a register that a publisher reads."""
        self._lost, self._repeated = dict[int, int](), dict[int, int]()

    def of(self, regions: Collection[str], switches: Collection[str] | None = None) -> int:
        """Return the alarms in some regions, of some switches or of all."""
        return self._where(
            lambda alarm: (
                alarm.region in regions and (switches is None or alarm.switched in switches)
            )
        )

    def lost(self, faults: int) -> int:
        """Return the alarms in lost regions."""
        if faults not in self._lost:
            self._lost[faults] = reduce(or_, (at for home, at in self._homes if faults & home), 0)
        return self._lost[faults]

    def repeated(self, faults: int) -> int:
        """Return the alarms that running publishers put while their registers say away."""
        if faults not in self._repeated:
            running = (bits for stops, bits in self._publishers if not faults & stops)
            self._repeated[faults] = reduce(or_, running, 0)
        return self._repeated[faults]

    def put(self, states: States, bits: int, put: Put) -> States:
        """Return the states after a data point for some alarms."""
        alarming, ok = bits & self._alarming[put], bits & self._ok[put]
        return States(states.alarming & ~ok | alarming, states.unknown & ~(alarming | ok))

    def treated(self, states: States) -> States:
        """Return the states after alarms without data have been treated as `TreatMissingData` says.

        docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html.
        """
        known = self._breaching | self._not_breaching
        alarming = states.alarming & ~(self._missing | known) | self._breaching
        return States(alarming, states.unknown & ~known | self._missing)

    def without_data(self, states: States, bits: int) -> States:
        """Return the states while Route 53 has no data of some alarms."""
        return States(states.alarming & ~bits, states.unknown | bits)

    def healthy_by(self, states: States, last: int) -> int:
        """Return the alarms whose checks are healthy; those without data may keep their `last`."""
        unknown = states.unknown
        kept = last & self._last | self.healthy & ~self._last
        return self.all & ~(states.alarming | unknown) | unknown & kept

    def merged(self, states: States, healthy: int) -> States:
        """Return the states with one form for alarms that behave alike from now on.

        An alarm that ignores missing data and a check that then keeps its status: without data
        since it was OK or in ALARM, both are as with it.
        """
        lasting = self._lasting
        alarming = states.alarming & ~lasting | lasting & ~healthy
        return States(alarming, states.unknown & ~lasting)

    def _where(self, is_one: Callable[[Alarm], bool]) -> int:
        return sum(1 << index for index, alarm in enumerate(self._alarms) if is_one(alarm))

    def _grouped(self, key: Callable[[int, Alarm], Hashable]) -> Mapping[int, int]:
        """Return the bits of the alarms of each key, by the first of them; None has no group."""
        firsts, groups = dict[Hashable, int](), defaultdict[int, int](int)
        for index, alarm in enumerate(self._alarms):
            if (name := key(index, alarm)) is not None:
                groups[firsts.setdefault(name, index)] |= 1 << index
        return groups


def _is_forgettable(alarm: Alarm) -> bool:
    check = alarm.check
    is_kept = check.type == CLOUDWATCH_METRIC and check.insufficient_data_status == _LAST
    return bool(is_kept and alarm.switched and alarm.region)
