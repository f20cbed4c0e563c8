"""`iot-dr switch`: direct devices away from a region, and back."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Final

import typer

from environments.loader import load_without_cross_checks
from iot_dr.cli.confirmation import RefusedError, refuse_without_terminal, typed_yes
from iot_dr.cli.drain import DrainOption, DrainRun, drain_run, resume_command
from iot_dr.cli.json_output import print_document
from iot_dr.cli.options import EnvironmentOption, JsonOption, RegionArgument, YesOption
from iot_dr.cli.switch_refusals import refusals, refuse_without
from iot_dr.cli.switch_report import (
    document,
    done_lines,
    outlook_lines,
    record_lines,
    without_lines,
)
from iot_dr.cli.text import echo
from iot_dr.common.exit_status import ExitStatus
from iot_dr.common.signals import deferred_signals
from iot_dr.common.user_error import UserError
from iot_dr.observe.switch.audit import AuditRecord
from iot_dr.observe.switch.metric import Action
from iot_dr.observe.switch.probe import probe
from iot_dr.observe.switch.reason import checked_reason
from iot_dr.observe.switch.situation import SwitchSituation
from iot_dr.observe.switch.switching import Stage, Switching, SwitchResult
from iot_dr.operate.drain.draining import Draining

_CUT_SHORT: Final[dict[Stage, str]] = {
    "nothing": "Interrupted: nothing was switched.",
    "registered": "Interrupted: the register has the new value, which its publisher puts within two"
    " minutes; run the command again.",
    "sent": "Interrupted: it is not known whether the switch was set; run the command again.",
    "set": "Interrupted: the switch is set.",
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
            help="Switch even if no other region is known to be healthy, no alarm follows the"
            " switch, or no record can be stored.",
        ),
    ] = False,
    drain: DrainOption = None,
    as_json: JsonOption = False,
) -> None:
    """Switch devices away from a region, and record who did it, when and why.

    Needs AWS in only one other region, an alarm region of the switch: with two regions there is
    one, with more there are two. Connected devices stay; with --drain their connections are closed
    once the answer has moved and its TTL has passed, as long as the standby is ready. An
    interrupted drain continues with the same command, on the same machine. Shows the effect before
    it asks. Exit 0 when the switch is set, 1 when AWS refuses or you decline, 2 for a mistake in
    the arguments or settings, 3 if it is set and the region is not drained, 130 for Ctrl-C.

    Example: iot-dr switch away eu-west-1 --env dev --reason "no message goes through" --drain 400
    """
    command = SwitchCommand(
        env, region, "away", reason, yes=yes, force=force, as_json=as_json, drain=drain
    )
    raise typer.Exit(run(command, command.switching()))


def back(  # noqa: PLR0913, PLR0917 - as above
    region: RegionArgument,
    reason: _Reason,
    env: EnvironmentOption,
    yes: YesOption = False,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="Switch even if the region is being rotated, no alarm follows the switch, or no"
            " record can be stored.",
        ),
    ] = False,
    without: Annotated[
        str | None,
        typer.Option(
            help="A lost alarm region: Route 53 no longer evaluates the alarm there. Needs"
            " us-east-1.",
            metavar="REGION",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Let devices use a region again, and record who did it, when and why.

    DNS changes within minutes for new connections; connected devices stay until they reconnect.
    Takes up to 80 s, so that no value of before comes after it.
    With three or more regions it is set in both alarm regions. Exit 3 if one does not answer, since
    its alarm may keep devices away; otherwise those of `away`. After --without, deploy the entry
    point once that region is back, which adds the check again.

    Example: iot-dr switch back eu-west-1 --env dev --reason "messages go through again"
    """
    command = SwitchCommand(
        env, region, "back", reason, yes=yes, force=force, as_json=as_json, without=without
    )
    raise typer.Exit(run(command, command.switching()))


