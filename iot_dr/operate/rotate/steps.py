"""The steps of a rotation."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from iot_dr.common.signals import deferred_signals
from iot_dr.common.terraform_binary import product
from iot_dr.common.waiting import wait_until
from iot_dr.observe.status.unknown import UnknownValue
from iot_dr.observe.switch.metric import Action
from iot_dr.operate.drain.draining import Draining, use_of
from iot_dr.operate.drain.other_regions import NoOtherRegionError
from iot_dr.operate.rotate.claim import REASON, Claim, ConcurrentRotationError
from iot_dr.operate.rotate.drain import DrainView
from iot_dr.operate.rotate.rotation_target import RotationTarget
from iot_dr.operate.rotate.rotation_terraform import (
    PlannedRun,
    RotationTerraform,
    UnexpectedChangeError,
)
from iot_dr.operate.rotate.runs import run_before, runs
from iot_dr.operate.rotate.situation import Step
from iot_dr.terraform_json.change import totals

IN_A_ROW: Final = 3
"""The number of successive probes that must see the new certificate.

assumed: AWS has many servers, which do not change at once; AWS documents neither.
"""

_PUTTING: Final = b"Wait: the switch is being set.\n"


class Reporter(Protocol):
    """Callbacks for the progress of a rotation."""

    def begin(self, step: Step) -> None:
        """Report that a step begins."""
        ...

    def wait(self, seconds: float, missing: str) -> None:
        """Report what a step waits for, `seconds` after its start."""
        ...

    def report(self, text: str) -> None:
        """Report something that was done or read."""
        ...


@dataclass(frozen=True, kw_only=True)
class Steps:
    """The steps of one region's rotation; repeating a finished step changes nothing."""

    site: RotationTarget
    reporter: Reporter

    def set_switch(self, action: Action, who: str) -> None:
        """Set the region's switch as soon as it can be set; raises AwsError, NoRecordError.

        `who` is recorded as the caller.
        """
        self.reporter.begin(action)
        switching = self.site.switching(action)
        with deferred_signals(lambda: _say(_PUTTING)):
            switching.register(who, REASON, forced=False)
        if seconds := switching.seconds_to_wait():
            self.reporter.wait(0, f"its publisher may put `away` for {seconds:.0f} s more")
            self.site.waits.pause(seconds)
        with deferred_signals(lambda: _say(_PUTTING)):
            result = switching.set()
        self.reporter.report(f"{self.site.region} is switched {action}.")
        for alarm_region, error in result.unset.items():
            self.reporter.report(f"Warning: it was not set in {alarm_region}: {error}")
            if action == "back":
                self.reporter.report(
                    f"If the alarm in {alarm_region} is ALARM, devices stay away. Once"
                    f" {alarm_region} answers: iot-dr switch back {self.site.region}"
                    f" --env {self.site.settings.environment} --reason TEXT"
                )

    def drain(self) -> None:
        """Close connections with `drain_rate`, and wait until the region is drained.

        Raises WaitTimeoutError, and what `Draining.run` raises.
        """
        self.reporter.begin("drain")
        if draining := self.site.draining():
            self._close_connections(draining)
        drain, waits = self.site.drain(), self.site.waits
        seconds = wait_until(drain.missing, waits.poll_limits(waits.drain), self.reporter.wait)
        remaining = " ".join(_left(drain.seen)) if drain.seen else ""
        self.reporter.report(f"Drained after {seconds:.0f} s. {remaining}")

    def _close_connections(self, draining: Draining) -> None:
        look = self.site.look()
        situation, use = draining.look(look.outlook), use_of(look.kept)
        with draining.ledger(use) as ledger:
            draining.run(situation, ledger, use, self.reporter.wait)
            self.reporter.report(ledger.summary())

    def replace(self, claim: Claim, *, has_endpoint: bool) -> str:
        """Replace the certificate and its dependents, or the remaining part; return the new ARN.

        While the region `has_endpoint`, it must still be switched away, and another region must
        still serve its devices. Raises TerraformError and UnexpectedChangeError; and, before
        anything is replaced, NoOtherRegionError, AwsError, or ConcurrentRotationError for a newer
        record or a region that was switched back.
        """
        self.reporter.begin("replace")
        with self.site.workbench(self.site.settings, self.site.provider) as bench:
            self._replace(bench, claim, has_endpoint=has_endpoint)
            arn = bench.certificate(self.site.owner)
        if arn in {None, claim.rotation.before}:
            raise UnexpectedChangeError(
                f"{self.site.owner}: {product()} has finished, but the certificate is unchanged"
            )
        self.reporter.report(f"The certificate is now {arn}.")
        return str(arn)

    def _replace(self, bench: RotationTerraform, claim: Claim, *, has_endpoint: bool) -> None:
        settings, region, old = self.site.settings, self.site.region, claim.rotation.before
        # Planned in the order of the changes, so that one of two operators has a stale plan.
        run = run_before(settings, region)
        before = bench.plan(run) if run else None
        is_new = bench.certificate(self.site.owner) != old
        own, *rest = runs(settings, region, is_new=is_new)
        planned = bench.plan(own)
        if not is_new and planned.certificate != old:
            raise ConcurrentRotationError(
                "somebody else has replaced the certificate; run the command again"
            )
        claim.refuse_newer()
        if has_endpoint:
            self._refuse_alone()
            claim.refuse_switched_back()
        if before and planned.changes:
            self._carry_out(before)
        self._carry_out(planned)
        for later in rest:
            self._carry_out(bench.plan(later))

    def _refuse_alone(self) -> None:
        # Draining can take half an hour.
        problem = self.site.elsewhere(self.site.look()).problem(is_forced=self.site.is_forced)
        if problem:
            raise NoOtherRegionError(f"nothing was replaced: {problem}")

    def repair(self) -> str:
        """Recreate the missing parts of the endpoint; return the ARN of its certificate.

        It is the certificate in the state, old or new, or a new one if there is none. Raises
        TerraformError, UnexpectedChangeError.
        """
        self.reporter.begin("replace")
        with self.site.workbench(self.site.settings, self.site.provider) as bench:
            for run in runs(self.site.settings, self.site.region, is_new=True):
                self._carry_out(bench.plan(run))
            arn = bench.certificate(self.site.owner)
        self.reporter.report(f"The certificate is {arn}.")
        return str(arn)

    def serve(self, arn: str) -> str:
        """Wait until both names serve the certificate; return its SHA-256 in hexadecimal digits.

        Raises WaitTimeoutError.
        """
        self.reporter.begin("serve")
        serving, waits = self.site.serving(arn), self.site.waits
        patience = waits.poll_limits(waits.serve)
        seconds = wait_until(serving.missing, patience, self.reporter.wait, in_a_row=IN_A_ROW)
        issued = str(serving.last[0].issued)
        self.reporter.report(f"Served by both names after {seconds:.0f} s: SHA-256 {issued}.")
        return issued

    def _carry_out(self, planned: PlannedRun) -> None:
        self.reporter.report(f"{planned.run.stack}: {totals(planned.changes)}")
        planned.apply()


def _left(seen: DrainView) -> Iterator[str]:
    """Yield what is known of devices that will be cut off."""
    if isinstance(seen.connects, UnknownValue):
        yield f"Whether devices still connect is unknown: {seen.connects.reason}."
    elif seen.connects:
        yield f"{seen.connects} connects in the last 5 minutes, ignored (--force)."
    if isinstance(seen.pings, UnknownValue):
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
