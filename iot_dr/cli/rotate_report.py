"""The output of `iot-dr rotate`: before the confirmation, at the end, and as JSON."""

from collections.abc import Iterator
from textwrap import fill
from typing import Any, Final

from environments.settings import Settings
from iot_dr.cli.text import columns
from iot_dr.common.plain_text import LINE_WIDTH
from iot_dr.common.renamed_keys import with_old_keys
from iot_dr.common.terraform_binary import product
from iot_dr.common.user_error import UserError
from iot_dr.observe.status.endpoint import Handshake
from iot_dr.observe.status.unknown import UnknownValue
from iot_dr.observe.switch.audit import AuditEntry
from iot_dr.observe.switch.rotation import Rotation, RotationRecord
from iot_dr.operate.rotate.rotation_run import RotationResult
from iot_dr.operate.rotate.situation import STEPS, RotationSituation, Step
from iot_dr.terraform_json.change import totals

_AWAY: Final = {True: "yes", False: "no", None: "unknown"}


def step_lines(settings: Settings, region: str) -> dict[Step, str]:
    """Return the description of each step."""
    wait = settings.endpoint.ttl + settings.recovery.backoff_ceiling
    return {
        "away": f"switch {region} away",
        "drain": "wait until it is drained: the switch's alarm and the zone's own servers have"
        f" followed, {wait} s more for TTL and back-off, no connect for 5 minutes",
        "replace": "delete and recreate its certificate and both domain configurations; devices"
        " that are still connected are cut off",
        "serve": "wait until both names serve the new certificate, up to 60 minutes",
        "back": f"switch {region} back",
    }


def look_lines(look: RotationSituation) -> Iterator[str]:
    """Yield the region's state and the steps, to be read before confirming."""
    yield from _headline(look, "rotate the certificate of")
    yield columns([("REGION", "ROLE", "HEALTH", "SWITCHED AWAY", "ROTATION"), *_rows(look)])
    yield f"Certificate in {product()}'s state: {look.arn or 'none'}"
    yield from _served(look)
    yield from _plans(look)
    if look.is_repair:
        yield _filled(
            f"The alarm region of {look.region} does not answer (--force): only the region's"
            " endpoint is recreated. Its switch and record do not change, and an unfinished"
            " rotation stays unfinished."
        )
        return
    yield from _steps(look)
    if not look.is_replaced:
        yield _filled(
            f"During the rotation {look.region} serves no devices, so none can fail over to it."
        )


def abandon_lines(look: RotationSituation) -> Iterator[str]:
    """Yield what abandoning a rotation does, to be read before confirming."""
    yield from _headline(look, "abandon the rotation of")
    if look.under_way and look.abandon_problem() is None:
        kept = "stays switched away, as it was before"
        back = "is switched back, unless somebody else has switched it away"
        what = kept if look.under_way.was_away else back
        yield f"{look.region} keeps its certificate; it {what}."


def done_lines(look: RotationSituation, rotated: RotationResult) -> Iterator[str]:
    """Yield that the rotation is done, and what comes next."""
    region, environment = look.region, look.settings.environment
    yield f"{region} has a new certificate."
    yield from left_away_lines(look, rotated.rotation, rotated.away)
    yield f"Verify: iot-dr status --env {environment}"
    following, word = _next_region(look)
    yield f"Next: iot-dr rotate --region {following} --env {environment} (last rotation: {word})"


def left_away_lines(
    look: RotationSituation, rotation: Rotation, away: AuditEntry | None
) -> Iterator[str]:
    """Yield why the region stays switched away, if it does.

    `away` is somebody else's switch record.
    """
    back = f"iot-dr switch back {look.region} --env {look.settings.environment} --reason TEXT"
    if rotation.was_away:
        yield f"It was switched away before, and stays so. To switch back: {back}"
    elif away:
        yield f"It stays switched away by somebody else: {away.line()}. To switch back: {back}"


def repaired_lines(look: RotationSituation, arn: str) -> Iterator[str]:
    """Yield that the endpoint is recreated, and what remains to do."""
    region, environment = look.region, look.settings.environment
    yield f"The endpoint of {region} is recreated, with {arn}; both names serve it."
    alarm_regions = " and ".join(look.settings.alarm_regions(region))
    yield (
        f"Its switch and rotation record remain, in {alarm_regions}. When that answers:"
        f" iot-dr rotate --region {region} --env {environment}"
    )


def _next_region(look: RotationSituation) -> tuple[str, str]:
    """Return the other region whose last rotation was longest ago, and when that was."""
    others = [name for name in reversed(look.settings.failover_order) if name != look.region]
    region = min(others, key=lambda name: _ended(look.records[name]))
    return region, _last_word(look.records[region])


