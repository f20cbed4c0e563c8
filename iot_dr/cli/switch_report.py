"""Output of `iot-dr switch`, before and after a switch is set."""

from collections.abc import Iterator
from typing import Any

from iot_dr.cli.text import columns, counted
from iot_dr.common.renamed_keys import with_old_keys
from iot_dr.common.user_error import UserError
from iot_dr.observe.switch.audit import AuditEntry, AuditRecord
from iot_dr.observe.switch.caller import UNKNOWN
from iot_dr.observe.switch.outlook import Outlook
from iot_dr.observe.switch.situation import SwitchSituation
from iot_dr.observe.switch.switching import Switching, SwitchResult


def outlook_lines(switching: Switching, situation: SwitchSituation) -> Iterator[str]:
    """Return the effect of the switch, to be read before the confirmation."""
    outlook, region = situation.outlook, switching.region
    yield (
        f"{switching.settings.environment}: switch {region} {switching.action}, as {situation.who};"
        f" the switch is kept in {' and '.join(switching.alarm_regions)}."
    )
    yield columns([("REGION", "ROLE", "HEALTH", "SOURCE", "SWITCHED AWAY"), *_rows(outlook)])
    yield _effect(outlook.now, outlook.afterwards)
    if outlook.is_last:
        yield (
            f"{region} is last in the failover order: no record depends on its switch, so devices"
            " that have no other region are still directed there."
        )
    if outlook.is_undone_by_watcher:
        yield (
            f"{region} is unhealthy and recovery.fail_back is latched: the watcher will switch it"
            " away again."
        )
    yield from _before(outlook, situation.kept)
    if situation.who == UNKNOWN:
        yield (
            f"Warning: STS does not answer in {' or '.join(switching.alarm_regions)}; the record"
            " will say `unknown`."
        )
    yield from dict.fromkeys(_notes(outlook))


def record_lines(kept: AuditRecord) -> Iterator[str]:
    """Return the newest record of the switch, and a warning if it cannot be read."""
    if kept.problem:
        yield f"Warning: the last record cannot be read: {kept.problem}"
    if kept.entry:
        yield f"Last use: {kept.entry.line()}"


def done_lines(
    switching: Switching, result: SwitchResult, alarm: str, without: str | None = None
) -> Iterator[str]:
    """Return that the switch is set, what follows, and after `away` the rollback command.

    `without` is an alarm region that no longer counts.
    """
    region, environment = switching.region, switching.settings.environment
    yield f"{region} is switched {switching.action}."
    yield from _unset(switching, result, without)
    if result.record is None:
        yield f"Warning: there is no record of it: {result.problem}"
    elif result.problem:
        yield f"Warning: the record says only that it was begun: {result.problem}"
    yield (
        f"Its alarm in {' and '.join(switching.alarm_regions)} is {alarm}; it follows within a"
        " minute or two, then DNS."
        f" Watch: iot-dr status --env {environment} --watch"
    )
    if switching.action == "away":
        why = "--reason TEXT"
        yield f"Rollback: iot-dr switch back {region} --env {environment} {why}"


def without_lines(
    switching: Switching, alarm_region: str, removed: tuple[str, ...]
) -> Iterator[str]:
    """Return which checks no longer evaluate a lost region's alarm, and how to restore it."""
    environment = switching.settings.environment
    if not removed:
        yield f"No calculated check evaluates the alarm in {alarm_region}; nothing was removed."
        return
    yield f"Removed the alarm in {alarm_region} from {counted(len(removed), 'calculated check')}."
    yield (
        f"When {alarm_region} is back: iot-dr switch back {switching.region} --env {environment}"
        f" --reason TEXT, then deploy iot-{environment}-entry-point, which adds it again."
    )


def other_regions(outlook: Outlook) -> str:
    """Return the state of each other region."""
    return ", ".join(
        f"{region} is {'switched away' if outlook.is_away(region) else seen.word}"
        for region, seen in outlook.health.items()
        if region != outlook.region
    )


def _unset(switching: Switching, result: SwitchResult, without: str | None) -> Iterator[str]:
    """Return which alarm regions did not accept the metric, and what that means."""
    region, environment = switching.region, switching.settings.environment
    for alarm_region, error in result.unset.items():
        yield f"Warning: it was not set in {alarm_region}: {error}"
        if switching.action == "away":
            yield (
                f"One alarm is enough. After {alarm_region} has recovered, `iot-dr status` shows"
                " that the alarms differ until the switch is used again."
            )
        elif alarm_region != without:
            yield (
                f"If the alarm in {alarm_region} is ALARM, devices stay away. Run the command again"
                f" once {alarm_region} answers; if it is lost for long: iot-dr switch back {region}"
                f" --env {environment} --without {alarm_region} --reason TEXT"
            )


def document(
    switching: Switching, situation: SwitchSituation, result: SwitchResult, alarm: str
) -> dict[str, Any]:
    """Return all of it as JSON values, for --json."""
    outlook, kept = situation.outlook, situation.kept
    before = kept.entry if isinstance(kept, AuditRecord) else None
    document = {
        "environment": switching.settings.environment,
        "region": switching.region,
        "action": switching.action,
        "keepers": switching.alarm_regions,
        "unset_keepers": {alarm_region: str(error) for alarm_region, error in result.unset.items()},
        "record": _record(result.record),
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
    return with_old_keys("switch", document)


def _record(entry: AuditEntry | None) -> dict[str, Any] | None:
    return entry.model_dump(mode="json") if entry else None


def _notes(outlook: Outlook) -> Iterator[str]:
    for region, seen in outlook.health.items():
        if seen.route53:
            yield f"Note: no health from Route 53: {seen.route53}"
        if seen.probe:
            yield f"Note: {region} by TLS from here: {seen.probe}"
        if isinstance(problem := outlook.switches[region], UserError):
            yield f"Note: it is not known whether {region} is switched away: {problem}"


def _rows(outlook: Outlook) -> Iterator[tuple[str, ...]]:
    words = {True: "yes", False: "no", None: "unknown"}
    for region in outlook.settings.failover_order:
        seen, away = outlook.health[region], words[outlook.is_away(region)]
        yield region, outlook.settings.role(region), seen.word, seen.source or "none", away


def _effect(now: tuple[str, ...], then: tuple[str, ...]) -> str:
    before, after = " or ".join(now), " or ".join(then)
    if now == then:
        return f"New connections go to {before} now, and still will afterwards."
    return f"New connections go to {before} now, and will go to {after}."


def _before(outlook: Outlook, kept: AuditRecord | UserError) -> Iterator[str]:
    is_away = outlook.is_away(outlook.region)
    if outlook.action == "away" and is_away:
        yield f"{outlook.region} is already switched away; switching it again changes nothing."
    elif outlook.action == "back" and is_away is False:
        yield f"{outlook.region} is not switched away; switching it back changes nothing."
    if is_away and isinstance(kept, AuditRecord) and not _says_away(kept):
        yield f"No record says why {outlook.region} is switched away: it may be the watcher."
    if isinstance(kept, UserError):
        yield f"Warning: the record of this switch cannot be read: {kept}"
    else:
        yield from record_lines(kept)


def _says_away(kept: AuditRecord) -> bool:
    return kept.entry is not None and kept.entry.action == "away"
