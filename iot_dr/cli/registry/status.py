"""`iot-dr registry status`: each region's registry entities and pending changes."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from environments.loader import load_without_cross_checks
from iot_dr.cli.json_output import print_document
from iot_dr.cli.options import EnvironmentOption, JsonOption
from iot_dr.cli.text import columns, echo
from iot_dr.common.exit_status import ExitStatus
from iot_dr.common.plain_text import plain
from iot_dr.common.renamed_keys import with_old_keys
from iot_dr.common.user_error import UserError
from iot_dr.operate.registry.region_rows import RegionRows
from iot_dr.operate.registry.status import RegistryStatus, StatusReader


def status(
    env: EnvironmentOption = "dev",
    hours: Annotated[
        float,
        typer.Option(help="Hours over which lags are measured.", min=0.01, max=2160, metavar="N"),
    ] = 24.0,
    older: Annotated[
        float,
        typer.Option(help="Seconds that a change may be pending.", min=0, metavar="N"),
    ] = 300.0,
    as_json: JsonOption = False,
) -> None:
    """Show each region's registry entries, replication lag and pending changes.

    Reads the table in the first region that answers; a region that does not answer is listed after
    2 s. Exit 0 if all is well, 3 if something is dead-lettered or pending for longer than --older,
    1 if no region answers, 2 for a usage error.

    Example: iot-dr registry status --env dev
    """
    raise typer.Exit(
        run(StatusReader.of(load_without_cross_checks(env)), hours, older, as_json=as_json)
    )


def run(reader: StatusReader, hours: float, older: float, *, as_json: bool) -> int:
    """Print the status; return the exit status."""
    env, seen = reader.settings.environment, reader.read(hours)
    exit_status = ExitStatus.NOT_GOOD if seen.is_behind(older) else 0
    if as_json:
        print_document("registry status", status_document(env, seen), exit_status, env)
    else:
        echo("\n".join(status_lines(env, seen)))
    return exit_status


def status_lines(environment: str, seen: RegistryStatus) -> Iterator[str]:
    """Yield the lines of the status."""
    yield f"{environment}: read from the table in {seen.source_region}."
    head = ("REGION", "ENTITIES", "APPLIED", "LAG P50", "LAG P99", "PENDING", "OLDEST", "GIVEN UP")
    yield columns([head, *(_row(seen, each) for each in seen.rows.regions.values())])
    yield columns([("QUEUE", "REGION", "MESSAGES"), *_queues(seen)])
    for region, error in seen.silent.items():
        yield f"{region} does not answer: {error}"
    for region in seen.rows.regions.values():
        for key, dead_letter in region.dead_letters:
            yield f"dead-lettered in {region.region}: {key}: {plain(dead_letter.reason)}"
        if region.dead_letter_count > len(region.dead_letters):
            more = region.dead_letter_count - len(region.dead_letters)
            yield f"dead-lettered in {region.region}: {more} more"
    if seen.rows.malformed:
        yield f"{seen.rows.malformed} items of the table cannot be parsed:"
        yield from (f"  {plain(cause)}" for cause in seen.rows.causes)


def status_document(environment: str, seen: RegistryStatus) -> dict[str, Any]:
    """Return the status as JSON values; times are in seconds."""
    document = {
        "environment": environment,
        "source_region": seen.source_region,
        "regions": [_region(seen, each) for each in seen.rows.regions.values()],
        "unavailable": {region: str(error) for region, error in seen.silent.items()},
        "queues": [
            {"region": region, "queue": queue, **_depth(depth)}
            for (region, queue), depth in seen.queues.items()
        ],
        "malformed": {"count": seen.rows.malformed, "causes": seen.rows.causes},
    }
    return with_old_keys("registry status", document)


def _row(seen: RegistryStatus, rows: RegionRows) -> tuple[str, ...]:
    age = seen.age(rows.region)
    return (
        rows.region,
        str(rows.entities),
        str(rows.lags.count),
        *(_seconds(rows.lags.quantile(part)) for part in (0.5, 0.99)),
        str(rows.outstanding),
        _seconds(age),
        str(rows.dead_letter_count),
    )


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g} s" if value < 100 else f"{value:.0f} s"  # noqa: PLR2004 - three digits


def _queues(seen: RegistryStatus) -> Iterator[tuple[str, ...]]:
    for (region, queue), depth in seen.queues.items():
        yield queue, region, "unknown" if isinstance(depth, UserError) else str(depth)


def _region(seen: RegistryStatus, rows: RegionRows) -> dict[str, Any]:
    return {
        "region": rows.region,
        "entities": rows.entities,
        "applied": rows.lags.count,
        "lag_p50": rows.lags.quantile(0.5),
        "lag_p99": rows.lags.quantile(0.99),
        "waiting": rows.outstanding,
        "oldest": seen.age(rows.region),
        "parked": {
            "count": rows.dead_letter_count,
            "examples": [
                {"entity": key, "reason": dead_letter.reason, "at": dead_letter.at / 1000}
                for key, dead_letter in rows.dead_letters
            ],
        },
    }


def _depth(depth: int | UserError) -> dict[str, Any]:
    return {"problem": str(depth)} if isinstance(depth, UserError) else {"messages": depth}
