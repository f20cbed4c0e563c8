"""Findings as a person reads them."""

from iot_dr.rules.engine import Judgement
from iot_dr.rules.findings import summary, text
from iot_dr.rules.rule import Finding, Verdict
from iot_dr.rules.suppression import Suppressed


def finding(verdict: Verdict, stack: str | None, address: str | None, message: str) -> Finding:
    return Finding(rule="a-rule", verdict=verdict, stack=stack, address=address, message=message)


FOUND = (
    finding(Verdict.BLOCK, "iot-dev-entry-point", "aws_x.y", "is wrong."),
    finding(Verdict.WARN, "iot-dev-entry-point", None, "is odd."),
    finding(Verdict.WARN, None, None, "takes long."),
)
ACCEPTED = Suppressed(finding=finding(Verdict.BLOCK, "s\x1b[1m", "aws_x.z", "m."), reason="r\u202e")


def test_findings_stand_below_their_stack_and_accepted_ones_with_their_reason() -> None:
    assert text(Judgement(findings=FOUND, suppressed=(ACCEPTED,))).splitlines() == [
        "iot-dev-entry-point",
        "  block  aws_x.y: is wrong. [a-rule]",
        "  warn   is odd. [a-rule]",
        "all stacks",
        "  warn   takes long. [a-rule]",
        "suppressed",
        r"  s\u001b[1m: aws_x.z: m. [a-rule]",
        r"    reason: r\u202e",
    ]


def test_the_summary_begins_with_the_verdict_and_counts() -> None:
    every = Judgement(findings=FOUND, suppressed=(ACCEPTED,))
    assert summary(every) == "block: 1 error, 2 warnings, 1 suppressed"
    assert summary(Judgement(findings=(), suppressed=())) == "ok: no findings"
    assert text(Judgement(findings=(), suppressed=())) == ""
