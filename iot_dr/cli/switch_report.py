"""What `iot-dr switch` prints before and after a switch is put."""

import json
from collections.abc import Iterator
from typing import Any

from iot_dr.cli.text import columns
from iot_dr.common.renamed_keys import with_old_keys
from iot_dr.common.user_error import UserError
from iot_dr.observe.switch.audit import AuditRecord, Entry
from iot_dr.observe.switch.caller import UNKNOWN
from iot_dr.observe.switch.outlook import Outlook
from iot_dr.observe.switch.switching import Switching, SwitchResult, SwitchSituation


def outlook_lines(switching: Switching, look: SwitchSituation) -> Iterator[str]:
    """Return what will happen, to be read before the question."""
    outlook, region = look.outlook, switching.region
    yield (
        f"{switching.settings.environment}: switch {region} {switching.action}, as {look.who};"
        f" the switch is kept in {switching.keeper}."
    )
    yield columns([("REGION", "ROLE", "HEALTH", "TOLD BY", "SWITCHED AWAY"), *_rows(outlook)])
    yield _led(outlook.now, outlook.afterwards)
    if outlook.is_last:
        yield (
            f"{region} is the last region of the chain: no record asks its switch, so devices that"
            " have nowhere else to go are still led there."
        )
    if outlook.is_undone_by_watcher:
        yield (
            f"{region} is unhealthy and recovery.fail_back is latched: the watcher will switch it"
            " away again."
        )
    yield from _before(outlook, look.kept)
    if look.who == UNKNOWN:
        yield f"Warning: STS in {switching.keeper} does not answer; the record will say `unknown`."
    yield from dict.fromkeys(_notes(outlook))


def record_lines(kept: AuditRecord) -> Iterator[str]:
    """Return the newest record of the switch, and whether it cannot be read."""
    if kept.problem:
        yield f"Warning: the last record cannot be read: {kept.problem}"
    if kept.entry:
        yield f"Last use: {kept.entry.line()}"


def done_lines(switching: Switching, put: SwitchResult, alarm: str) -> Iterator[str]:
    """Return that the switch is put, and what follows."""
    region, environment = switching.region, switching.settings.environment
    yield f"{region} is switched {switching.action}."
    if put.record is None:
        yield f"Warning: there is no record of it: {put.problem}"
    elif put.problem:
        yield f"Warning: the record says only that it was begun: {put.problem}"
    yield (
        f"Its alarm in {switching.keeper} is {alarm}; it follows within a minute or two, then DNS."
        f" Watch: iot-dr status --env {environment} --watch"
    )
    if switching.action == "away":
        why = "--reason TEXT"
        yield f"Way back: iot-dr switch back {region} --env {environment} {why}"


def document(switching: Switching, look: SwitchSituation, put: SwitchResult, alarm: str) -> str:
    """Return all of it as JSON."""
    outlook, kept = look.outlook, look.kept
    before = kept.entry if isinstance(kept, AuditRecord) else None
    document = {
        "environment": switching.settings.environment,
        "region": switching.region,
        "action": switching.action,
        "keeper": switching.keeper,
        "record": _record(put.record),
        "record_before": _record(before),
        "regions_before": outlook.now,
        "regions_after": outlook.afterwards,
        "is_last_in_failover_order": outlook.is_last,
        "alarm": alarm,
        "regions": [
            {
                "region": region,
                "role": switching.settings.role(region),
                "health": seen.word,
                "health_source": seen.source or None,
                "problems": [each for each in (seen.route53, seen.probe) if each],
                "is_switched_away": outlook.is_away(region),
            }
            for region, seen in outlook.health.items()
        ],
    }
    return json.dumps(with_old_keys("switch", document), indent=2)


def _record(entry: Entry | None) -> dict[str, Any] | None:
    return entry.model_dump(mode="json") if entry else None


def _notes(outlook: Outlook) -> Iterator[str]:
    for region, seen in outlook.health.items():
        if seen.route53:
            yield f"Note: Route 53 does not tell: {seen.route53}"
        if seen.probe:
            yield f"Note: {region} by TLS from here: {seen.probe}"
        if isinstance(problem := outlook.switches[region], UserError):
            yield f"Note: whether {region} is switched away is not known: {problem}"


def _rows(outlook: Outlook) -> Iterator[tuple[str, ...]]:
    words = {True: "yes", False: "no", None: "unknown"}
    for region in outlook.settings.failover_order:
        seen, away = outlook.health[region], words[outlook.is_away(region)]
        yield region, outlook.settings.role(region), seen.word, seen.source or "nobody", away


def _led(now: tuple[str, ...], then: tuple[str, ...]) -> str:
    before, after = " or ".join(now), " or ".join(then)
    if now == then:
        return f"New connections go to {before} now, and still will afterwards."
    return f"New connections go to {before} now, and will go to {after}."


def _before(outlook: Outlook, kept: AuditRecord | UserError) -> Iterator[str]:
    is_away = outlook.is_away(outlook.region)
    if outlook.action == "away" and is_away:
        yield f"{outlook.region} is switched away already; putting it again changes nothing."
    elif outlook.action == "back" and is_away is False:
        yield f"{outlook.region} is not switched away; putting it back changes nothing."
    if is_away and isinstance(kept, AuditRecord) and not _says_away(kept):
        yield f"No operator's record says why {outlook.region} is away: perhaps the watcher put it."
    if isinstance(kept, UserError):
        yield f"Warning: the record of this switch cannot be read: {kept}"
    else:
        yield from record_lines(kept)


def _says_away(kept: AuditRecord) -> bool:
    return kept.entry is not None and kept.entry.action == "away"
