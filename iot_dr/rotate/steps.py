"""The steps of a rotation, one by one."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from iot_dr.rotate.drain import DrainSight
from iot_dr.rotate.look import Step, alone
from iot_dr.rotate.record import Rotation
from iot_dr.rotate.runs import run_before, runs
from iot_dr.rotate.site import Site
from iot_dr.rotate.waiting import wait_until
from iot_dr.rotate.workbench import Planned, UnexpectedChangeError, workbench
from iot_dr.signals import deferred_signals
from iot_dr.status.unknown import Unknown
from iot_dr.switch.metric import Action
from iot_dr.terraform.change import totals
from iot_dr.user_error import UserError

IN_A_ROW: Final = 3
"""So often in a row both names must serve the new certificate: AWS has many servers."""

_REASON: Final = "rotation of the server certificate"
_PUTTING: Final = b"Wait: the switch is being put.\n"


class MeanwhileError(UserError):
    """Somebody else was at this rotation since it was looked at."""


class AloneError(UserError):
    """There is no other region to take the devices."""


class Reporter(Protocol):
    """Is told how a rotation goes on."""

    def begins(self, step: Step) -> None:
        """Note that a step begins."""
        ...

    def waits(self, seconds: float, missing: str) -> None:
        """Note what a step waits for, `seconds` after its begin."""
        ...

    def tells(self, text: str) -> None:
        """Note something that was done or seen."""
        ...


@dataclass(frozen=True, kw_only=True)
class Steps:
    """The steps of one region's rotation; each may be done again, and then changes nothing more."""

    site: Site
    reporter: Reporter

    def put(self, action: Action, who: str) -> None:
        """Put the region's switch, as `who`; raises AwsError, NoRecordError."""
        self.reporter.begins(action)
        switching = self.site.switching(action)
        if action == "back" and (seconds := switching.seconds_to_wait(switching.newest())):
            self.reporter.waits(0, f"the minute of the switch away ends in {seconds:.0f} s")
            self.site.waits.pause(seconds)
        with deferred_signals(lambda: _say(_PUTTING)):
            switching.put(who, _REASON, forced=False)
        self.reporter.tells(f"{self.site.region} is switched {action}.")

    def drain(self) -> None:
        """Wait until no new devices come.

        Raises NotInTimeError, and AloneError when there is no other region any more.
        """
        self.reporter.begins("drain")
        drain, waits = self.site.drain(), self.site.waits
        seconds = wait_until(drain.missing, waits.patience(waits.drain), self.reporter.waits)
        told = " ".join(_left(drain.seen)) if drain.seen else ""
        self.reporter.tells(f"Drained after {seconds:.0f} s. {told}")
        # It may have taken half an hour.
        if problem := alone(self.site.look().outlook):
            raise AloneError(f"nothing was replaced: {problem}")

    def replace(self, rotation: Rotation) -> str:
        """Replace the certificate and what serves it, or what is left of that; give the new ARN.

        Raises TerraformError, UnexpectedChangeError, and MeanwhileError when somebody else does it.
        """
        self.reporter.begins("replace")
        site = self.site
        with workbench(site.settings, site.provider) as bench:
            is_new = bench.certificate(site.owner) != rotation.before
            own, *rest = runs(site.settings, site.region, is_new=is_new)
            planned = bench.plan(own)
            if not is_new and planned.certificate != rotation.before:
                raise MeanwhileError(
                    "somebody replaced the certificate meanwhile; run the command again"
                )
            before = run_before(site.settings, site.region)
            if before and planned.changes:
                self._carry_out(bench.plan(before))
            self._carry_out(planned)
            for run in rest:
                self._carry_out(bench.plan(run))
            arn = bench.certificate(site.owner)
        if arn in {None, rotation.before}:
            raise UnexpectedChangeError(
                f"{site.owner}: Terraform is done, and the certificate is as it was"
            )
        self.reporter.tells(f"The certificate is now {arn}.")
        return str(arn)

    def serve(self, arn: str) -> str:
        """Wait until both names serve the certificate; give its SHA-256 in hexadecimal digits.

        Raises NotInTimeError.
        """
        self.reporter.begins("serve")
        serving, waits = self.site.serving(arn), self.site.waits
        patience = waits.patience(waits.serve)
        seconds = wait_until(serving.missing, patience, self.reporter.waits, in_a_row=IN_A_ROW)
        issued = str(serving.last[0].issued)
        self.reporter.tells(f"Served by both names after {seconds:.0f} s: SHA-256 {issued}.")
        return issued

    def _carry_out(self, planned: Planned) -> None:
        self.reporter.tells(f"{planned.run.stack}: {totals(planned.changes)}")
        planned.apply()


def _left(seen: DrainSight) -> Iterator[str]:
    """Tell what is known of those who are cut off when the domain configurations go."""
    if isinstance(seen.connects, Unknown):
        yield f"Whether devices still connect is unknown: {seen.connects.reason}."
    elif seen.connects:
        yield f"{seen.connects} connects in the last 5 minutes all the same (--force)."
    if isinstance(seen.pings, Unknown):
        yield f"Whether devices are still connected is unknown: {seen.pings.reason}."
    elif seen.pings:
        yield (
            f"Devices are still connected ({seen.pings} pings in the last 5 minutes, of the whole"
            " account): they are cut off now."
        )
    else:
        yield "No ping in the last 5 minutes: no device seems to be connected."


def _say(text: bytes) -> None:
    os.write(sys.stderr.fileno(), text)
