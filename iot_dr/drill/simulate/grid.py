"""Settings that a sweep varies, and all combinations of their values."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from operator import attrgetter
from typing import Final

from pydantic import ValidationError

from environments.blocks import Block
from environments.errors import Mistake, SettingsError, dotted
from environments.settings import Settings
from environments.translation import finding
from iot_dr.common.user_error import UsageError

Value = int | str

SWEPT: Final = (
    "endpoint.ttl",
    "health.interval",
    "health.threshold",
    "health.mode",
    "recovery.backoff_ceiling",
    "recovery.connect_rate",
)
"""The settings that the simulation depends on."""

_OPTION: Final = "--set"
_MOST: Final = 1_000
_WHOLE: Final = re.compile(r"[-+]?[0-9]{1,18}")
_USUAL: Final = (
    "endpoint.ttl=10,30,60",
    "recovery.backoff_ceiling=10,30",
    "health.interval=10,30",
    "health.threshold=2,3",
)


@dataclass(frozen=True, slots=True)
class GridPoint:
    """One combination: the values of the swept settings, and the resulting settings."""

    values: Mapping[str, Value]
    settings: Settings


@dataclass(frozen=True, slots=True)
class Grid:
    """The values of each swept setting, which include the environment's own."""

    settings: Settings
    axes: Mapping[str, tuple[Value, ...]]

    @property
    def current(self) -> Mapping[str, Value]:
        """The environment's own values."""
        return {key: attrgetter(key)(self.settings) for key in self.axes}

    def points(self) -> Iterator[GridPoint]:
        """Yield each combination; raises SettingsError with all invalid values."""
        mistakes = [
            mistake
            for key, values in self.axes.items()
            for value in values
            for mistake in _mistakes(self.settings, key, value)
        ]
        if mistakes:
            raise SettingsError(tuple(mistakes))
        for values in product(*self.axes.values()):
            chosen = dict(zip(self.axes, values, strict=True))
            settings = self.settings
            for key, value in chosen.items():
                settings = _changed(settings, key, value)
            yield GridPoint(chosen, settings)


def grid(settings: Settings, assignments: Sequence[str]) -> Grid:
    """Parse assignments such as `endpoint.ttl=10,30`; without any, return a default grid.

    Raises UsageError for a malformed assignment, for a setting that the simulation does not depend
    on, and for more than a thousand combinations.
    """
    axes: dict[str, tuple[Value, ...]] = {}
    for assignment in assignments or _USUAL:
        key, is_assigned, values = assignment.partition("=")
        if not is_assigned or not values:
            message = (
                f"{_OPTION} {assignment}: expected KEY=VALUE,VALUE, such as endpoint.ttl=10,30"
            )
            raise UsageError(message)
        if key not in SWEPT:
            message = f"{_OPTION} {key}: the simulation does not depend on this setting; expected"
            message = f"{message} one of {', '.join(SWEPT)}"
            raise UsageError(message)
        chosen = [_value(text.strip()) for text in values.split(",")]
        now: Value = attrgetter(key)(settings)
        axes[key] = tuple(dict.fromkeys([*axes.get(key, (now,)), *chosen]))
    if (count := prod(map(len, axes.values()))) > _MOST:
        message = f"{_OPTION}: {count:,} combinations; expected at most {_MOST:,}"
        raise UsageError(message)
    return Grid(settings, axes)


def _value(text: str) -> Value:
    return int(text) if _WHOLE.fullmatch(text) else text


def _changed(settings: Settings, key: str, value: Value) -> Settings:
    block, name = key.split(".")
    now: Block = getattr(settings, block)
    data = {field: getattr(now, field) for field in type(now).model_fields}
    changed = type(now).model_validate({**data, name: value})
    return settings.model_copy(update={block: changed})


def _mistakes(settings: Settings, key: str, value: Value) -> Iterator[Mistake]:
    try:
        _changed(settings, key, value)
    except ValidationError as error:
        block = key.split(".", maxsplit=1)[0]
        for details in error.errors(include_url=False):
            steps, line, message = finding({**details, "loc": (block, *details["loc"])})
            yield Mistake(_OPTION, None, dotted(steps), line, message)
