"""An acceptance run: runs the steps, resumes an interrupted run, undoes a failure."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from iot_dr.acceptance.account import verify_account
from iot_dr.acceptance.catalogue import STEPS
from iot_dr.acceptance.commands import NOT_DONE
from iot_dr.acceptance.estimate import Estimate
from iot_dr.acceptance.fault import PublishFault
from iot_dr.acceptance.journal import (
    AcceptanceJournal,
    Attempt,
    end_journal,
    read_journal,
    write_journal,
)
from iot_dr.acceptance.step import SkippedError, Step
from iot_dr.acceptance.steps import ALLOWED, undo
from iot_dr.acceptance.tools import RunTools
from iot_dr.acceptance.transcript import Transcript


@dataclass(frozen=True)
class Acceptance:
    """The run of one environment; its journal and transcript are written after each step.

    `steps` are those of the whole run, or single probes.
    """

    tools: RunTools
    estimate: Estimate
    journal: AcceptanceJournal
    steps: tuple[Step, ...] = STEPS

    @classmethod
    def opened(
        cls, tools: RunTools, estimate: Estimate, steps: tuple[Step, ...] = STEPS
    ) -> "Acceptance":
        """Resume the run of the folder's journal, or start a new one.

        Raises VerificationError for another account, AwsError if STS fails, and what `read_journal`
        raises.
        """
        verify_account(tools)
        now = tools.clock.now()
        journal = read_journal(tools.folder, tools.settings)
        if journal is None:
            journal = AcceptanceJournal.of(tools.settings, now)
        elif journal.attempts:
            journal.resumed.append(now)
            journal.put_back = []
        return cls(tools, estimate, journal, steps)

    @property
    def next(self) -> Step | None:
        """The first step that has not passed or been skipped."""
        return next((step for step in self.steps if not self.journal.done(step.name)), None)

    @property
    def transcript(self) -> Transcript:
        """The transcript of the run so far."""
        return Transcript(
            tools=self.tools,
            journal=self.journal,
            estimate=self.estimate,
            remaining=tuple(self._remaining()),
            steps=self.steps,
        )

    def run(self) -> bool:
        """Run all remaining steps; return False if one fails.

        A failure is recorded, and devices are moved back. Ctrl-C raises KeyboardInterrupt, and the
        next run repeats the step.
        """
        while step := self.next:
            attempt = self.journal.begin(step.name, self.tools.clock.now())
            try:
                self._take(step, attempt)
            except Exception as error:  # noqa: BLE001 - devices must move back after any error
                self._fail(step, attempt, error)
                return False
        end_journal(self.tools.folder)
        return True

    def _take(self, step: Step, attempt: Attempt) -> None:
        self.tools.show(
            f"{self.steps.index(step) + 1}/{len(self.steps)} {step.name}: {step.action}"
        )
        self._write()
        # Only new clients read renewed credentials from a file, which may be of another account.
        self.tools.clients.renew()
        verify_account(self.tools)
        try:
            attempt.evidence = dict(step.work(self.tools, self.journal))
            attempt.outcome = "passed"
        except SkippedError as error:
            attempt.outcome, attempt.problem = "skipped", str(error)
        attempt.ended = self.tools.clock.now()
        self._write()
        evidence = ", ".join(f"{name} {value}" for name, value in attempt.evidence.items())
        self.tools.show(f"    {attempt.outcome}: {attempt.problem or evidence}")

    def _fail(self, step: Step, attempt: Attempt, error: Exception) -> None:
        """Record a failure and undo it; a broken pipe or full disk must not prevent that."""
        attempt.outcome, attempt.ended = "failed", self.tools.clock.now()
        attempt.problem = " ".join(str(error).split()) or type(error).__name__
        tools = replace(self.tools, show=self._show_if_possible)
        tools.show(f"    failed: {attempt.problem}")
        try:
            if step.restart_from is not None:
                # First, so that no step counts as passed if undoing is interrupted.
                self.journal.undo(_block(step.restart_from))
                tools.show("    moving devices back to the primary")
                undo(tools, self.journal.put_back)
        finally:
            self._write()

    def _show_if_possible(self, line: str) -> None:
        # ValueError: the output is closed, or its encoding lacks a character.
        with suppress(OSError, ValueError):
            self.tools.show(line)

    def _write(self) -> None:
        write_journal(self.journal, self.tools.folder)
        self.transcript.write()

    def _remaining(self) -> Iterator[str]:
        own, journal = self.tools.settings, self.journal
        name = own.environment
        only = "" if self.steps is STEPS else f" ONLY={','.join(each.name for each in self.steps)}"
        again = f"make acceptance ENV={name} PROVIDER=aws{only}"
        if (step := self.next) is not None:
            yield f"the same command continues at the step `{step.name}`: {again}"
            if step.removal_commands and journal.last(step.name):
                yield from step.removal_commands(self.tools)
        put_back = journal.put_back
        denied = self._is_open("canary fails") or f"{NOT_DONE}{ALLOWED}" in "\n".join(put_back)
        away = self._is_open("away") or (put_back and put_back[-1].startswith(NOT_DONE))
        if denied:
            yield from PublishFault(own, self.tools.clients).undo_commands()
        if away or denied:
            back = f"iot-dr switch back {own.primary_region} --env {name} --reason TEXT"
            yield f"devices may be switched away until: {back}"
        if self.tools.device.exists:
            yield f"the test device {self.tools.device.thing} in {', '.join(own.regions)}"
            yield from self.tools.device.removal_commands()
        if journal.done("destroy") and not journal.stood_before:
            kept = "zone, states, tables and pipelines"
            yield f"{kept}, which no command removes; see docs/runbooks/deploy.md"
        elif journal.last("deploy") and not journal.stood_before:
            yield f"the environment exists: iot-dr destroy --env {name} --provider aws"

    def _is_open(self, block: str) -> bool:
        """Whether steps that move devices away were started, and not finished or undone."""
        names = _block(block)
        outcomes = {last.outcome for name in names if (last := self.journal.last(name))}
        return not self.journal.done(names[-1]) and not outcomes.isdisjoint({"running", "passed"})


def _block(restart_from: str) -> tuple[str, ...]:
    return tuple(each.name for each in STEPS if each.restart_from == restart_from)
