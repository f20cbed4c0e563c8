"""What the commands of `iot-dr adopt` share: options, arguments, confirmation and refusals."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer

from environments.loader import load_without_cross_checks
from environments.project import settings_file
from environments.settings import Settings
from iot_dr.cli.confirmation import RefusedError, refuse_without_terminal, typed_yes
from iot_dr.cli.json_output import print_document
from iot_dr.cli.options import given_path
from iot_dr.cli.text import echo
from iot_dr.common.signals import deferred_signals
from iot_dr.common.user_error import UsageError
from iot_dr.observe.switch.record_sets import RecordSet, described
from iot_dr.operate.adopt.batch_folder import BatchFolder
from iot_dr.operate.adopt.change_batch import ChangeBatch
from iot_dr.operate.adopt.device_name import ExistingNameRecords

DECLINED: Final = 1

FolderOption = Annotated[
    Path | None,
    typer.Option(
        "--folder",
        help="Folder of the change batches. Default: adopt-ENV in the working folder.",
        metavar="FOLDER",
        parser=given_path,
    ),
]
ForceOption = Annotated[bool, typer.Option("--force", help="Continue in spite of a refusal.")]


@dataclass(frozen=True)
class Proposal:
    """A change of the device name, and what speaks against it now."""

    batch: ChangeBatch
    reasons: Sequence[str] = ()


@dataclass(frozen=True)
class AdoptionCommand:
    """The arguments of a command, and the records and files that it works on."""

    settings: Settings
    records: ExistingNameRecords
    folder: BatchFolder
    yes: bool
    as_json: bool

    @classmethod
    def of(cls, env: str, folder: Path | None, *, yes: bool, as_json: bool) -> "AdoptionCommand":
        """Load the settings; raises SettingsError, and UsageError if nobody can confirm."""
        settings = load_without_cross_checks(env)
        batches = BatchFolder(folder or Path(f"adopt-{env}"))
        if not yes:
            refuse_without_terminal("change the device name")
        return cls(settings, ExistingNameRecords(settings), batches, yes, as_json)

    def require_old_record(self) -> None:
        """Raise UsageError if the settings say that the old record is replaced already."""
        if self.records.existing.cut_over:
            environment = self.settings.environment
            raise UsageError(
                f"{settings_file(environment)}: existing.cut_over is true, so the device name has"
                f" its failover records; iot-dr adopt back --env {environment} restores the old"
                " record"
            )

    def print(self, *lines: str) -> None:
        """Print lines for people, on standard error if standard output is JSON."""
        for line in lines:
            echo(line, err=self.as_json)

    def show(self, title: str, records: Iterable[RecordSet]) -> None:
        """Print records below a title."""
        self.print(title, *(f"  {described(record)}" for record in records))

    def confirmed(
        self, shown: Proposal, read: Callable[[], Proposal], *, force: bool = False
    ) -> bool:
        """Whether the user confirms a change that was shown, and it is the same afterwards.

        Raises RefusedError if the records differ by then, or for a new reason unless it is forced.
        """
        if not self.yes and not typed_yes("replace them"):
            echo("Declined: nothing was changed.", err=True)
            return False
        now = read()
        if not shown.batch.is_same(now.batch):
            raise RefusedError(
                f"the records of {self.settings.device_name}, or those that the entry point hands"
                " over, were changed after they were shown; nothing was replaced. Run the command"
                " again"
            )
        refuse((each for each in now.reasons if each not in shown.reasons), force=force)
        return True

    def send(self, batch: ChangeBatch) -> None:
        """Send a batch; a signal waits until it is in sync."""
        with deferred_signals(lambda: echo("Wait: the batch is being sent.", err=True)):
            self.records.change(batch, lambda _, missing: echo(f"Waiting: {missing}", err=True))

    def end(self, command: str, records: Sequence[RecordSet], files: Sequence[str]) -> int:
        """Print the document of --json; return the exit status."""
        if self.as_json:
            folder = self.folder.path
            content = {
                "device_name": self.settings.device_name,
                "records": [dict(record) for record in records],
                "files": [str(folder / file) for file in files],
            }
            print_document(f"adopt {command}", content, 0, self.settings.environment)
        return 0


def refuse(reasons: Iterable[str], *, force: bool) -> None:
    """Raise RefusedError with all reasons, or print them if the user forces the change."""
    known = list(reasons)
    if known and not force:
        raise RefusedError("\n".join([*known, "--force continues"]))
    for reason in known:
        echo(f"Forced: {reason}", err=True)
