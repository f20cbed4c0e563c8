"""A Route 53 health check and what it said."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One check, or the target of an alias: its name, its health and what it was made of."""

    name: str
    healthy: bool
    children: tuple["Check", ...] = ()

    def lines(self) -> Iterator[str]:
        """Tell the check on a line and, when it is unhealthy, its children indented below."""
        yield f"{self.name}: {'healthy' if self.healthy else 'unhealthy'}"
        if not self.healthy:
            for child in self.children:
                yield from (f"  {line}" for line in child.lines())


def both(first: Check, second: Check) -> Check:
    """Give the CALCULATED check that is healthy while both of its children are."""
    name = f"CALCULATED({first.name}, {second.name})"
    return Check(name, first.healthy and second.healthy, (first, second))


def any_of(name: str, first: Check, second: Check) -> Check:
    """Give the health of an alias that evaluates its target: one healthy record is enough.

    docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-complex-configs.html.
    """
    return Check(name, first.healthy or second.healthy, (first, second))
