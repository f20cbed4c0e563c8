"""No line of a report on AWS is wider than the terminal."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from functions.registry.entity import Kind
from iot_dr.cli.acceptance import run
from iot_dr.cli.confirmation import NotConfirmedError
from iot_dr.cli.registry.diff import diff_lines
from iot_dr.cli.registry.status import status_lines
from iot_dr.cli.rotate_report import abandon_lines, done_lines, look_lines
from iot_dr.cli.state_report import StateReport
from iot_dr.cli.status_report import StatusReport
from iot_dr.cli.switch_report import done_lines as switched_lines
from iot_dr.cli.switch_report import outlook_lines, without_lines
from iot_dr.cli.text import echo
from iot_dr.common.user_error import UserError
from iot_dr.observe.state.snapshot import Snapshot
from iot_dr.observe.state.states_overview import StatesOverview, StateView
from iot_dr.observe.switch.switching import Switching, SwitchResult
from iot_dr.operate.registry.diff import Difference, DiffResult, EntityCounts
from iot_dr.operate.registry.region_rows import RegionRows
from iot_dr.operate.registry.status import RegistryStatus, TableRows
from iot_dr.operate.rotate.rotation_run import RotationResult
from stacks.state_location import StateLocation
from tests.iot_dr.acceptance.account import Account
from tests.iot_dr.cli.test_doctor_report import MISSING
from tests.iot_dr.cli.test_doctor_report import report as doctor_report
from tests.iot_dr.cli.test_output import too_wide
from tests.iot_dr.observe.status.reports import NOW, blind_report, report
from tests.iot_dr.operate.rotate.test_situation import BEGUN, UNDER_WAY, look

_ERROR: Final = UserError("ssm:GetParameter in eu-central-1: no answer within 1.5 s " * 3)
_ROTATED: Final = RotationResult(rotation=BEGUN, arn="arn:new", fingerprint="ab" * 32, away=None)


def states() -> StateReport:
    name, bucket = "iot-dev-iot-eu-central-1", "example-iot-dev-eu-central-1"
    seen = [
        StateView(
            stack=name,
            location=StateLocation(bucket=bucket, key=f"{name}.tfstate", region="eu-central-1"),
            is_copy=is_copy,
            snapshot=Snapshot(written=NOW - timedelta(days=3), lineage="ab" * 18, serial=1234),
            problem=problem,
        )
        for is_copy, problem in ((False, ""), (True, str(_ERROR)))
    ]
    return StateReport(StatesOverview(states=tuple(seen), fences=()), NOW)


def switch_lines() -> list[str]:
    seen = look(own=UNDER_WAY)
    switching = Switching(seen.settings, "eu-central-1", "away")
    return [
        *outlook_lines(switching, seen.switch),
        *switched_lines(switching, SwitchResult(None, str(_ERROR)), "ALARM"),
        *without_lines(switching, "eu-west-1", ("check",)),
    ]


def rotate_lines() -> list[str]:
    seen = look(own=UNDER_WAY)
    return [*look_lines(seen), *abandon_lines(seen), *done_lines(seen, _ROTATED)]


def registry_lines() -> list[str]:
    regions = ("eu-west-1", "eu-central-1")
    rows = TableRows({name: RegionRows(region=name, entities=123_456) for name in regions})
    queues = {(name, "example-dev-registry-apply"): 1_234_567 for name in regions}
    seen = RegistryStatus(
        taken=0, source_region=regions[0], rows=rows, silent={"eu-north-1": _ERROR}, queues=queues
    )
    different = Difference("certificate/" + "ab" * 32, str(_ERROR))
    result = DiffResult(regions, [EntityCounts(kind=kind) for kind in Kind], [different])
    return [*status_lines("dev", seen), *diff_lines("dev", result)]


REPORTS: Final[Mapping[str, str]] = {
    "status": StatusReport(report()).text(),
    "status of nothing": StatusReport(blind_report()).text(),
    "status of a sandbox": StatusReport(blind_report(), Path(".sandbox/dev")).text(),
    "doctor": doctor_report(MISSING).text(),
    "state status": states().text(),
    "switch": "\n".join(switch_lines()),
    "rotate": "\n".join(rotate_lines()),
    "registry": "\n".join(registry_lines()),
}


@pytest.mark.parametrize("width", [40, 80])
@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_a_report_fits_the_terminal_and_loses_no_word(
    report: str, width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    echo(report)
    printed = capsys.readouterr().out
    assert too_wide(printed, width) == []
    assert printed.split() == report.split()


@pytest.mark.parametrize("width", [40, 80])
def test_the_overview_of_an_acceptance_run_fits_the_terminal(
    width: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", str(width))
    with pytest.raises(NotConfirmedError):
        run("dev", "aws", "prod", Account(tmp_path).tools, as_json=False)
    printed = "".join(capsys.readouterr())
    assert "Acceptance run of dev" in printed
    assert too_wide(printed, width) == []
