"""`iot-dr registry seed`: copies one region's registry to another region."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from environments.loader import load
from iot_dr.cli.confirmation import ask_for_name
from iot_dr.cli.json_output import print_document
from iot_dr.cli.options import (
    EnvironmentOption,
    JsonOption,
    RateOption,
    ResumeOption,
    YesOption,
)
from iot_dr.cli.progress import ReadingProgress
from iot_dr.cli.text import columns, echo
from iot_dr.common.exit_status import ExitStatus
from iot_dr.common.plain_text import plain
from iot_dr.common.renamed_keys import with_old_keys
from iot_dr.operate.registry.entity_reader import EntityReader
from iot_dr.operate.registry.entity_reconciler import EntityOutcome, EntityReconciler, RegionAccess
from iot_dr.operate.registry.ledger import Ledger, ledger
from iot_dr.operate.registry.names import refuse_foreign
from iot_dr.operate.registry.seed import Seed
from iot_dr.operate.registry.sites import RegistryClients

_REASONS: Final = 20
_WORDS: Final = {
    EntityOutcome.SAME: "equal already",
    EntityOutcome.NOTED: "equal already, row updated",
    EntityOutcome.WRITTEN: "written",
    EntityOutcome.KEPT: "restricted in the target, unchanged",
    EntityOutcome.LEFT: "left to the functions, as the table says",
    EntityOutcome.DELETED: "deleted",
}


def seed(  # noqa: PLR0913, PLR0917 - one argument for each option
    source: Annotated[str, typer.Option("--from", help="Region to copy.", metavar="REGION")],
    target: Annotated[str, typer.Option("--to", help="Region to write.", metavar="REGION")],
    env: EnvironmentOption,
    rate: RateOption = None,
    resume: ResumeOption = None,
    delete: Annotated[
        bool, typer.Option("--delete", help="Delete entities that only the target has.")
    ] = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Copy the registry of one region to a new or long-absent region.

    Also writes the target's rows of the table, so that its functions do not capture its old content
    as changes. Other content of the target is overwritten, except that a certificate that is
    restricted there stays restricted. Run it twice: the second run writes nothing. Exit 0 if all is
    copied, 3 if something is left, 1 if AWS refuses or does not answer, 2 for a usage error or
    without confirmation.

    Example: iot-dr registry seed --from eu-west-1 --to eu-north-1 --env prod --resume seed.ledger
    """
    options = _Options(env, source, target, rate, resume, delete=delete, yes=yes, as_json=as_json)
    raise typer.Exit(_run(options))


@dataclass(frozen=True)
class _Options:
    """The arguments of the command."""

    environment: str
    source: str
    target: str
    rate: float | None
    resume: Path | None
    delete: bool
    yes: bool
    as_json: bool

    def print_lines(self, lines: Iterable[str]) -> None:
        """Print lines for people, on standard error if the output is JSON."""
        for line in lines:
            echo(line, err=self.as_json)

    def confirm(self, done: str) -> None:
        """Ask for the target's name; raises NotConfirmedError."""
        if not self.yes:
            ask_for_name(self.target, done, "--yes")


def _run(options: _Options) -> int:
    """Print the plan, confirm, seed and print; return 0, or 3 if something is left."""
    settings = load(options.environment)
    refuse_foreign(settings, (options.source, options.target))
    sites = RegistryClients(settings, options.rate)
    sites.refuse_other_account(options.target)
    source, target = sites.access(options.source, is_read_only=True), sites.access(options.target)
    options.print_lines(_plan(options, sites.names.table, sites.things(options.source)))
    options.confirm("seeded")
    reconciler = EntityReconciler(
        source=RegionAccess(region=options.source, access=source, log=sites.log(options.source)),
        target=RegionAccess(region=options.target, access=target, log=sites.log(options.target)),
        by=f"iot-dr registry seed --from {options.source} --to {options.target}",
    )
    subject = {
        "command": "seed",
        "environment": options.environment,
        "regions": f"{options.source} {options.target}",
    }
    with ledger(options.resume, subject) as book:
        with ReadingProgress(sites.things).shown() as progress:
            seed = Seed(
                reconciler=reconciler,
                ledger=book,
                source=EntityReader(registry=source),
                target=EntityReader(registry=target),
                on_page=progress.add_entities,
            )
            seed.run()
        if options.delete:
            _delete(options, seed)
        return _print_result(options, seed, book)


def _plan(options: _Options, table: str, things: int | None) -> Iterator[str]:
    about = "" if things is None else f", about {things} things"
    source, target = options.source, options.target
    yield f"{options.environment}: copy the registry of {source} to {target}{about}."
    yield f"  {target} and its rows of {table} are written; {source} is only read."
    yield (
        f"  Entities that only {options.target} has are counted, and deleted after confirmation."
        if options.delete
        else f"  Entities that only {options.target} has stay."
    )


def _delete(options: _Options, seed: Seed) -> None:
    count = seed.find_surplus()
    if count == 0:
        return
    options.print_lines(
        [f"{options.target} has {count} entities that {options.source} does not have."]
    )
    options.confirm(f"cleared of {count} entities")
    seed.delete_surplus()


def _print_result(options: _Options, seed: Seed, book: Ledger) -> int:
    exit_status = ExitStatus.NOT_GOOD if book.count_all_deferred() else 0
    if options.as_json:
        document = with_old_keys("registry seed", _document(options, seed, book))
        print_document("registry seed", document, exit_status, options.environment)
    else:
        echo("\n".join(_lines(options, seed, book)))
    return exit_status


def _document(options: _Options, seed: Seed, book: Ledger) -> dict[str, Any]:
    examples = [{"entity": key, "reason": reason} for key, reason in book.reasons(_REASONS)]
    return {
        "environment": options.environment,
        "from": options.source,
        "to": options.target,
        "source_entities": book.count_entities(options.source),
        "outcomes": {each: seed.outcomes[each] for each in EntityOutcome},
        "deferred": {"count": book.count_all_deferred(), "examples": examples},
    }


def _lines(options: _Options, seed: Seed, book: Ledger) -> Iterator[str]:
    rows = [(kind, str(count)) for kind, count in book.count_entities(options.source).items()]
    yield columns([("KIND", options.source), *rows])
    counts = seed.outcomes
    yield from (f"{counts[each]} {words}" for each, words in _WORDS.items() if counts[each])
    left = book.reasons(_REASONS)
    yield from (f"not copied: {key}: {plain(reason)}" for key, reason in left)
    if (more := book.count_all_deferred() - len(left)) > 0:
        yield f"not copied: {more} more"
    if left:
        yield "Fix the reasons, then run it again."
