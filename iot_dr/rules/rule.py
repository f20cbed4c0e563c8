"""What a rule is, and what it finds."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from environments.settings import Settings
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet


class Verdict(Enum):
    """How much a finding weighs: `block` stops a synthesis and a review, `warn` is told."""

    OK = "ok"
    WARN = "warn"
    BLOCK = "block"

    @property
    def severity(self) -> int:
        """A number that is larger the worse it is."""
        return _LIGHTEST_FIRST.index(self)


_LIGHTEST_FIRST: Final = tuple(Verdict)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the worst of verdicts; `ok` when there is none."""
    return max(verdicts, key=lambda each: each.severity, default=Verdict.OK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a rule found: where (stack, resource's address), and what to do about it.

    `address` is None where it is about a stack, or about the set, as a whole; `stack` is None for
    the latter.
    """

    rule: str
    verdict: Verdict
    stack: str | None
    address: str | None
    message: str


def finding_at(
    resource: Resource, rule: str, message: str, verdict: Verdict = Verdict.BLOCK
) -> Finding:
    """Return what a rule found at a resource."""
    return Finding(
        rule=rule,
        verdict=verdict,
        stack=resource.stack,
        address=resource.address,
        message=message,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule: what must hold (`title`), why, and the page or measurement that says so.

    `find` gets the settings of the environment where they are known, None for somebody else's
    resources. `needs_plan` says that only a plan can show what the rule looks for.
    """

    id: str
    title: str
    why: str
    source: str
    find: Callable[[ResourceSet, Settings | None], Iterable[Finding]]
    needs_plan: bool = False
