"""The publisher: it puts the values of the switches that its region keeps, again and again."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from functions.aws_client import CALL_SECONDS, client
from functions.contract import (
    BACK_SECONDS,
    NUMBER,
    PUBLISH_SECONDS,
    SWITCH_METRIC,
    USES,
    parameter_name,
    switch_alarm_regions,
    switch_dimensions,
    switch_namespace,
)
from functions.probe.aws_error import class_and_code
from functions.probe.clock import Clock
from functions.register import (
    Register,
    RegisterError,
    RegisterNames,
    parse_register,
    read_parameters,
)

_VALUES = {"away": 1.0, "back": 0.0}


class PublishError(Exception):
    """Registers cannot be read or published; the message has classes and error codes, no data."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class SwitchPublisher:
    """Reads the registers of its region (`own`) and puts a data point for each that is to be.

    `regions` are those of the environment in the order of the settings, from which the switches
    that this region keeps follow.
    """

    names: RegisterNames
    regions: Sequence[str]
    own: str
    client: Callable[[str, str], Any] = client
    now: Callable[[], datetime] = _now
    seconds: Callable[[], float] = Clock().now

    def publish(self) -> int:
        """Publish once; return the number of data points.

        The data points have the time before the reading as their timestamps. If a value that was
        read is changed afterwards, they are of the minute of that change or of an earlier one, in
        which they end nothing. Raises PublishError, after the other registers were
        published, if one cannot be read, or if it is too late to put any.
        """
        read_at, begun = self.now(), self.seconds()
        problems = list[str]()
        values = dict(self._values(read_at, begun, problems))
        if values and self.seconds() - begun > PUBLISH_SECONDS - CALL_SECONDS:
            problems.append("too late to put what was read")
        elif values:
            self._put(values, read_at, problems)
        if problems:
            raise PublishError(", ".join(problems))
        return len(values)

    def _values(
        self, read_at: datetime, begun: float, problems: list[str]
    ) -> Iterator[tuple[str, float]]:
        """Yield the switches that are to be published, with the values of the metric."""
        kept = [
            each for each in self.regions if self.own in switch_alarm_regions(self.regions, each)
        ]
        names = [name for region in kept for name in (self.names(region), self._use(region))]
        try:
            stored = read_parameters(self.client("ssm", self.own), names)
        except Exception as error:  # noqa: BLE001 - kept without its text, which may hold headers
            problems.append(f"ssm: {class_and_code(error)}")
            return
        for region in kept:
            try:
                register = self._register(region, stored)
            except RegisterError as error:
                problems.append(str(error))
                continue
            if register and register.value == "away":
                register = self._taken_over(region, register, begun)
            age = read_at - register.changed if register else timedelta()
            is_old = (
                register and register.value == "back" and age >= timedelta(seconds=BACK_SECONDS)
            )
            if register and register.value in _VALUES and not is_old:
                yield region, _VALUES[register.value]

    def _register(self, region: str, stored: Mapping[str, Mapping[str, Any]]) -> Register | None:
        """Return the register of a region; None without one, or if it is older than a change.

        A command of a former version changes no register; its record of a use has no number.
        """
        parameter = stored.get(self.names(region))
        if parameter is None:
            return None
        register, use = parse_register(parameter), stored.get(self._use(region))
        is_outdated = use and use["LastModifiedDate"] > register.changed and not _has_number(use)
        return None if is_outdated else register

    def _taken_over(self, region: str, register: Register, begun: float) -> Register:
        """Return the register that counts, since this region may have been lost since then.

        That is the one in the other region if it is newer, and its `back` was completed without
        this region. One that does not answer in time counts as one without a register.
        """
        for other in switch_alarm_regions(self.regions, region):
            is_in_time = self.seconds() - begun <= PUBLISH_SECONDS - 2 * CALL_SECONDS
            if other == self.own or not is_in_time:
                continue
            try:
                stored = read_parameters(self.client("ssm", other), [self.names(region)])
                theirs = parse_register(stored[self.names(region)])
            except Exception:  # noqa: BLE001, S112 - whatever it is: nothing newer is known
                continue
            is_newer = theirs.number > register.number and theirs.without == self.own
            if theirs.value == "back" and is_newer:
                return theirs
        return register

    def _put(self, values: Mapping[str, float], at: datetime, problems: list[str]) -> None:
        environment = self.names.environment
        points = [
            {
                "MetricName": SWITCH_METRIC,
                "Dimensions": [
                    {"Name": name, "Value": text}
                    for name, text in switch_dimensions(environment, region).items()
                ],
                "Timestamp": at,
                "Value": value,
            }
            for region, value in values.items()
        ]
        try:
            self.client("cloudwatch", self.own).put_metric_data(
                Namespace=switch_namespace(environment), MetricData=points
            )
        except Exception as error:  # noqa: BLE001 - as above
            problems.append(f"cloudwatch: {class_and_code(error)}")

    def _use(self, region: str) -> str:
        return parameter_name(self.names.project, self.names.environment, USES, region)


def _has_number(use: Mapping[str, Any]) -> bool:
    try:
        return isinstance(json.loads(use["Value"]).get(NUMBER), int)
    except (ValueError, AttributeError):
        return False
