"""An acceptance run: takes the steps, resumes an interrupted run, and undoes a failure."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from iot_dr.acceptance.account import verify_account
from iot_dr.acceptance.catalogue import STEPS
from iot_dr.acceptance.commands import NOT_DONE
from iot_dr.acceptance.estimate import Estimate
from iot_dr.acceptance.fault import Fault
from iot_dr.acceptance.journal import Attempt, Journal, end_journal, read_journal, write_journal
from iot_dr.acceptance.step import SkippedError, Step
from iot_dr.acceptance.steps import ALLOWED, undo
from iot_dr.acceptance.tools import RunTools
from iot_dr.acceptance.transcript import Transcript


@dataclass(frozen=True)
class Acceptance:
    """The run of one environment; its journal and transcript are written after each step."""

    tools: RunTools
    estimate: Estimate
    journal: Journal

    @classmethod
    def opened(cls, tools: RunTools, estimate: Estimate) -> "Acceptance":
        """Resume the run in the folder's journal, or begin one.

        Raises VerificationError for another account, JournalError for a run of other settings.
        """
        verify_account(tools)
        now = tools.clock.now()
        journal = read_journal(tools.folder, tools.settings)
        if journal is None:
            journal = Journal.of(tools.settings, now)
        elif journal.attempts:
            journal.resumed.append(now)
            journal.put_back = []
        return cls(tools, estimate, journal)

    @property
    def next(self) -> Step | None:
        """The first step that is not done."""
        return next((step for step in STEPS if not self.journal.done(step.name)), None)

    @property
    def transcript(self) -> Transcript:
        """The record of the run so far."""
        return Transcript(
            tools=self.tools,
            journal=self.journal,
            estimate=self.estimate,
            left=tuple(self._left()),
        )

    def run(self) -> bool:
        """Take every remaining step; return whether all of them passed.

        Ctrl-C leaves the step to be repeated. A failure is recorded, and what directs devices away
        is undone.
        """
        while step := self.next:
            attempt = self.journal.begin(step.name, self.tools.clock.now())
            try:
                self._take(step, attempt)
            except Exception as error:  # noqa: BLE001 - whatever it is, devices must be led back
                self._fail(step, attempt, error)
                return False
        end_journal(self.tools.folder)
        return True

    def _take(self, step: Step, attempt: Attempt) -> None:
        self.tools.show(f"{STEPS.index(step) + 1}/{len(STEPS)} {step.name}: {step.does}")
        self._write()
        # Credentials that were renewed in a file are read by new clients only, and may be of
        # another account now.
        self.tools.clients.renew()
        verify_account(self.tools)
        try:
            attempt.evidence = dict(step.work(self.tools, self.journal))
            attempt.outcome = "passed"
        except SkippedError as error:
            attempt.outcome, attempt.problem = "skipped", str(error)
        attempt.ended = self.tools.clock.now()
        self._write()
        evidence = ", ".join(f"{what} {value}" for what, value in attempt.evidence.items())
        self.tools.show(f"    {attempt.outcome}: {attempt.problem or evidence}")

    def _fail(self, step: Step, attempt: Attempt, error: Exception) -> None:
        """Record a failure; a broken pipe or a full disk must not keep devices away."""
        attempt.outcome, attempt.ended = "failed", self.tools.clock.now()
        attempt.problem = " ".join(str(error).split()) or type(error).__name__
        tools = replace(self.tools, show=self._show_if_possible)
        tools.show(f"    failed: {attempt.problem}")
        try:
            if step.again_from is not None:
                # First, so that the step does not count as passed if undoing is interrupted.
                self.journal.undo(_block(step.again_from))
                tools.show("    undoing what leads devices away")
                undo(tools, self.journal.put_back)
        finally:
            self._write()

    def _show_if_possible(self, line: str) -> None:
        # ValueError: the output is closed, or its encoding has not all characters of an error.
        with suppress(OSError, ValueError):
            self.tools.show(line)

    def _write(self) -> None:
        write_journal(self.journal, self.tools.folder)
        self.transcript.write()

    def _left(self) -> Iterator[str]:
        own, journal = self.tools.settings, self.journal
        name = own.environment
        again = f"make acceptance ENV={name} PROVIDER=aws"
        if (step := self.next) is not None:
            yield f"the same command goes on at the step `{step.name}`: {again}"
        put_back = journal.put_back
        denied = self._is_open("canary fails") or f"{NOT_DONE}{ALLOWED}" in "\n".join(put_back)
        away = self._is_open("away") or (put_back and put_back[-1].startswith(NOT_DONE))
        if denied:
            yield from Fault(own, self.tools.clients).undo_by_hand()
        if away or denied:
            back = f"iot-dr switch back {own.primary_region} --env {name} --reason TEXT"
            yield f"devices may be led away until: {back}"
        if self.tools.device.exists:
            yield f"the test device {self.tools.device.thing} in {', '.join(own.regions)}"
            yield from self.tools.device.remove_by_hand()
        if journal.done("destroy") and not journal.stood_before:
            kept = "zone, states, tables and pipelines"
            yield f"{kept}, which no command removes: docs/runbooks/deploy.md"
        elif journal.last("deploy") and not journal.stood_before:
            yield f"the environment stands: iot-dr destroy --env {name} --provider aws"

    def _is_open(self, block: str) -> bool:
        """Whether steps that direct devices away were begun, and not ended or undone."""
        names = _block(block)
        outcomes = {last.outcome for name in names if (last := self.journal.last(name))}
        return not self.journal.done(names[-1]) and not outcomes.isdisjoint({"running", "passed"})


def _block(again_from: str) -> tuple[str, ...]:
    return tuple(each.name for each in STEPS if each.again_from == again_from)
