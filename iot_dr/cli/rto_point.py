"""The recovery point in the report of `iot-dr rto`."""

from math import isfinite
from typing import Final

from iot_dr.cli.columns import columns
from iot_dr.cli.filled import filled
from iot_dr.forecast.recovery_point import NO_POINT, RecoveryPoint

_HOUR: Final = 3600
# In hours.
_DAY, _WEEK = 24, 168


def point_text(point: RecoveryPoint | None) -> str:
    """Give what is lost with a region, term by term with their sources."""
    if point is None:
        return filled(f"Recovery point: {NO_POINT.replace('`', '')}.")
    lead = (
        f"Recovery point: of device states the last {point.usual_states:g} s, as a rule, are"
        " not in the other regions when one is gone."
    )
    terms = point.terms
    sources = list(dict.fromkeys(term.source for term in terms))
    rows = [("TERM", "  USUAL", " LATEST", "KNOWN", "SETTINGS")]
    for term in terms:
        known = f"{term.basis} [{sources.index(term.source) + 1}]"
        keys = ", ".join(term.settings) or "-"
        rows.append((term.name, _span(term.usual), _span(term.latest), known, keys))
    meanings = columns([(term.name, term.what) for term in terms])
    listed = "\n".join(f"[{number}] {source}" for number, source in enumerate(sources, 1))
    return f"{filled(lead)}\n{columns(rows)}\n\n{meanings}\n\n{listed}"


def _span(seconds: float) -> str:
    """Write a span of time in the unit that it is easiest read in."""
    if not isfinite(seconds):
        return f"{'-':>7}"
    if seconds < _HOUR:
        return f"{seconds:.0f} s".rjust(7)
    hours = seconds / _HOUR
    return (f"{hours:g} h" if hours <= _WEEK else f"{hours / _DAY:g} d").rjust(7)
