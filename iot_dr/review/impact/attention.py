"""What needs a reviewer's eyes before anything else."""

from dataclasses import dataclass

from iot_dr.review.read.attribute_diff import AttributeDiff
from iot_dr.review.read.stack_review import ResourceChange
from iot_dr.rules.rule import Finding, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """A change to what devices depend on: `subject` says what it is to them, `why` what follows.

    `subject` is e.g. `the device name's PRIMARY record`; `attributes` are the differences that
    matter, first those that force a replacement. `findings` are what the rules found at the same
    resource; `why` tells them already.
    """

    verdict: Verdict
    subject: str
    why: str
    change: ResourceChange
    attributes: tuple[AttributeDiff, ...]
    findings: tuple[Finding, ...] = ()
