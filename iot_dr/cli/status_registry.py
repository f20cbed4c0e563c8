"""The registry's recovery points in the report of `iot-dr status`."""

from collections.abc import Iterator, Mapping

from iot_dr.cli.text import columns
from iot_dr.observe.status.registry_ages import RegistryAges
from iot_dr.observe.status.report import Observations
from iot_dr.observe.status.unknown import UnknownValue


def registry_observations(seen: Observations) -> Iterator[tuple[str, str, object]]:
    """Yield the region, what was read there, and its value or why it is unknown."""
    for region, ages in seen.registry_ages.items():
        yield region, "registry of other regions", ages


def registry_table(seen: Observations) -> str:
    """Return a table of the pairs of regions; empty without the block `data`."""
    rows = [
        (source, region, *_ages(ages, source))
        for region, ages in seen.registry_ages.items()
        for source in seen.registry_ages
        if source != region
    ]
    head = ("REGISTRY OF", "ARRIVED IN", "CHANGES", "SHADOWS")
    return columns([head, *rows]) if rows else ""


def _ages(ages: Mapping[str, RegistryAges] | UnknownValue, source: str) -> tuple[str, str]:
    if isinstance(ages, UnknownValue):
        return "unknown", "unknown"
    return _age(ages[source].changes), _age(ages[source].shadows)


def _age(seconds: float | None) -> str:
    return "not measured" if seconds is None else f"up to {seconds:.0f} s ago"
