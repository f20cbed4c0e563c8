"""What Route 53 answers for the device name, and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from iot_dr.route53.chain import Chain
from iot_dr.route53.check import Check, any_of, both
from iot_dr.route53.region_health import WELL, Health


@dataclass(frozen=True, slots=True)
class Decision:
    """One name with its two records: what each asks, which was taken, and where that leads.

    `is_fallback` tells that both were unhealthy: Route 53 then answers with the PRIMARY.
    """

    name: str
    primary: Check
    secondary: Check
    taken: Literal["PRIMARY", "SECONDARY"]
    leads_to: str
    is_fallback: bool

    def lines(self) -> Iterator[str]:
        """Tell the decision, then the checks behind it."""
        why = ", for both are unhealthy" if self.is_fallback else ""
        yield f"{self.name}: {self.taken}{why}, leads to {self.leads_to}"
        for side, check in (("PRIMARY", self.primary), ("SECONDARY", self.secondary)):
            first, *rest = check.lines()
            yield f"  {side} asks {first}"
            yield from (f"  {line}" for line in rest)


@dataclass(frozen=True, slots=True)
class Answer:
    """The region that the device name leads to, and the decisions from that name downwards.

    `is_fallback` tells that no region was healthy.
    """

    region: str
    is_fallback: bool
    decisions: tuple[Decision, ...]

    def lines(self) -> Iterator[str]:
        """Tell each decision and the checks behind it, a line each."""
        for decision in self.decisions:
            yield from decision.lines()


def answer(chain: Chain, health: Health, switches: frozenset[str]) -> Answer:
    """Evaluate the device name as Route 53 documents it; `switches` are the regions switched away.

    The PRIMARY while it is healthy, else the SECONDARY while that is healthy, else the PRIMARY.
    Sources, below docs.aws.amazon.com/Route53/latest/DeveloperGuide:
    health-checks-how-route-53-chooses-records.html, dns-failover-types.html.
    """
    checks = [_asked(chain, place, health, switches) for place in range(len(chain.order))]
    # From the last record up: a name's SECONDARY stands for all that is below it.
    below = checks[-1]
    decisions = [_decide(chain, len(checks) - 2, checks[-2], below)]
    for place in range(len(checks) - 3, -1, -1):
        lower = decisions[-1]
        below = any_of(lower.name, lower.primary, lower.secondary)
        decisions.append(_decide(chain, place, checks[place], below))
    return _walk(decisions)


def _asked(chain: Chain, place: int, health: Health, switches: frozenset[str]) -> Check:
    region = chain.order[place]
    state = health.get(region, WELL)
    tcp = Check(f"TCP {region}", state.tcp)
    if region == chain.last:
        return tcp
    is_deep = place == 0 and chain.mode == "deep"
    own = Check(f"deep {region}", state.deep) if is_deep else tcp
    return both(own, Check(f"switch {region}", region not in switches))


def _decide(chain: Chain, place: int, primary: Check, secondary: Check) -> Decision:
    fallback = not primary.healthy and not secondary.healthy
    name = _name(place)
    if primary.healthy or fallback:
        return Decision(name, primary, secondary, "PRIMARY", chain.order[place], fallback)
    is_last = place == len(chain.order) - 2
    leads_to = chain.last if is_last else _name(place + 1)
    return Decision(name, primary, secondary, "SECONDARY", leads_to, is_fallback=False)


def _name(place: int) -> str:
    return "device name" if place == 0 else f"nested name {place}"


def _walk(decisions: list[Decision]) -> Answer:
    """Follow the decisions, the last of them first, for as long as a SECONDARY is taken."""
    walked: list[Decision] = []
    for decision in reversed(decisions):
        walked.append(decision)
        if decision.taken == "PRIMARY":
            break
    return Answer(walked[-1].leads_to, walked[0].is_fallback, tuple(walked))
