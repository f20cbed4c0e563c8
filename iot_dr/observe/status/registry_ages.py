"""The recovery points of the registry, as each region measures them of the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from environments.settings import Settings
from functions.contract import RECOVERY_POINT, REGISTRY_NAMESPACE, SHADOW_RECOVERY_POINT
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.status.metrics import LAST, Series, metric, read_series
from iot_dr.observe.status.queries import query_all
from iot_dr.observe.status.unknown import UnknownValue

_AGES: Final = (RECOVERY_POINT, SHADOW_RECOVERY_POINT)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryAges:
    """Seconds since the newest changes and shadows of a region that another region has (ADR 0022).

    None if that region has not measured it for ten minutes.
    """

    changes: float | None
    shadows: float | None


def read_registry_ages(
    clients: Clients, region: str, environment: str, sources: Sequence[str]
) -> dict[str, RegistryAges]:
    """Return how old what a region has of each other region is, by that region; raises AwsError."""
    pairs = [(source, name) for source in sources for name in _AGES]
    metrics = [
        metric(REGISTRY_NAMESPACE, name, {"Environment": environment, "Source": source}, "Maximum")
        for source, name in pairs
    ]
    ages = dict(zip(pairs, map(_newest, read_series(clients, region, metrics)), strict=True))
    return {
        source: RegistryAges(
            changes=ages[source, RECOVERY_POINT], shadows=ages[source, SHADOW_RECOVERY_POINT]
        )
        for source in sources
    }


def _newest(series: Series) -> float | None:
    """Return the newest value in seconds, and the minutes since it was measured."""
    values = enumerate(reversed(series[LAST]))
    return next((60 * ago + each / 1000 for ago, each in values if each is not None), None)


def registry_ages(
    settings: Settings, clients: Clients, seconds: float
) -> dict[str, Mapping[str, RegistryAges] | UnknownValue]:
    """Return the ages by the region that measures them; none without the block `data`."""
    if settings.data is None:
        return {}
    regions = settings.failover_order
    sources = {region: [each for each in regions if each != region] for region in regions}
    works = {
        region: partial(read_registry_ages, clients, region, settings.environment, sources[region])
        for region in regions
    }
    return dict(query_all(works, seconds))
