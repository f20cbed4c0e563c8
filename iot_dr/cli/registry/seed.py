"""`iot-dr registry seed`: copies one region's registry to another region."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from environments.loader import load
from iot_dr.cli.confirmation import ask_for_name
from iot_dr.cli.options import (
    EnvironmentOption,
    JsonOption,
    RateOption,
    ResumeOption,
    YesOption,
)
from iot_dr.cli.progress import ReadingProgress
from iot_dr.cli.text import columns
from iot_dr.common.plain_text import plain
from iot_dr.common.renamed_keys import with_old_keys
from iot_dr.operate.registry.entity_reader import EntityReader
from iot_dr.operate.registry.entity_reconciler import EntityReconciler, Outcome, RegionAccess
from iot_dr.operate.registry.ledger import Ledger, ledger
from iot_dr.operate.registry.names import refuse_foreign
from iot_dr.operate.registry.seed import Seed
from iot_dr.operate.registry.sites import RegistryClients

_LEFT: Final = 3
_SHOWN: Final = 20
_WORDS: Final = {
    Outcome.SAME: "equal already",
    Outcome.NOTED: "equal already, row updated",
    Outcome.WRITTEN: "written",
    Outcome.KEPT: "restricted in the target, unchanged",
    Outcome.LEFT: "left to the functions, as the table says",
    Outcome.DELETED: "deleted",
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
    wish = _Wish(env, source, target, rate, resume, delete=delete, yes=yes, as_json=as_json)
    raise typer.Exit(_run(wish))


@dataclass(frozen=True)
class _Wish:
    """The arguments of the command."""

    environment: str
    source: str
    target: str
    rate: float | None
    resume: Path | None
    delete: bool
    yes: bool
    as_json: bool

    def tell(self, lines: Iterable[str]) -> None:
        """Print lines for people, on standard error if the output is JSON."""
        for line in lines:
            typer.echo(line, err=self.as_json)

    def ask(self, done: str) -> None:
        """Ask for the target's name; raises NotConfirmedError."""
        if not self.yes:
            ask_for_name(self.target, done, "--yes")


def _run(wish: _Wish) -> int:
    """Print the plan, confirm, seed and print; return 0, or 3 if something is left."""
    settings = load(wish.environment)
    refuse_foreign(settings, (wish.source, wish.target))
    sites = RegistryClients(settings, wish.rate)
    sites.refuse_other_account(wish.target)
    source, target = sites.access(wish.source, is_read_alone=True), sites.access(wish.target)
    wish.tell(_plan(wish, sites.names.table, sites.things(wish.source)))
    wish.ask("seeded")
    bringing = EntityReconciler(
        source=RegionAccess(region=wish.source, access=source, log=sites.log(wish.source)),
        target=RegionAccess(region=wish.target, access=target, log=sites.log(wish.target)),
        by=f"iot-dr registry seed --from {wish.source} --to {wish.target}",
    )
    subject = {
        "command": "seed",
        "environment": wish.environment,
        "regions": f"{wish.source} {wish.target}",
    }
    with ledger(wish.resume, subject) as book:
        with ReadingProgress(sites.things).shown() as progress:
            seed = Seed(
                bringing=bringing,
                ledger=book,
                source=EntityReader(registry=source),
                target=EntityReader(registry=target),
                on_page=progress.add_page,
            )
            seed.run()
        if wish.delete:
            _delete(wish, seed)
        return _tell(wish, seed, book)


def _plan(wish: _Wish, table: str, things: int | None) -> Iterator[str]:
    about = "" if things is None else f", about {things} things"
    yield f"{wish.environment}: copy the registry of {wish.source} to {wish.target}{about}."
    yield f"  {wish.target} and its rows of {table} are written; {wish.source} is only read."
    yield (
        f"  Entities that only {wish.target} has are counted, and deleted after confirmation."
        if wish.delete
        else f"  Entities that only {wish.target} has stay."
    )


def _delete(wish: _Wish, seed: Seed) -> None:
    count = seed.find_surplus()
    if count == 0:
        return
    wish.tell([f"{wish.target} has {count} entities that {wish.source} does not have."])
    wish.ask(f"cleared of {count} entities")
    seed.delete_surplus()


def _tell(wish: _Wish, seed: Seed, book: Ledger) -> int:
    if wish.as_json:
        document = with_old_keys("registry seed", _document(wish, seed, book))
        typer.echo(json.dumps(document, indent=2))
    else:
        typer.echo("\n".join(_lines(wish, seed, book)))
    return _LEFT if book.count_all_deferred() else 0


def _document(wish: _Wish, seed: Seed, book: Ledger) -> dict[str, Any]:
    examples = [{"entity": key, "reason": reason} for key, reason in book.reasons(_SHOWN)]
    return {
        "environment": wish.environment,
        "from": wish.source,
        "to": wish.target,
        "source_entities": book.count_entities(wish.source),
        "outcomes": {each: seed.outcomes[each] for each in Outcome},
        "deferred": {"count": book.count_all_deferred(), "examples": examples},
    }


def _lines(wish: _Wish, seed: Seed, book: Ledger) -> Iterator[str]:
    rows = [(kind, str(count)) for kind, count in book.count_entities(wish.source).items()]
    yield columns([("KIND", wish.source), *rows])
    counts = seed.outcomes
    yield from (f"{counts[each]} {words}" for each, words in _WORDS.items() if counts[each])
    left = book.reasons(_SHOWN)
    yield from (f"not copied: {key}: {plain(reason)}" for key, reason in left)
    if (more := book.count_all_deferred() - len(left)) > 0:
        yield f"not copied: {more} more"
    if left:
        yield "Fix the reasons, then run it again."
