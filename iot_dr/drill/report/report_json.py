"""`report.json`: a drill for machines."""

from collections.abc import Sequence
from typing import Any, Final

from iot_dr.drill.report import outage_json
from iot_dr.drill.report.outage_report import OutageReport
from iot_dr.drill.report.outage_result import NotRehearsed

SCHEMA_VERSION: Final = 1
"""Changes when a key changes its meaning or goes; new keys may come at any time."""


def document(
    environment: str, status: int, outages: Sequence[OutageReport | NotRehearsed]
) -> dict[str, Any]:
    """Give a drill as JSON: its exit status, and the outages in the order in which they came.

    Times are rehearsed seconds after an outage, rates are per rehearsed second; a value that there
    is none of is null.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "environment": environment,
        "status": status,
        "outages": [_outage(each) for each in outages],
    }


def _outage(outage: OutageReport | NotRehearsed) -> dict[str, Any]:
    if isinstance(outage, NotRehearsed):
        return outage_json.not_rehearsed(outage)
    return outage_json.rehearsed(outage)