def _last_word(noted: RotationRecord | UserError) -> str:
    """Return when a region was last rotated, in a few words."""
    return "unknown" if isinstance(noted, UserError) else noted.summary


def _ended(noted: RotationRecord | UserError) -> str:
    rotation: Rotation | None = None if isinstance(noted, UserError) else noted.rotation
    return rotation.last_at.isoformat() if rotation and rotation.outcome == "done" else ""


def document(
    look: RotationSituation, outcome: str, rotated: RotationResult | None = None
) -> dict[str, Any]:
    """Return the situation and the outcome as JSON."""
    rotation = rotated.rotation if rotated else look.own_record.rotation
    document = {
        "environment": look.settings.environment,
        "region": look.region,
        "outcome": outcome,
        "step": None if outcome == "done" else look.step,
        "certificate": {
            "before": rotation.before if rotation else look.arn,
            "current": rotated.arn if rotated else look.arn,
            "sha256": rotated.fingerprint if rotated else None,
        },
        "plans": [
            {
                "stack": stack_plan.run.stack,
                "changes": [
                    {"address": change.address, "action": change.action.value}
                    for change in stack_plan.changes
                ],
            }
            for stack_plan in look.plans
        ],
        "record": rotation.model_dump(mode="json") if rotation else None,
        "refusals": [*look.refusals()],
        "regions": [_region(look, each) for each in look.settings.failover_order],
        "next_region": _next_region(look)[0] if outcome == "done" else None,
    }
    return with_old_keys("rotate", document)


def _headline(look: RotationSituation, what: str) -> Iterator[str]:
    settings, region = look.settings, look.region
    yield (
        f"{settings.environment}: {what} {region}, as {look.switch.who}; its record is kept in"
        f" {' and '.join(settings.alarm_regions(region))}."
    )
    if look.under_way:
        yield f"Under way: {look.under_way.line()}."


def _region(look: RotationSituation, region: str) -> dict[str, Any]:
    return {
        "region": region,
        "role": look.settings.role(region),
        "health": look.switch.outlook.health[region].word,
        "is_switched_away": look.switch.outlook.is_away(region),
        "rotation": _last_word(look.records[region]),
    }


def _rows(look: RotationSituation) -> Iterator[tuple[str, ...]]:
    for region in look.settings.failover_order:
        row = _region(look, region)
        away = _AWAY[row["is_switched_away"]]
        yield region, row["role"], row["health"], away, row["rotation"]


def _served(look: RotationSituation) -> Iterator[str]:
    if look.served is None:
        return
    for name, endpoint in look.served.names.items():
        yield f"  {name}: {_about(endpoint, look.served.issued)}"


def _about(endpoint: Handshake | UnknownValue, issued: str | UnknownValue) -> str:
    if isinstance(endpoint, UnknownValue):
        return f"unknown: {endpoint.reason}"
    if endpoint.problem or endpoint.certificate is None:
        return endpoint.problem or "its certificate cannot be read"
    same = endpoint.certificate.fingerprint == issued
    what = "it" if same else "another or unknown certificate"
    return f"serves {what}, {endpoint.certificate.days_left:.0f} days left"


def _plans(look: RotationSituation) -> Iterator[str]:
    for plan in look.plans:
        options = f" ({' '.join(plan.run.options)})" if plan.run.options else ""
        then = "planned when that is done" if not plan.changes and not look.is_replaced else None
        yield f"{plan.run.stack}{options}: {then or totals(plan.changes)}"
        yield from (f"  {each.action.sign} {each.address}" for each in plan.changes)
    if findings := look.findings:
        yield _filled(
            f"The rule {findings[0].rule} blocks such a plan in reviews ({len(findings)} findings)."
            f" A rotation applies it once {look.region} is drained, and refuses other changes."
        )


def _steps(look: RotationSituation) -> Iterator[str]:
    for number, (step, text) in enumerate(step_lines(look.settings, look.region).items(), 1):
        yield fill(f"{number}. {text}{_mark(look, step)}", LINE_WIDTH, subsequent_indent="   ")


def _mark(look: RotationSituation, step: Step) -> str:
    at = STEPS.index(look.step)
    if STEPS.index(step) == at:
        return " <- next"
    rotation = look.under_way
    if step == "back" and (rotation.was_away if rotation else look.is_away):
        return " (not done: it is switched away already)"
    return " (done)" if STEPS.index(step) < at else ""


def _filled(text: str) -> str:
    return fill(text, LINE_WIDTH)
