"""The answer of Route 53 for the device name, as far as its checks are known."""

from collections.abc import Mapping
from dataclasses import dataclass

from iot_dr.route53.evaluation import Answer
from iot_dr.route53.failover_config import CheckKey, FailoverConfig, answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The possible answers, one for each region and reason, and the unknown checks.

    If no check is unknown, there is one answer.
    """

    answers: tuple[Answer, ...]
    unknown: tuple[CheckKey, ...]

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions that may be the answer."""
        return tuple(dict.fromkeys(each.leads_to for each in self.answers))

    @property
    def region(self) -> str | None:
        """The answer; None if it depends on an unknown check."""
        return self.regions[0] if len(self.regions) == 1 else None

    @property
    def is_fallback(self) -> bool:
        """Whether no region is healthy, whatever the unknown checks are."""
        return all(each.is_fallback for each in self.answers)


def route(chain: FailoverConfig, healthy: Mapping[CheckKey, bool]) -> Route:
    """Return the route of the device name; a check that is not in `healthy` may be either."""
    unknown = tuple(each for each in chain.check_keys if each not in healthy)
    return Route(answers=answers(chain, healthy), unknown=unknown)
