"""The report of `iot-dr rto` as text."""

from typing import Final

from iot_dr.cli.columns import columns
from iot_dr.cli.filled import filled
from iot_dr.cli.rto_point import point_text
from iot_dr.cli.rto_report import WAY_BACK, RtoReport
from iot_dr.forecast.advice import Change

QUOTA_FIRST: Final = (
    "recovery.connect_rate and recovery.backoff_ceiling tell what is so: first raise the quota of"
    " the standby, or change the devices, then the setting."
)
"""What comes before a changed setting that only tells what is so."""

_LEFT_OUT: Final = (
    "p50 and p99 are for links that close and connects that are refused at once, over outages and"
    " devices alike, with the worse of the two caches; links that die silently count in the bound"
    " alone. Left out: a device that does not notice that its link is dead (a keep-alive of 30 to"
    " 60 s passes while the answer flips, AWS IoT's longest of 1200 s does not), a resolver that"
    " keeps an answer for longer than its TTL, and the way back. Up to 2,000 devices were"
    " rehearsed, with Route 53 rebuilt from its documentation; what is above that is computed."
)


def text(report: RtoReport) -> str:
    """Give the verdict, the terms with their sources, what to change, and the recovery point."""
    time = (_verdict(report), _caches(report), _terms(report), _advice(report), filled(_LEFT_OUT))
    return "\n\n".join([*time, point_text(report.point)])


def _verdict(report: RtoReport) -> str:
    time = report.time
    figures = f"p50 {time.p50:.0f} s, p99 {time.p99:.0f} s, bound {time.bound:.0f} s"
    return (
        f"{report.settings.environment}: {report.verdict}: {figures}, target {report.target} s"
        f" (recovery.rto)\n{filled(_meaning(report))}\n{filled(_given(report))}"
    )


def _meaning(report: RtoReport) -> str:
    if report.verdict == "ok":
        return "All devices are back in time, in the worst case too."
    term = report.largest_term
    keys = f" ({', '.join(term.settings)})" if term.settings else ""
    largest = f"the {term.name}, up to {term.latest:.0f} s: {term.what}{keys}."
    if report.verdict == "warn":
        late = "99 % of the devices are back in time, but in the worst case not the last."
        return f"{late} The largest part of the bound is {largest}"
    enough = [_step(change) for change in report.helpful if change.after.p99 <= report.target]
    help_ = f"Enough alone: {', '.join(enough)}." if enough else "No single change is enough."
    return f"Too late. The term that is too large is {largest} {help_}"


def _given(report: RtoReport) -> str:
    health, recovery = report.settings.health, report.settings.recovery
    return (
        f"Given: {health.mode} check, {health.threshold} in a row {health.interval} s apart;"
        f" TTL {report.settings.endpoint.ttl} s; {recovery.fleet:,} devices, of which the standby"
        f" accepts {recovery.connect_rate:,} a second; back-off up to {recovery.backoff_ceiling} s."
    )


def _caches(report: RtoReport) -> str:
    own, shared = report.time.own_cache, report.time.shared_cache
    kinds = (("a device's own", own), ("a resolver that others keep warm", shared))
    rows = [("DNS CACHE", "P50", "P99")]
    rows += [(name, f"{each.p50:.0f} s", f"{each.p99:.0f} s") for name, each in kinds]
    return columns(rows)


def _terms(report: RtoReport) -> str:
    terms = report.time.terms
    sources = list(dict.fromkeys(term.source for term in terms))
    rows = [("TERM", "   USUAL", "  LATEST", "KNOWN", "SETTINGS")]
    for term in terms:
        known = f"{term.basis} [{sources.index(term.source) + 1}]"
        keys = ", ".join(term.settings) or "-"
        rows.append((term.name, f"{term.usual:8.1f}", f"{term.latest:8.1f}", known, keys))
    rows.append(("bound", "", f"{report.time.bound:8.1f}", "", ""))
    meanings = columns([(term.name, term.what) for term in terms])
    listed = "\n".join(f"[{number}] {source}" for number, source in enumerate(sources, 1))
    return f"{columns(rows)}\n\n{meanings}\n\n{listed}"


def _advice(report: RtoReport) -> str:
    lines = [_gains(report), filled(_without_effect(report))]
    if report.harmful:
        longer = [f"{_step(change)} ({change.loss:.0f} s)" for change in report.harmful]
        lines.append(filled(f"Makes it longer: {', '.join(longer)}."))
    if any(change.setting.startswith("recovery.") for change in report.helpful):
        lines.append(filled(QUOTA_FIRST))
    return "\n".join(lines)


def _gains(report: RtoReport) -> str:
    if not report.helpful:
        return "No single change makes it shorter."
    rows = [("CHANGE", "P99", "GAIN", "OWN CACHE", "SHARED CACHE", "BOUND")]
    for change in report.helpful:
        own, shared = _seconds(change.own_cache_gain), _seconds(change.shared_cache_gain)
        after = change.after
        gains = (_seconds(change.gain), own, shared)
        rows.append((_step(change), _seconds(after.p99), *gains, _seconds(after.bound)))
    return columns(rows)


def _without_effect(report: RtoReport) -> str:
    idle = [f"{_step(change)}{_beside(change)}" for change in report.idle]
    return f"Changes nothing: {', '.join([*idle, f'{WAY_BACK} (the way back alone)'])}."


def _beside(change: Change) -> str:
    """Tell what devices with the better of the two caches gain, while the worse gains nothing."""
    if change.own_cache_gain:
        return f" ({change.own_cache_gain:.0f} s with a cache of their own, none else)"
    if change.shared_cache_gain:
        return f" ({change.shared_cache_gain:.0f} s behind a shared cache, none else)"
    return ""


def _seconds(value: float) -> str:
    return f"{value:.0f} s" if value else "none"


def _step(change: Change) -> str:
    return f"{change.setting} {change.now} -> {change.then}"
