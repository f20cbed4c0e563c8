"""A run: goes through the steps, goes on where an earlier one stopped, and undoes a failure."""

from collections.abc import Iterator
from dataclasses import dataclass

from iot_dr.acceptance.bench import Bench
from iot_dr.acceptance.catalogue import STEPS
from iot_dr.acceptance.estimate import Estimate
from iot_dr.acceptance.fault import Fault
from iot_dr.acceptance.journal import Attempt, Journal, end_journal, read_journal, write_journal
from iot_dr.acceptance.step import SkippedError, Step
from iot_dr.acceptance.steps import put_back
from iot_dr.acceptance.transcript import Transcript


@dataclass(frozen=True)
class Acceptance:
    """One environment's run; its journal and transcript are written after each step."""

    bench: Bench
    estimate: Estimate
    journal: Journal

    @classmethod
    def opened(cls, bench: Bench, estimate: Estimate) -> "Acceptance":
        """Go on with the run that the folder's journal has, or begin one; raises JournalError."""
        now = bench.clock.now()
        journal = read_journal(bench.folder)
        if journal is None:
            journal = Journal(environment=bench.settings.environment, began=now)
        elif journal.attempts:
            journal.resumed.append(now)
        return cls(bench, estimate, journal)

    @property
    def next(self) -> Step | None:
        """The first step that is not behind the run."""
        return next((step for step in STEPS if not self.journal.done(step.name)), None)

    @property
    def transcript(self) -> Transcript:
        """The record of the run so far."""
        return Transcript(
            bench=self.bench,
            journal=self.journal,
            estimate=self.estimate,
            left=tuple(self._left()),
        )

    def run(self) -> bool:
        """Take every step that is left; return whether all of them passed.

        Ctrl-C leaves the step to be taken again. A failure is recorded, and what led devices away
        is undone.
        """
        while step := self.next:
            self.bench.tell(f"{STEPS.index(step) + 1}/{len(STEPS)} {step.name}: {step.does}")
            attempt = self.journal.begin(step.name, self.bench.clock.now())
            self._write()
            try:
                attempt.evidence = dict(step.work(self.bench, self.journal))
                attempt.outcome = "passed"
            except SkippedError as error:
                attempt.outcome, attempt.problem = "skipped", str(error)
            except Exception as error:  # noqa: BLE001 - whatever it is, devices must be led back
                self._fail(step, attempt, error)
                return False
            self._end(attempt)
        end_journal(self.bench.folder)
        return True

    def _fail(self, step: Step, attempt: Attempt, error: Exception) -> None:
        attempt.outcome = "failed"
        attempt.problem = " ".join(str(error).split()) or type(error).__name__
        self._end(attempt)
        if step.again_from is None:
            return
        self.bench.tell("    undoing what leads devices away")
        self.journal.put_back = put_back(self.bench)
        block = tuple(each.name for each in STEPS if each.again_from == step.again_from)
        self.journal.undo(block)
        self._write()

    def _end(self, attempt: Attempt) -> None:
        attempt.ended = self.bench.clock.now()
        self._write()
        found = ", ".join(f"{what} {value}" for what, value in attempt.evidence.items())
        self.bench.tell(f"    {attempt.outcome}: {attempt.problem or found}")

    def _write(self) -> None:
        write_journal(self.journal, self.bench.folder)
        self.transcript.write()

    def _left(self) -> Iterator[str]:
        own, journal = self.bench.settings, self.journal
        name = own.environment
        again = f"make acceptance ENV={name} PROVIDER=aws"
        if (step := self.next) is not None:
            yield f"the same command goes on at the step `{step.name}`: {again}"
        begun = {each.step for each in journal.attempts}
        away = "away" in begun and not journal.done("back")
        denied = "canary fails" in begun and not journal.done("latch cleared")
        if away or denied:
            back = f"iot-dr switch back {own.primary_region} --env {name} --reason TEXT"
            yield f"devices are led away until: {back}"
        if denied:
            yield from Fault(own, self.bench.clients).undo_by_hand()
        if self.bench.device.exists:
            yield f"the test device {self.bench.device.thing} in {', '.join(own.regions)}"
        if "deploy" in begun and not journal.done("destroy"):
            yield f"the environment stands: iot-dr destroy --env {name} --provider aws"
        elif (last := journal.last("destroy")) and last.outcome == "passed":
            yield "zone, states and tables, which no command removes: docs/runbooks/deploy.md"
