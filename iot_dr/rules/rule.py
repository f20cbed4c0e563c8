"""Rules, findings and verdicts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from iot_dr.design.expectation import DesignExpectation
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet


class Verdict(Enum):
    """The severity of a finding: `block` stops a synthesis and a review, `warn` only reports."""

    OK = "ok"
    WARN = "warn"
    BLOCK = "block"

    @property
    def severity(self) -> int:
        """A number, larger for a worse verdict."""
        return _LIGHTEST_FIRST.index(self)


_LIGHTEST_FIRST: Final = tuple(Verdict)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the worst of verdicts; `ok` if there are none."""
    return max(verdicts, key=lambda each: each.severity, default=Verdict.OK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A finding of a rule: the stack, the resource's address, and a message with a fix.

    `address` is None if it concerns a whole stack; `stack` is also None if it concerns the set.
    """

    rule: str
    verdict: Verdict
    stack: str | None = None
    address: str | None = None
    message: str


def finding_at(
    resource: Resource | None, rule: str, message: str, verdict: Verdict = Verdict.BLOCK
) -> Finding:
    """Return a finding about a resource, or about the set if it is None."""
    stack, address = (resource.stack, resource.address) if resource else (None, None)
    return Finding(rule=rule, verdict=verdict, stack=stack, address=address, message=message)


def _everything_is_judged(_: ResourceSet) -> Iterable[str]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule: the requirement (`title`), its reason, and a page or measurement as the source.

    `find` gets what the environment's settings require, None for stacks of other projects.
    `needs_plan` means that only a plan can violate the rule. `not_judged` returns what the rule
    does not judge since it is unknown, a sentence each.
    """

    id: str
    title: str
    why: str
    source: str
    find: Callable[[ResourceSet, DesignExpectation | None], Iterable[Finding]]
    needs_plan: bool = False
    not_judged: Callable[[ResourceSet], Iterable[str]] = _everything_is_judged
