"""The work of `iot-dr registry diff`."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from threading import Event
from typing import Any

import typer

from environments.loader import load_alone
from iot_dr.cli.columns import columns
from iot_dr.cli.registry_progress import RegistryProgress
from iot_dr.common.plain_text import plain
from iot_dr.operate.registry.diff import Diff, Difference, DiffResult
from iot_dr.operate.registry.ledger import ledger
from iot_dr.operate.registry.names import refuse_foreign
from iot_dr.operate.registry.reading import Reading
from iot_dr.operate.registry.sites import Sites

_OUT_OF_STEP = 3


def run(  # noqa: PLR0913 - one argument for each option
    environment: str,
    regions: tuple[str, str],
    rate: float | None,
    resume: Path | None,
    *,
    show: bool,
    as_json: bool,
) -> int:
    """Compare and print; give the exit status: 0 equal, 3 out of step."""
    settings = load_alone(environment)
    refuse_foreign(settings, regions)
    sites = Sites(settings, rate)
    sites.refuse_other_account(regions[0])
    stop = Event()
    readings = {
        each: Reading(registry=sites.access(each, is_read_alone=True), stop=stop)
        for each in regions
    }
    subject = {"command": "diff", "environment": environment, "regions": " ".join(regions)}
    with ledger(resume, subject) as book, RegistryProgress(sites.things).shown() as progress:
        diff = Diff(readings=readings, ledger=book, show=show, told=progress.told, stop=stop)
        result = diff.run()
    typer.echo(_json(environment, result) if as_json else "\n".join(_lines(environment, result)))
    return 0 if result.is_equal else _OUT_OF_STEP


def _lines(environment: str, result: DiffResult) -> Iterator[str]:
    first, second = result.regions
    told = "hold the same" if result.is_equal else "are out of step"
    yield f"{environment}: {first} and {second} {told}."
    head = ("KIND", "EQUAL", "DIFFERENT", f"ONLY {first}", f"ONLY {second}", "UNREADABLE")
    yield columns([head, *(tuple(map(str, asdict(each).values())) for each in result.counts)])
    for each in result.differences:
        yield f"{each.key}: {plain(each.where)}{_fields(each)}"
    rest = sum(_differing(each) for each in map(asdict, result.counts)) - len(result.differences)
    if rest > 0:
        yield f"and {rest} more"


def _fields(difference: Difference) -> str:
    parts = [
        each.path if each.first is None else f"{each.path}: {each.first} / {each.second}"
        for each in difference.fields
    ]
    return f": {', '.join(parts)}" if parts else ""


def _differing(counts: dict[str, Any]) -> int:
    return sum(value for name, value in counts.items() if name not in {"kind", "equal"})


def _json(environment: str, result: DiffResult) -> str:
    document = {
        "environment": environment,
        "regions": result.regions,
        "equal": result.is_equal,
        "kinds": [asdict(each) for each in result.counts],
        "differences": [asdict(each) for each in result.differences],
    }
    return json.dumps(document, indent=2)
