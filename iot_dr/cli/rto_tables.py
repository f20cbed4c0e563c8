"""The tables of `iot-dr rto`: times by DNS cache, terms, causes, and the recovery point."""

from collections.abc import Callable, Sequence
from math import isfinite
from typing import Final

from iot_dr.cli.text import columns, filled, table
from iot_dr.forecast.failover_cause import CauseTime
from iot_dr.forecast.recovery_point import NO_POINT, RecoveryPoint
from iot_dr.forecast.recovery_term import Term
from iot_dr.forecast.recovery_time import RecoveryTime

_COUNTED_FROM: Final = (
    "A switch counts from the put of its metric, all others from the outage. Then follow the"
    " resolver and the devices' terms for devices that lost their link."
)
_HOUR: Final = 3600
# In hours.
_DAY, _WEEK = 24, 168


def caches(time: RecoveryTime) -> str:
    """Return the percentiles for each kind of DNS cache."""
    own, shared = time.own_cache, time.shared_cache
    kinds = (("in each device", own), ("in a shared resolver", shared))
    rows = [("DNS CACHE", "P50", "P99")]
    rows += [
        (name, f"{percentiles.p50:.0f} s", f"{percentiles.p99:.0f} s")
        for name, percentiles in kinds
    ]
    return columns(rows)


def terms(time: RecoveryTime) -> str:
    """Return the terms of the recovery time, with their bound, descriptions and sources."""
    bound = ("bound", "", f"{time.bound:8.1f}", "")
    heads = (" TYPICAL", " MAXIMUM")
    return _table(time.terms, heads, lambda value: f"{value:8.1f}", bound)


def causes(times: Sequence[CauseTime]) -> str:
    """Return how soon the answer moves by its cause, and what causes do not share."""
    rows = [("THE ANSWER MOVES BY", "TYPICAL", "BOUND", "TERMS")]
    for cause in times:
        names = ", ".join(term.name for term in cause.terms)
        rows.append((cause.cause.value, _span(cause.typical), _span(cause.bound), names))
    others = {
        term.name: term.description
        for cause in times
        if not cause.cause.is_check
        for term in cause.terms[:-1]
    }
    return f"{table(rows)}\n\n{table(list(others.items()))}\n{filled(_COUNTED_FROM)}"


def drained(time: CauseTime, rate: int) -> str:
    """Return how long a drained switch takes, and its terms."""
    names = ", ".join(f"{term.name} {term.typical:.0f} s" for term in time.terms)
    return filled(
        f"A drained switch (switch away --drain {rate}): all devices are in the standby typically"
        f" {time.typical:.0f} s after the put of its metric, at most {time.bound:.0f} s ({names})."
        " Each is away for its first back-off and a handshake."
    )


def recovery(point: RecoveryPoint | None) -> str:
    """Return the recovery point, term by term with their sources."""
    if point is None:
        return filled(f"Recovery point: {NO_POINT.replace('`', '')}.")
    lead = (
        f"Recovery point: typically the last {point.typical_states:g} s of device states of a lost"
        " region are not in the other regions."
    )
    return f"{filled(lead)}\n{_table(point.terms, ('TYPICAL', 'MAXIMUM'), _span)}"


def _table(
    terms: Sequence[Term],
    heads: tuple[str, str],
    written: Callable[[float], str],
    *last: tuple[str, ...],
) -> str:
    """Return terms with their figures as `written`, their descriptions and their sources."""
    sources = list(dict.fromkeys(term.source for term in terms))
    rows: list[tuple[str, ...]] = [("TERM", *heads, "BASIS")]
    for term in terms:
        known = f"{term.basis} [{sources.index(term.source) + 1}]"
        rows.append((term.name, written(term.typical), written(term.maximum), known))
    meanings = table([(term.name, _meaning(term)) for term in terms])
    listed = "\n".join(f"[{number}] {source}" for number, source in enumerate(sources, 1))
    return f"{columns([*rows, *last])}\n\n{meanings}\n\n{listed}"


def _meaning(term: Term) -> str:
    keys = f" ({', '.join(term.settings)})" if term.settings else ""
    return f"{term.description}{keys}"


def _span(seconds: float) -> str:
    """Format a time span in seconds, hours or days."""
    if not isfinite(seconds):
        return f"{'-':>7}"
    if seconds < _HOUR:
        return f"{seconds:.0f} s".rjust(7)
    hours = seconds / _HOUR
    return (f"{hours:g} h" if hours <= _WEEK else f"{hours / _DAY:g} d").rjust(7)
