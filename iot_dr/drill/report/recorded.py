"""The report of an earlier drill, read from its folder."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, cast

from environments.settings import Settings
from iot_dr.common.plain_text import plain
from iot_dr.common.regular_file import content_of
from iot_dr.drill.report.design_digest import design_digest
from iot_dr.terraform_json.strict_json import parsed

JSON: Final = "report.json"
"""The file of a report for programs."""

RECORD: Final = frozenset((
    *("outage", "region", "title", "verdict", "reasons", "expected", "target", "started"),
    *("restored", "ended", "partial", "devices", "fewer", "speed", "seed", "ttl"),
    *("shared_resolvers", "failover_order", "habits", "unserved", "figures", "cause"),
    *("prediction", "messages", "diagnosis", "timeline", "answers", "health", "switch_puts"),
    *("machine", "assumptions", "not_rehearsed"),
))  # fmt: skip
"""The keys of a rehearsed outage in a report."""

FOLDER: Final = Path("drill")
"""The default folder of a report."""

_PROVES: Final = frozenset({"passed", "warn"})
# The machine of a drill may be ahead of this one; a later start is not of a drill.
_CLOCKS_DIFFER: Final = timedelta(hours=1)


def against_design(folder: Path, settings: Settings) -> Iterator[str]:
    """Yield why the drill in a folder does not show that devices leave the primary when it fails.

    Raises SettingsError if a file that the settings name cannot be used.
    """
    digest, file = design_digest(settings), folder / JSON
    try:
        report = cast("dict[str, Any]", parsed(content_of(file)))
        problem = _problem(report, settings, digest)
    except FileNotFoundError:
        problem = "there is no report of a drill"
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        problem = f"is not a report of `iot-dr drill run`: {error}"
    if problem:
        out = "" if folder == FOLDER else f" --out {folder}"
        command = f"iot-dr drill run --env {settings.environment}{out}"
        yield plain(f"{file}: {problem}. Rehearse the design first: `{command}`")


def _problem(report: dict[str, Any], settings: Settings, digest: str) -> str:
    if report["environment"] != settings.environment:
        return f"is of the environment {report['environment']}"
    if report.get("design") != digest:
        return "rehearsed other settings, or another version of iot-dr"
    if report["status"] != 0:
        return f"the drill did not pass (exit status {report['status']})"
    return _outages_problem(report["outages"], settings)


def _outages_problem(outages: list[dict[str, Any]], settings: Settings) -> str:
    primary, days = settings.primary_region, settings.recovery.drill_days
    shown = [outage["started"] for outage in outages if _shows(outage, primary)]
    if not shown:
        return f"no outage of {primary} was rehearsed that devices should leave"
    now, limit = datetime.now(UTC), timedelta(days=days)
    ages = (now - datetime.fromisoformat(started) for started in shown)
    if not any(-_CLOCKS_DIFFER < age <= limit for age in ages):
        return f"is of {max(shown)}, and counts for {days} days (recovery.drill_days)"
    return ""


def _shows(outage: dict[str, Any], primary: str) -> bool:
    return (
        outage["region"] == primary
        and outage.keys() >= RECORD
        and outage["partial"] is False
        and outage["figures"]["served"] > 0
        and outage["verdict"] in _PROVES
        and outage["expected"]["effect"] == "moves"
    )
