"""What `iot-dr registry status` tells, for people and for machines."""

import json
from collections.abc import Iterator
from typing import Any

from iot_dr.cli.columns import columns
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UserError
from iot_dr.operate.registry.region_rows import RegionRows
from iot_dr.operate.registry.status import RegistryStatus


def status_lines(environment: str, seen: RegistryStatus) -> Iterator[str]:
    """Tell it to people."""
    yield f"{environment}: told by the table in {seen.told_by}."
    head = ("REGION", "HOLDS", "TOOK OVER", "LAG P50", "LAG P99", "WAITING", "OLDEST", "PARKED")
    yield columns([head, *(_row(seen, each) for each in seen.rows.regions.values())])
    yield columns([("QUEUE", "REGION", "MESSAGES"), *_queues(seen)])
    for region, error in seen.silent.items():
        yield f"{region} does not tell: {error}"
    for region in seen.rows.regions.values():
        for key, parked in region.parked:
            yield f"parked in {region.region}: {key}: {plain(parked.reason)}"
        if region.parked_count > len(region.parked):
            yield f"parked in {region.region}: {region.parked_count - len(region.parked)} more"
    if seen.rows.malformed:
        yield f"{seen.rows.malformed} items of the table are no rows:"
        yield from (f"  {plain(cause)}" for cause in seen.rows.causes)


def status_json(environment: str, seen: RegistryStatus) -> str:
    """Tell it to machines; times in seconds."""
    document = {
        "environment": environment,
        "told_by": seen.told_by,
        "regions": [_region(seen, each) for each in seen.rows.regions.values()],
        "silent": {region: str(error) for region, error in seen.silent.items()},
        "queues": [
            {"region": region, "queue": queue, **_depth(depth)}
            for (region, queue), depth in seen.queues.items()
        ],
        "malformed": {"count": seen.rows.malformed, "causes": seen.rows.causes},
    }
    return json.dumps(document, indent=2)


def _row(seen: RegistryStatus, rows: RegionRows) -> tuple[str, ...]:
    age = seen.age(rows.region)
    return (
        rows.region,
        str(rows.held),
        str(rows.lags.count),
        *(_seconds(rows.lags.quantile(part)) for part in (0.5, 0.99)),
        str(rows.outstanding),
        _seconds(age),
        str(rows.parked_count),
    )


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g} s" if value < 100 else f"{value:.0f} s"  # noqa: PLR2004 - three digits


def _queues(seen: RegistryStatus) -> Iterator[tuple[str, ...]]:
    for (region, queue), depth in seen.queues.items():
        yield queue, region, "unknown" if isinstance(depth, UserError) else str(depth)


def _region(seen: RegistryStatus, rows: RegionRows) -> dict[str, Any]:
    return {
        "region": rows.region,
        "holds": rows.held,
        "took_over": rows.lags.count,
        "lag_p50": rows.lags.quantile(0.5),
        "lag_p99": rows.lags.quantile(0.99),
        "waiting": rows.outstanding,
        "oldest": seen.age(rows.region),
        "parked": {
            "count": rows.parked_count,
            "first": [
                {"entity": key, "reason": parked.reason, "at": parked.at / 1000}
                for key, parked in rows.parked
            ],
        },
    }


def _depth(depth: int | UserError) -> dict[str, Any]:
    return {"problem": str(depth)} if isinstance(depth, UserError) else {"messages": depth}
