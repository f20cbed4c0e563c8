"""Whether the report of an earlier drill shows that the present design works."""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from environments.own_stacks import DeclaredStack, DeclaredStacks
from environments.project import ROOT_VARIABLE
from environments.settings import Settings
from iot_dr.drill.outages.expectation import Effect
from iot_dr.drill.report.design_digest import design_digest
from iot_dr.drill.report.outage_result import OutageResult
from iot_dr.drill.report.recorded import RECORD, against_design
from iot_dr.drill.report.report import DrillReport
from tests.support.drill_recordings import (
    calm,
    kill,
    never_back,
    not_rehearsed,
    rehearsed,
    undone_at,
    unmoved,
)
from tests.support.existing import ZONE, existing
from tests.support.settings import settings

DEV = settings()
WELL = rehearsed(kill(20, started=datetime.now(UTC).isoformat()))


def reasons(
    folder: Path,
    *results: OutageResult,
    rehearsal: Settings = DEV,
    design: Settings = DEV,
) -> list[str]:
    """Return what speaks against a design after a drill of another one."""
    DrillReport.of(results, rehearsal).write(folder)
    return list(against_design(folder, design))


def test_a_passed_drill_of_the_same_settings_shows_it(tmp_path: Path) -> None:
    assert reasons(tmp_path, WELL, not_rehearsed()) == []


@pytest.mark.parametrize(
    ("result", "why"),
    [
        (never_back(20), "the drill did not pass (exit status 3)"),
        (kill(20, machine=None), "the drill did not pass (exit status 1)"),
    ],
)
def test_a_drill_that_did_not_pass_shows_nothing(tmp_path: Path, result: Any, why: str) -> None:
    (reason,) = reasons(tmp_path, rehearsed(result))
    assert reason == (
        f"{tmp_path}/report.json: {why}. Rehearse the design first: `iot-dr drill run --env dev"
        f" --out {tmp_path}`"
    )


def test_devices_must_have_left_the_primary_in_a_drill(tmp_path: Path) -> None:
    why = "no outage of eu-west-1 was rehearsed that devices should leave"
    blind = rehearsed(unmoved(undone_at(250, 20)), Effect.BLIND)
    for results in ((rehearsed(calm(20), Effect.STAYS),), (blind, not_rehearsed())):
        (reason,) = reasons(tmp_path, *results)
        assert why in reason
    assert reasons(tmp_path, blind, WELL) == []
    file = tmp_path / "report.json"
    file.write_text(file.read_text().replace('"region": "eu-west-1"', '"region": "eu-central-1"'))
    (reason,) = against_design(tmp_path, DEV)
    assert why in reason


@pytest.mark.parametrize(
    "changes",
    [{"endpoint": {"ttl": 30}}, {"data": {}}, {"regions": ["eu-west-1", "eu-north-1"]}],
    ids=str,
)
def test_a_drill_of_other_settings_does_not_count(
    tmp_path: Path, changes: dict[str, object]
) -> None:
    (reason,) = reasons(tmp_path, WELL, design=settings(**changes))
    assert "rehearsed other settings, or another version of iot-dr" in reason


def test_a_drill_of_another_environment_does_not_count(tmp_path: Path) -> None:
    (reason,) = reasons(tmp_path, WELL, design=settings(environment="prod"))
    assert "is of the environment dev" in reason


