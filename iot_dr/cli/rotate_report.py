"""What `iot-dr rotate` tells before the question, and to machines."""

import json
from collections.abc import Iterator
from textwrap import fill
from typing import Any, Final

from environments.settings import Settings
from iot_dr.cli.columns import columns
from iot_dr.cli.rotate_end import last_word, next_region
from iot_dr.observe.status.endpoint import Endpoint
from iot_dr.observe.status.unknown import Unknown
from iot_dr.operate.rotate.look import STEPS, RotationLook, Step
from iot_dr.operate.rotate.rotating import Rotated
from iot_dr.terraform_json.change import totals

_WIDTH: Final = 99
_AWAY: Final = {True: "yes", False: "no", None: "unknown"}


def step_lines(settings: Settings, region: str) -> dict[Step, str]:
    """Tell what each step does."""
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


def look_lines(look: RotationLook) -> Iterator[str]:
    """Tell how things stand and what will happen, to be read before the question."""
    yield from _headline(look, "rotate the certificate of")
    yield columns([("REGION", "ROLE", "HEALTH", "SWITCHED AWAY", "ROTATION"), *_rows(look)])
    yield f"Certificate in Terraform's state: {look.arn or 'none'}"
    yield from _served(look)
    yield from _plans(look)
    if look.is_repair:
        yield _filled(
            f"The keeper of {look.region} is gone (--force): its endpoint is made again, and that"
            " is all. Its switch stays as it is, nothing is kept, and a rotation that is under way"
            " stays so."
        )
        return
    yield from _steps(look)
    if not look.is_replaced:
        yield _filled(
            f"Meanwhile {look.region} takes no devices: what fails over to it has nowhere to go."
        )


def abandon_lines(look: RotationLook) -> Iterator[str]:
    """Tell what it is to abandon a rotation, to be read before the question."""
    yield from _headline(look, "abandon the rotation of")
    if look.under_way and look.no_way_back() is None:
        kept = "is left switched away, as it was before"
        back = "is switched back, unless somebody else has switched it away"
        what = kept if look.under_way.was_away else back
        yield f"{look.region} has its certificate as it was; it {what}."


def document(look: RotationLook, outcome: str, rotated: Rotated | None = None) -> str:
    """Give all of it as JSON."""
    rotation = rotated.rotation if rotated else look.noted.rotation
    return json.dumps(
        {
            "environment": look.settings.environment,
            "region": look.region,
            "outcome": outcome,
            "step": None if outcome == "done" else look.step,
            "certificate": {
                "before": rotation.before if rotation else look.arn,
                "now": rotated.arn if rotated else look.arn,
                "sha256": rotated.fingerprint if rotated else None,
            },
            "plans": [
                {
                    "stack": each.run.stack,
                    "changes": [
                        {"address": change.address, "action": change.action.value}
                        for change in each.changes
                    ],
                }
                for each in look.plans
            ],
            "record": rotation.model_dump(mode="json") if rotation else None,
            "refusals": [*look.refusals()],
            "regions": [_region(look, each) for each in look.settings.failover_order],
            "next_region": next_region(look)[0] if outcome == "done" else None,
        },
        indent=2,
    )


def _headline(look: RotationLook, what: str) -> Iterator[str]:
    settings, region = look.settings, look.region
    yield (
        f"{settings.environment}: {what} {region}, as {look.switch.who}; its record is kept in"
        f" {settings.keeper(region)}."
    )
    if look.under_way:
        yield f"Under way: {look.under_way.line()}."


def _region(look: RotationLook, region: str) -> dict[str, Any]:
    return {
        "region": region,
        "role": look.settings.role(region),
        "health": look.switch.outlook.health[region].word,
        "is_switched_away": look.switch.outlook.is_away(region),
        "rotation": last_word(look.records[region]),
    }


def _rows(look: RotationLook) -> Iterator[tuple[str, ...]]:
    for region in look.settings.failover_order:
        told = _region(look, region)
        away = _AWAY[told["is_switched_away"]]
        yield region, told["role"], told["health"], away, told["rotation"]


def _served(look: RotationLook) -> Iterator[str]:
    if look.served is None:
        return
    for name, endpoint in look.served.names.items():
        yield f"  {name}: {_about(endpoint, look.served.issued)}"


def _about(endpoint: Endpoint | Unknown, issued: str | Unknown) -> str:
    if isinstance(endpoint, Unknown):
        return f"unknown: {endpoint.reason}"
    if endpoint.problem or endpoint.certificate is None:
        return endpoint.problem or "does not let its certificate be seen"
    same = endpoint.certificate.fingerprint == issued
    what = "it" if same else "another or unknown certificate"
    return f"serves {what}, {endpoint.certificate.days_left:.0f} days left"


def _plans(look: RotationLook) -> Iterator[str]:
    for plan in look.plans:
        options = f" ({' '.join(plan.run.options)})" if plan.run.options else ""
        then = "planned when that is done" if not plan.changes and not look.is_replaced else None
        yield f"{plan.run.stack}{options}: {then or totals(plan.changes)}"
        yield from (f"  {each.action.sign} {each.address}" for each in plan.changes)
    if findings := look.findings:
        yield _filled(
            f"The rule {findings[0].rule} blocks such a plan everywhere else"
            f" ({len(findings)} findings). Here it is what was asked for, once {look.region} is"
            " drained; a plan that changes anything but these is refused."
        )


def _steps(look: RotationLook) -> Iterator[str]:
    for number, (step, told) in enumerate(step_lines(look.settings, look.region).items(), 1):
        yield fill(f"{number}. {told}{_mark(look, step)}", _WIDTH, subsequent_indent="   ")


def _mark(look: RotationLook, step: Step) -> str:
    at = STEPS.index(look.step)
    if STEPS.index(step) == at:
        return " <- next"
    rotation = look.under_way
    if step == "back" and (rotation.was_away if rotation else look.is_away):
        return " (not done: it is switched away already)"
    return " (done)" if STEPS.index(step) < at else ""


def _filled(text: str) -> str:
    return fill(text, _WIDTH)
