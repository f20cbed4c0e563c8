"""The report of an earlier drill, read from its folder."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from environments.settings import Settings
from iot_dr.common.plain_text import plain
from iot_dr.drill.report.design_digest import design_digest

JSON: Final = "report.json"
"""The file of a report for programs."""

FOLDER: Final = Path("drill")
"""The default folder of a report."""

_PROVES: Final = frozenset({"passed", "warn"})


def against_design(folder: Path, settings: Settings) -> Iterator[str]:
    """Yield why the drill in a folder does not show that devices leave the primary when it fails.

    Raises SettingsError if a file that the settings name cannot be used.
    """
    digest, file = design_digest(settings), folder / JSON
    try:
        problem = _problem(json.loads(file.read_bytes()), settings, digest)
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
    primary = settings.primary_region
    if not any(_shows(each, primary) for each in report["outages"]):
        return f"no outage of {primary} was rehearsed that devices should leave"
    return ""


def _shows(outage: dict[str, Any], primary: str) -> bool:
    return (
        outage["region"] == primary
        and outage["verdict"] in _PROVES
        and outage["expected"]["effect"] == "moves"
    )
