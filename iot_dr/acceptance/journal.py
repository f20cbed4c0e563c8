"""The journal of a run, from which the same command resumes it."""

from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ValidationError

from environments.settings import Settings
from iot_dr.common.regular_file import content_of
from iot_dr.common.user_error import UserError
from iot_dr.common.whole_file import whole_file

ROOT: Final = Path(".acceptance")
"""The folder of all runs, in the working directory."""

Outcome = Literal["running", "passed", "skipped", "failed", "undone"]
"""An interrupted attempt stays `running`; an `undone` one must be repeated."""

_JOURNAL: Final = "journal.json"


class JournalError(UserError):
    """The file is not a journal, or belongs to other settings."""


class Attempt(BaseModel):
    """One attempt at a step, with its evidence; times are in seconds since 1970.

    `since` is when its wait began, maybe in an earlier, interrupted attempt.
    """

    step: str
    began: float
    since: float
    ended: float | None = None
    outcome: Outcome = "running"
    evidence: dict[str, str] = {}
    problem: str = ""


class AcceptanceJournal(BaseModel):
    """Journal of a run: its attempts in order, and the times at which it was resumed.

    `settings` are those that must not change during the run. `stood_before`: the environment
    existed before the run, which then does not remove it. `put_back` has a line for each action
    after a failure that was undone or could not be undone.
    """

    settings: dict[str, str]
    began: float
    attempts: list[Attempt] = []
    resumed: list[float] = []
    stood_before: bool = False
    put_back: list[str] = []

    @classmethod
    def of(cls, settings: Settings, began: float) -> "AcceptanceJournal":
        """Return the journal of a new run."""
        return cls(settings=_fixed(settings), began=began)

    def done(self, step: str) -> bool:
        """Whether a step has passed or was skipped."""
        last = self.last(step)
        return last is not None and last.outcome in {"passed", "skipped"}

    def last(self, step: str) -> Attempt | None:
        """Return the latest attempt at a step."""
        return next((each for each in reversed(self.attempts) if each.step == step), None)

    def begin(self, step: str, now: float) -> Attempt:
        """Add an attempt; after an interruption it keeps the start of the wait."""
        last = self.last(step)
        # An attempt that is still `running` in the journal was interrupted.
        since = last.since if last is not None and last.outcome == "running" else now
        attempt = Attempt(step=step, began=now, since=since)
        self.attempts.append(attempt)
        return attempt

    def undo(self, steps: tuple[str, ...]) -> None:
        """Mark passed and running attempts at these steps as undone."""
        for attempt in self.attempts:
            if attempt.step in steps and attempt.outcome in {"passed", "running"}:
                attempt.outcome = "undone"


def read_journal(folder: Path, settings: Settings) -> AcceptanceJournal | None:
    """Return the journal of the unfinished run in `folder`; None if the file is missing.

    Raises JournalError if the file is not a journal or belongs to other settings, and OSError if it
    cannot be read.
    """
    file = folder / _JOURNAL
    try:
        journal = AcceptanceJournal.model_validate_json(content_of(file))
    except FileNotFoundError:
        return None
    except ValidationError as error:
        raise JournalError(
            f"{file}: not a journal of a run: {error.errors()[0]['msg']}; check the account with"
            " `iot-dr status`, then remove the file"
        ) from None
    for name, now in _fixed(settings).items():
        if (before := journal.settings.get(name)) != now:
            raise JournalError(
                f"{file}: {name}: must stay {before} during the run, not {now} (PRIMARY_REGION"
                " may change it); restore the setting, or remove the run's resources, which its"
                " transcript lists, and the file"
            )
    return journal


def _fixed(settings: Settings) -> dict[str, str]:
    regions = ", ".join(settings.failover_order)
    return {"account_id": settings.account_id, "failover_order": regions}


def write_journal(journal: AcceptanceJournal, folder: Path) -> None:
    """Write the journal atomically."""
    with whole_file(folder / _JOURNAL, 0o600) as file:
        file.write(journal.model_dump_json(indent=2).encode())


def end_journal(folder: Path) -> None:
    """Remove the journal of a run that passed."""
    (folder / _JOURNAL).unlink()
