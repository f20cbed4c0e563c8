"""The recovery point in words."""

from collections.abc import Iterator
from typing import Final

from iot_dr.forecast.recovery_point import NO_POINT
from iot_dr.review.read.plan_source import RecoveryPointChange
from iot_dr.review.render.outline import Item
from iot_dr.review.render.phrase import phrase, sentence
from iot_dr.terraform_json.plan_manifest import Point

_HOUR: Final = 3600
_DAY: Final = 24 * _HOUR


def point_item(change: RecoveryPointChange) -> Item:
    """Tell what is lost with a region, each figure with the base's where that is another."""
    before, after = change.before, change.after
    if after is None:
        lead = "so far the settings have `data`; now " if before else ""
        return Item(phrase=sentence(f"{lead}{NO_POINT}"))
    lead = "when a region is gone"
    if change.is_compared and before is None:
        lead = f"so far {NO_POINT}; now, {lead}"
    elif change.is_compared and before == after:
        lead += ", as before"
    below = tuple(phrase(each) for each in _told(before or after, after))
    return Item(phrase=sentence(lead), below=below)


def _told(before: Point, after: Point) -> Iterator[str]:
    yield (
        f"device states of the last {_seconds(before.states, after.states)}, as a rule, are in no"
        f" other region; of up to {_seconds(before.unnoticed, after.unnoticed)}"
        " until an alarm tells"
    )
    yield (
        "a registry change is there once it is copied, for which nobody promises a time; one that"
        " no event told of is not there for up to"
        f" {_hours(before.registry, after.registry)}"
    )
    yield (
        "what the lost region's stream holds is still written if it is back within"
        f" {_hours(before.stream, after.stream)}"
    )
    yield (
        "home's tables can be restored to any second of the last"
        f" {_days(before.restore, after.restore)}"
    )


def _seconds(before: float, after: float) -> str:
    return _figures(before, after, "s")


def _hours(before: float, after: float) -> str:
    return _figures(before / _HOUR, after / _HOUR, "h")


def _days(before: float, after: float) -> str:
    return _figures(before / _DAY, after / _DAY, "days")


def _figures(before: float, after: float, unit: str) -> str:
    arrow = f"{before:g} -> " if before != after else ""
    return f"{arrow}{after:g} {unit}"