def test_the_policy_of_the_fleet_is_a_part_of_the_design(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(ROOT_VARIABLE)
    monkeypatch.chdir(tmp_path)
    policy = {"name": "FleetPolicy", "document": "environments/fleet.json"}
    (tmp_path / "cdktf.json").write_text("{}", encoding="utf-8")
    file = tmp_path / "environments" / "fleet.json"
    file.parent.mkdir()
    file.write_text('{"Statement": []}', encoding="utf-8")
    before, after = (
        settings(zone=ZONE, existing=existing(device_policy=policy, cut_over=cut_over))
        for cut_over in (False, True)
    )
    assert reasons(tmp_path, WELL, rehearsal=before, design=after) == []
    digest = design_digest(before)
    file.write_text('{"Statement": [{}]}', encoding="utf-8")
    assert "rehearsed other settings" in " ".join(against_design(tmp_path, after))
    # The file was changed during the drill, before its report was written.
    DrillReport.of([WELL], before, digest).write(tmp_path)
    assert "rehearsed other settings" in " ".join(against_design(tmp_path, after))


def edited(folder: Path, change: Callable[[dict[str, Any]], None]) -> list[str]:
    """Return what speaks against a design after its report was edited."""
    DrillReport.of([WELL], DEV).write(folder)
    report = json.loads((folder / "report.json").read_bytes())
    change(report)
    (folder / "report.json").write_text(json.dumps(report))
    return list(against_design(folder, DEV))


@pytest.mark.parametrize(("days", "counts"), [(-29, True), (-31, False), (2, False), (31, False)])
def test_a_drill_counts_for_as_many_days_as_the_settings_say(
    tmp_path: Path, days: int, counts: bool
) -> None:
    started = (datetime.now(UTC) + timedelta(days=days)).isoformat()
    problems = edited(tmp_path, lambda report: report["outages"][0].update(started=started))
    assert bool(problems) is not counts
    if problems:
        assert "and counts for 30 days (recovery.drill_days)" in problems[0]
    # Another limit is not another design; no limit lets a drill count that is still to come.
    longer = settings(recovery={"drill_days": 40})
    assert bool([*against_design(tmp_path, longer)]) is (days > 0)


@pytest.mark.parametrize("key", sorted(RECORD))
def test_an_outage_without_its_whole_record_shows_nothing(tmp_path: Path, key: str) -> None:
    assert edited(tmp_path, lambda report: report["outages"][0].pop(key))


def test_an_interrupted_rehearsal_shows_nothing(tmp_path: Path) -> None:
    (reason,) = edited(tmp_path, lambda report: report["outages"][0].update(partial=True))
    assert "no outage of eu-west-1 was rehearsed" in reason


def test_the_record_of_an_outage_has_these_keys() -> None:
    (outage,) = DrillReport.of([WELL], DEV).document()["outages"]
    old = {"unrehearsed"}
    assert outage.keys() - old == RECORD


def test_own_stacks_and_the_content_of_modules_are_a_part_of_the_design(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    monkeypatch.delenv(ROOT_VARIABLE)
    monkeypatch.chdir(project)
    files = {
        "cdktf.json": "{}",
        "own.py": "class Orders: ...",
        "helpers/names.py": "NAME = 1",
        "modules/audit/main.tf": 'module "base" {\n  source = "../base"\n}\n',
        "modules/audit/policy.json": "{}",
        "modules/base/main.tf": "# base",
        "drill/report.json": "{}",
        ".venv/x.py": "",
        "../shared/linked.py": "",
    }
    for name, text in files.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text)
    for link, folder in {"ours": "../shared", "back": "..", "self": ".", "root": "/"}.items():
        (project / link).symlink_to(folder)
    declared = DeclaredStack(source="own:Orders", file="cdktf.json")
    module = {"name": "audit", "source": "./modules/audit"}
    own = settings(modules=[module]).with_declared_stacks(
        DeclaredStacks(regional=(declared,), root=project)
    )
    before = design_digest(own)
    assert before != design_digest(settings(modules=[module]))
    for name, text in files.items():
        (project / name).write_text(f"{text}# changed")
        is_part = not name.startswith(("cdktf", "drill", ".venv"))
        assert (design_digest(own) != before) is is_part, name
        (project / name).write_text(text)


@pytest.mark.parametrize(
    "content", ["no JSON", "[" * 100_000, "[]", "{}", '{"environment": "dev"}']
)
def test_another_file_is_refused_as_a_report(tmp_path: Path, content: str) -> None:
    (tmp_path / "report.json").write_text(content, encoding="utf-8")
    (reason,) = against_design(tmp_path, DEV)
    assert "report.json: " in reason
    assert "Rehearse the design first: `iot-dr drill run --env dev" in reason


def test_a_report_that_is_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "report.json")
    (reason,) = against_design(tmp_path, DEV)
    assert "it is not a regular file" in reason


def test_without_a_drill_it_names_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (reason,) = against_design(Path("drill"), DEV)
    assert reason == (
        "drill/report.json: there is no report of a drill. Rehearse the design first:"
        " `iot-dr drill run --env dev`"
    )
