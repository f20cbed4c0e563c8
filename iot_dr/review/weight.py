"""How verdicts compare."""

from collections.abc import Iterable
from typing import Final

from iot_dr.rules.rule import Verdict

_LIGHTEST_FIRST: Final = (Verdict.OK, Verdict.WARN, Verdict.BLOCK)


def weight(verdict: Verdict) -> int:
    """Give a number that is larger the worse a verdict is."""
    return _LIGHTEST_FIRST.index(verdict)


def heaviest(verdicts: Iterable[Verdict]) -> Verdict:
    """Give the worst of verdicts; `ok` when there is none."""
    return max(verdicts, key=weight, default=Verdict.OK)
