"""Where Route 53 leads the device name by what is known of its checks."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

from iot_dr.route53.answer import Answer, answer
from iot_dr.route53.chain import Chain
from iot_dr.route53.region_health import RegionHealth

Asks = tuple[str, str]
"""A region, and which of its checks: deep, tcp or switch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The answers that are possible, one for each region and reason, and what is not known.

    With nothing unknown there is one.
    """

    answers: tuple[Answer, ...]
    unknown: tuple[Asks, ...]

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions that may be the answer."""
        return tuple(dict.fromkeys(each.region for each in self.answers))

    @property
    def region(self) -> str | None:
        """The answer, None where what is unknown would decide it."""
        return self.regions[0] if len(self.regions) == 1 else None

    @property
    def is_fallback(self) -> bool:
        """Whether no region is healthy, whatever is unknown."""
        return all(each.is_fallback for each in self.answers)


def asked(chain: Chain) -> tuple[Asks, ...]:
    """Give the checks that the records ask, in failover order."""
    judges = [
        (region, "deep" if region == chain.primary and chain.mode == "deep" else "tcp")
        for region in chain.order
    ]
    return (*judges, *((region, "switch") for region in chain.order[:-1]))


def route(chain: Chain, healthy: Mapping[Asks, bool]) -> Route:
    """Evaluate the device name; a check that is not in `healthy` may be either."""
    asks = asked(chain)
    unknown = tuple(each for each in asks if each not in healthy)
    answers: dict[tuple[str, bool], Answer] = {}
    for values in product((True, False), repeat=len(unknown)):
        states = {**healthy, **dict(zip(unknown, values, strict=True))}
        found = _answer(chain, {each: states[each] for each in asks})
        answers.setdefault((found.region, found.is_fallback), found)
    return Route(answers=tuple(answers.values()), unknown=unknown)


def _answer(chain: Chain, healthy: Mapping[Asks, bool]) -> Answer:
    health = {
        region: RegionHealth(
            deep=healthy.get((region, "deep"), True), tcp=healthy.get((region, "tcp"), True)
        )
        for region in chain.order
    }
    away = frozenset(region for region in chain.order if not healthy.get((region, "switch"), True))
    return answer(chain, health, away)
