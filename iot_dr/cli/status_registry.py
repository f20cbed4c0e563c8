"""The registry's recovery points in the report of `iot-dr status`."""

from collections.abc import Iterator

from iot_dr.cli.text import columns
from iot_dr.observe.status.report import Report
from iot_dr.observe.status.unknown import Unknown


def registry_observations(seen: Report) -> Iterator[tuple[str, str, object]]:
    """Yield the region, what was read there, and its value or why it is unknown."""
    for region, ages in seen.registry_ages.items():
        yield region, "registry of other regions", ages


def registry_table(seen: Report) -> str:
    """Return a table of the pairs of regions; empty without the block `data`."""
    rows: list[tuple[str, ...]] = [("REGISTRY OF", "ARRIVED IN", "CHANGES", "SHADOWS")]
    for region, ages in seen.registry_ages.items():
        if isinstance(ages, Unknown):
            rows.append(("unknown", region, "unknown", "unknown"))
            continue
        for source, age in ages.items():
            rows.append((source, region, *map(_age, (age.changes, age.shadows))))
    return columns(rows) if len(rows) > 1 else ""


def _age(seconds: float | None) -> str:
    return "not measured" if seconds is None else f"up to {seconds:.0f} s ago"
