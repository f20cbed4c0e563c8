"""The registers of the switches that a watcher puts to `away`, which their publishers repeat."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from functions.aws_client import client
from functions.contract import NUMBER, next_number
from functions.probe.aws_error import class_and_code
from functions.probe.metrics import Metrics
from functions.register import (
    RegisterError,
    RegisterNames,
    parse_register,
    read_parameters,
)

_REWRITTEN_AFTER = timedelta(hours=1)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class AwayRegisters:
    """Writes `away` into registers that do not have it; `who` is recorded as the writer.

    One that has had it for less than an hour is left alone: a write in each minute of an outage
    would push older versions out, of which Parameter Store keeps a hundred. An older one is
    written: publishers ignore one that is older than a `back` of a former command, or that an alarm
    region missed.
    """

    names: RegisterNames
    who: str
    metrics: Metrics
    client: Callable[[str, str], Any] = client
    now: Callable[[], datetime] = _now

    def __call__(self, alarm_region: str, regions: Sequence[str]) -> None:
        """Write regions' registers in an alarm region; a failure is counted as `unregistered`."""
        try:
            parameters = self.client("ssm", alarm_region)
            stored = read_parameters(parameters, [self.names(region) for region in regions])
            for region in regions:
                is_away, number = False, 0
                try:
                    if parameter := stored.get(self.names(region)):
                        register = parse_register(parameter)
                        age = self.now() - register.changed
                        is_away = register.value == "away" and age < _REWRITTEN_AFTER
                        number = register.number
                except RegisterError:
                    pass  # It is replaced.
                if not is_away:
                    self._write(parameters, region, number)
        except Exception as error:  # noqa: BLE001 - the switch is put all the same
            self.metrics.count("unregistered", cause=class_and_code(error))

    def _write(self, parameters: Any, region: str, last: int) -> None:  # noqa: ANN401 - boto3's
        now = self.now()
        entry = {
            "value": "away",
            NUMBER: next_number(last, now),
            "who": self.who,
            "at": now.isoformat(),
            "reason": "the region failed, or DNS answered a later region",
        }
        parameters.put_parameter(
            Name=self.names(region), Value=json.dumps(entry), Type="String", Overwrite=True
        )
