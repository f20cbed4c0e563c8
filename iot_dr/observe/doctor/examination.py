"""Runs all checks, independent of each other."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from iot_dr.common.user_error import UserError
from iot_dr.observe.aws.gathering import gather
from iot_dr.observe.doctor.account import SECONDS, Account
from iot_dr.observe.doctor.catalogue import CHECKS, CREDENTIALS
from iot_dr.observe.doctor.check import Check, CheckResult
from iot_dr.observe.doctor.finding import unknown

_NOT_LOOKED: Final = "needs credentials of the environment's account"


def examine(
    account: Account,
    checks: Sequence[Check] = CHECKS,
    on_done: Callable[[], None] = lambda: None,
) -> tuple[CheckResult, ...]:
    """Return the results of all checks, the credentials' first; `on_done` follows each one.

    Without credentials of the environment's account, only the local checks are made.
    """
    credentials = _result(account, CREDENTIALS)
    on_done()
    has_access = all(each.status != "missing" for each in credentials.findings)
    if has_access:
        _ = account.states
    runs = {
        check.name: partial(_counted, account, check, on_done)
        for check in checks
        if has_access or check.is_local
    }
    results = gather(runs, SECONDS + 5)
    return credentials, *(_of(check, results.get(check.name)) for check in checks)


def _of(check: Check, result: CheckResult | UserError | None) -> CheckResult:
    if isinstance(result, CheckResult):
        return result
    return CheckResult(check=check.name, findings=(unknown(result or _NOT_LOOKED),))


def _counted(account: Account, check: Check, on_done: Callable[[], None]) -> CheckResult:
    result = _result(account, check)
    on_done()
    return result


def _result(account: Account, check: Check) -> CheckResult:
    try:
        return CheckResult(check=check.name, findings=tuple(check.examine(account)))
    except UserError as error:
        return CheckResult(check=check.name, findings=(unknown(error),))
