"""A check of an account."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from iot_dr.observe.doctor.account import Account
from iot_dr.observe.doctor.finding import AccountFinding


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A check and the IAM actions that it needs; `examine` raises UserError if it cannot look.

    `is_local` for a check without credentials.
    """

    name: str
    examine: Callable[[Account], Iterator[AccountFinding]]
    actions: tuple[str, ...] = ()
    is_local: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """A check's name and findings."""

    check: str
    findings: tuple[AccountFinding, ...]
