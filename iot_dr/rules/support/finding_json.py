"""A finding for programs."""

from typing import Any

from iot_dr.rules.rule import Finding


def finding_json(finding: Finding) -> dict[str, Any]:
    """Give a finding as an object of JSON, the same wherever it is told."""
    return {
        "rule": finding.rule,
        "verdict": finding.verdict.value,
        "stack": finding.stack,
        "address": finding.address,
        "message": finding.message,
    }
