"""`iot-dr switch`: take devices away from a region, or give them back."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Final

import typer

from environments.loader import load_without_cross_checks
from iot_dr.cli.confirmation import refuse_without_terminal, typed_yes
from iot_dr.cli.options import EnvironmentOption, JsonOption, RegionArgument, YesOption
from iot_dr.cli.switch_report import document, done_lines, outlook_lines, record_lines
from iot_dr.common.signals import deferred_signals
from iot_dr.common.user_error import UserError
from iot_dr.observe.switch.alarms import NoAlarmError
from iot_dr.observe.switch.audit import AuditRecord
from iot_dr.observe.switch.metric import Action
from iot_dr.observe.switch.outlook import Outlook
from iot_dr.observe.switch.probe import probe
from iot_dr.observe.switch.reason import checked_reason
from iot_dr.observe.switch.rotation import RotationRecord
from iot_dr.observe.switch.switching import WITHOUT_RECORD, Stage, Switching, SwitchSituation

_INTERRUPTED: Final = 130
_DECLINED: Final = 1
_CUT_SHORT: Final[dict[Stage, str]] = {
    "nothing": "Interrupted: nothing was switched.",
    "putting": "Interrupted: whether the switch was put is not known; run the command again.",
    "put": "Interrupted: the switch is put, and complete.",
}

_Reason = Annotated[
    str, typer.Option(help="Why: 1 to 300 characters, shown to the next operator.", metavar="TEXT")
]


def away(  # noqa: PLR0913, PLR0917 - one argument for each option
    region: RegionArgument,
    reason: _Reason,
    env: EnvironmentOption,
    yes: YesOption = False,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="Also when no other region is known to be healthy, no alarm follows the switch, or"
            " no record can be kept.",
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Switch devices away from a region, and record who did it, when and why.

    Needs AWS in one other region alone, the one that keeps the switch. Shows first what will
    happen. Exit 0 when it is put, 1 when AWS or you refuse, 2 for a mistake, 130 for Ctrl-C.

    Example: iot-dr switch away eu-west-1 --env dev --reason "no message goes through"
    """
    wish = Wish(env, region, "away", reason, yes=yes, force=force, as_json=as_json)
    raise typer.Exit(_run(wish))


def back(  # noqa: PLR0913, PLR0917 - as above
    region: RegionArgument,
    reason: _Reason,
    env: EnvironmentOption,
    yes: YesOption = False,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="Also when the region is being rotated, no alarm follows the switch, or no record"
            " can be kept.",
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Let devices use a region again, and record who did it, when and why.

    The answer for new connections changes within minutes; devices stay where they are connected
    until they connect anew. Exit codes as of `away`.

    Example: iot-dr switch back eu-west-1 --env dev --reason "messages go through again"
    """
    wish = Wish(env, region, "back", reason, yes=yes, force=force, as_json=as_json)
    raise typer.Exit(_run(wish))


class RefusedError(UserError):
    """The switch could be put, and is not unless it is forced."""


@dataclass(frozen=True)
class Wish:
    """What an operator asks for."""

    environment: str
    region: str
    action: Action
    reason: str
    yes: bool
    force: bool
    as_json: bool

    def tell(self, lines: Iterable[str]) -> None:
        """Print lines for people: beside the document, when there is one."""
        for line in lines:
            typer.echo(line, err=self.as_json)


def _run(wish: Wish) -> int:
    """Show, ask, put and tell; return the exit status: 0, 1 when declined, 130 for Ctrl-C."""
    reason = checked_reason(wish.reason)
    switching = Switching(
        load_without_cross_checks(wish.environment), wish.region, wish.action, probe
    )
    if not wish.yes:
        refuse_without_terminal("switch")
    try:
        return _switched(wish, switching, reason)
    except KeyboardInterrupt:
        typer.echo(_CUT_SHORT[switching.stage], err=True)
        return _INTERRUPTED


def _switched(wish: Wish, switching: Switching, reason: str) -> int:
    look = switching.observe()
    wish.tell(outlook_lines(switching, look))
    if isinstance(look.rotation, UserError):
        typer.echo(
            f"Note: whether {wish.region} is being rotated is not known: {look.rotation}", err=True
        )
    for refusal in _refusals(look):
        if not wish.force:
            raise RefusedError(refusal)
        typer.echo(f"Forced: {refusal}", err=True)
    kept = _agreed(wish, switching, look.kept)
    if kept is None:
        typer.echo("Declined: nothing was switched.", err=True)
        return _DECLINED
    if seconds := switching.seconds_to_wait(kept):
        typer.echo(
            f"It was switched away in this minute, of which the maximum counts: waiting"
            f" {seconds:.0f} s.",
            err=True,
        )
        time.sleep(seconds)
    with deferred_signals(lambda: typer.echo("Wait: the switch is being put.", err=True)):
        put = switching.set(look.who, reason, forced=wish.force)
    alarm = switching.alarm()
    wish.tell(done_lines(switching, put, alarm))
    if wish.as_json:
        typer.echo(document(switching, look, put, alarm))
    return 0


def _refusals(look: SwitchSituation) -> Iterable[str]:
    """Return each reason that speaks against it, and what --force would do."""
    outlook = look.outlook
    if outlook.leaves_none_healthy:
        yield (
            f"no region but {outlook.region} is known to be healthy and to take devices:"
            f" {_others(outlook)}; with none, Route 53 answers with"
            f" {outlook.settings.primary_region}. --force switches all the same"
        )
    if isinstance(problem := outlook.switches[outlook.region], NoAlarmError):
        yield f"{problem}. --force puts the metric all the same"
    if isinstance(look.kept, UserError):
        yield f"no record can be kept: {look.kept}. {WITHOUT_RECORD}"
    if isinstance(look.rotation, RotationRecord) and (begun := look.rotation.under_way):
        region, environment = look.outlook.region, look.outlook.settings.environment
        yield (
            f"{region} is being rotated, {begun.line()}; it may have no endpoint. The rotation"
            f" switches it back at its end, or with --abandon: iot-dr rotate --region {region}"
            f" --env {environment}. --force switches all the same"
        )


def _others(outlook: Outlook) -> str:
    return ", ".join(
        f"{region} is {'switched away' if outlook.is_away(region) else seen.word}"
        for region, seen in outlook.health.items()
        if region != outlook.region
    )


def _agreed(
    wish: Wish, switching: Switching, known: AuditRecord | UserError
) -> AuditRecord | UserError | None:
    """Ask, and ask anew when somebody used the switch meanwhile.

    Returns the newest record that the operator has seen, None when they decline.
    """
    while True:
        if not wish.yes and not typed_yes("switch"):
            return None
        if isinstance(known, UserError):
            return known
        newest = switching.newest()
        if newest.number == known.number:
            return newest
        wish.tell(["Somebody used this switch meanwhile.", *record_lines(newest)])
        if wish.yes:
            return newest
        known = newest
