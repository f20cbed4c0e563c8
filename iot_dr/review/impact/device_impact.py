"""What a change means to devices, before the rules have their say."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from iot_dr.rules.rule import Verdict


class Rank(IntEnum):
    """What devices depend on, that which takes most of them with it first."""

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
    """A change in words: `subject` is what it is to devices, `why` what follows, a clause each.

    `heads` are the arguments that the words are about.
    """

    rank: Rank
    verdict: Verdict
    subject: str
    why: str
    heads: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a sentence on what follows, and how much it weighs."""

    verdict: Verdict
    text: str


FORGOTTEN: Final = Clause(Verdict.WARN, "it stays as it is, and no plan will tell of it any more")
"""What follows when Terraform forgets a resource."""
