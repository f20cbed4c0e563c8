"""The failover configuration of an environment, and its records and health checks."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from functions.contract import REGIONS, FailBack, Mode
from iot_dr.route53.check import CALCULATED, HealthCheck
from iot_dr.route53.evaluation import Answer, Evaluation
from iot_dr.route53.record import Record

CheckKey = tuple[str, str]
"""The key of a health check: its region, and its kind: `deep`, `tcp` or `switch`."""

_DEVICE_NAME: Final = "device name"
_WORDS: Final = {"deep": "deep", "tcp": "TCP", "switch": "switch"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FailoverConfig:
    """Two to five regions in failover order, the primary's check mode, and the fail-back mode.

    Raises ValueError for another number of regions, and for a duplicate region.
    """

    order: tuple[str, ...]
    mode: Mode = "deep"
    fail_back: FailBack = "latched"

    def __post_init__(self) -> None:
        if len(self.order) not in REGIONS or len(set(self.order)) != len(self.order):
            message = f"{self.order!r} is not a failover order; expected 2 to 5 distinct regions"
            raise ValueError(message)

    @property
    def primary(self) -> str:
        """The region that is answered while it is healthy."""
        return self.order[0]

    @property
    def last(self) -> str:
        """The region answered if no other is healthy; its switch is not used."""
        return self.order[-1]

    def own_check(self, region: str) -> CheckKey:
        """Return the check of a region: TCP, or deep for the primary in mode `deep`."""
        is_deep = region == self.primary and self.mode == "deep"
        return region, "deep" if is_deep else "tcp"

    @property
    def check_keys(self) -> tuple[CheckKey, ...]:
        """The checks that the records use: the regions in failover order, then the switches."""
        switches: list[CheckKey] = [(region, "switch") for region in self.order[:-1]]
        return (*map(self.own_check, self.order), *switches)


def answers(config: FailoverConfig, states: Mapping[CheckKey, bool | None]) -> tuple[Answer, ...]:
    """Return the possible answers for the device name.

    A state that is None or missing may be healthy or not.
    """
    by_id = {_id(key): states.get(key) for key in config.check_keys}
    return _evaluation(config).answers(_DEVICE_NAME, by_id)


@lru_cache
def _evaluation(config: FailoverConfig) -> Evaluation:
    """Return the entry point's records and checks: a pair per target but the last (ADR 0012).

    After the last region come the standbys before it once more, without switches (ADR 0039).
    """
    records: list[Record] = []
    checks = [HealthCheck(id=_id(key), type=key[1], region=key[0]) for key in config.check_keys]
    targets = list[tuple[str, str]]()
    for region in config.order[:-1]:
        children = (_id(config.own_check(region)), _id((region, "switch")))
        id_ = f"CALCULATED({', '.join(children)})"
        checks.append(HealthCheck(id=id_, type=CALCULATED, children=children, child_threshold=2))
        targets.append((region, id_))
    again = (config.last, *config.order[1:-1])
    targets += [(region, _id(config.own_check(region))) for region in again]
    for place, (region, check) in enumerate(targets[:-1]):
        pair = Record(name=_name(place), routing="failover")
        records.append(replace(pair, side="PRIMARY", targets=(region,), check=check))
        below = replace(pair, side="SECONDARY", targets=(_name(place + 1),), is_alias=True)
        records.append(replace(below, evaluates_target=True))
    region, check = targets[-1]
    records[-1] = replace(records[-1], targets=(region,), check=check, is_alias=False)
    return Evaluation(records, checks)


def _id(key: CheckKey) -> str:
    region, kind = key
    return f"{_WORDS[kind]} {region}"


def _name(place: int) -> str:
    return _DEVICE_NAME if place == 0 else f"nested name {place}"