@dataclass(frozen=True)
class SwitchCommand:
    """The arguments of `switch away` or `switch back`."""

    environment: str
    region: str
    action: Action
    reason: str
    yes: bool
    force: bool
    as_json: bool
    without: str | None = None
    drain: float | None = None

    def switching(self) -> Switching:
        """Return the use of the switch; raises UsageError and SettingsError."""
        settings = load_without_cross_checks(self.environment)
        return Switching(settings, self.region, self.action, probe)

    def print(self, lines: Iterable[str]) -> None:
        """Print lines for people, on standard error if standard output is JSON."""
        for line in lines:
            echo(line, err=self.as_json)


def run(command: SwitchCommand, switching: Switching, draining: Draining | None = None) -> int:
    """Set the switch after a confirmation; return the exit status.

    0, 3 if an alarm region did not accept a switch back or the region is not drained, 1 if
    declined, 130 after Ctrl-C.
    """
    reason = checked_reason(command.reason)
    if command.drain is not None:
        draining = draining or Draining(
            settings=switching.settings, region=switching.region, rate=command.drain
        )
    if command.without is not None:
        refuse_without(command.without, switching)
    if not command.yes:
        refuse_without_terminal("switch")
    try:
        situation = switching.observe()
        command.print(outlook_lines(switching, situation))
        with drain_run(draining, situation) as drain:
            return _switched(command, switching, situation, reason, drain)
    except KeyboardInterrupt:
        echo(_CUT_SHORT[switching.stage], err=True)
        if draining and switching.stage == "set":
            echo(f"To continue the drain: {resume_command(draining)}", err=True)
        return ExitStatus.INTERRUPTED


def _switched(
    command: SwitchCommand,
    switching: Switching,
    situation: SwitchSituation,
    reason: str,
    drain: DrainRun | None,
) -> int:
    if drain:
        command.print(drain.lines())
    _refuse(command, situation)
    if not _agrees(command, switching, situation.kept):
        echo("Declined: nothing was switched.", err=True)
        return ExitStatus.FAILED
    result = _set(command, switching, situation.who, reason)
    alarm = switching.alarm()
    command.print(done_lines(switching, result, alarm, command.without))
    if command.without:
        # Printed before: this needs us-east-1, and may fail although the switch is set.
        removed = switching.remove_alarm_region(command.without)
        command.print(without_lines(switching, command.without, removed))
    is_incomplete = command.action == "back" and result.unset.keys() - {command.without}
    content = document(switching, situation, result, alarm)
    if drain:
        command.print(drain.run(result.record))
        content["drain"] = drain.document()
        is_incomplete = bool(drain.problem)
    exit_status = ExitStatus.NOT_GOOD if is_incomplete else 0
    if command.as_json:
        print_document(f"switch {command.action}", content, exit_status, command.environment)
    return exit_status


def _refuse(command: SwitchCommand, situation: SwitchSituation) -> None:
    """Raise RefusedError if there is a reason against switching, without --force."""
    if isinstance(situation.rotation, UserError):
        echo(
            f"Note: it is not known whether {command.region} is being rotated:"
            f" {situation.rotation}",
            err=True,
        )
    for refusal in refusals(situation):
        if not command.force:
            raise RefusedError(refusal)
        echo(f"Forced: {refusal}", err=True)


def _set(command: SwitchCommand, switching: Switching, who: str, reason: str) -> SwitchResult:
    with deferred_signals(_say_setting):
        switching.register(who, reason, forced=command.force)
    if seconds := switching.seconds_to_wait():
        echo(
            f"Waiting {seconds:.0f} s: until then a publisher that has read `away` may put it, and"
            " an alarm uses the maximum of each minute.",
            err=True,
        )
        time.sleep(seconds)
    with deferred_signals(_say_setting):
        return switching.set()


def _say_setting() -> None:
    echo("Wait: the switch is being set.", err=True)


def _agrees(command: SwitchCommand, switching: Switching, known: AuditRecord | UserError) -> bool:
    """Ask for confirmation unless --yes, and again if the switch was used before the answer.

    `known` is the newest record that the operator has seen, or why it cannot be read.
    """
    while command.yes or typed_yes("switch"):
        if isinstance(known, UserError):
            return True
        newest = switching.newest()
        if newest.number == known.number:
            return True
        command.print(["Somebody used this switch before you confirmed.", *record_lines(newest)])
        if command.yes:
            return True
        known = newest
    return False
