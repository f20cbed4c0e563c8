"""The impact of one change on devices, before rule findings are added."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from iot_dr.rules.rule import Verdict


class Rank(IntEnum):
    """What a changed resource is to devices; the lower, the more devices a failure affects."""

    ZONE = 0
    DEVICE_NAME = 1
    NESTED_NAME = 2
    STATEFUL = 3
    REGIONAL_NAME = 4
    CHECK = 5
    ALARM = 6
    ACCESS = 7
    RENEWAL = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """The impact of a change: `subject` is the resource's role, `why` what follows.

    Clauses in `why` are separated by `; `. `arguments` are the Terraform arguments it is about.
    """

    rank: Rank
    verdict: Verdict
    subject: str
    why: str
    arguments: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause of `Impact.why` and its verdict; the text contains no `; `."""

    verdict: Verdict
    text: str


FORGOTTEN: Final = Clause(Verdict.WARN, "it stays in AWS, and no state has it any more")
"""The effect of Terraform's `forget` action."""
