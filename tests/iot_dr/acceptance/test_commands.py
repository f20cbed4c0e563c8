"""What steps read in the documents that the commands of `iot-dr` really print."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from iot_dr.acceptance.command import CommandResult, parse_result
from iot_dr.acceptance.commands import (
    RegionUnknownError,
    routing_problem,
    switch,
    terraform,
    unknown_checks,
)
from iot_dr.acceptance.tools import RunTools, VerificationError
from iot_dr.cli.outcomes import PlanReport
from iot_dr.cli.status_report import StatusReport
from iot_dr.cli.switch_report import document
from iot_dr.common.user_error import UserError
from iot_dr.observe.status.report import Observations
from iot_dr.observe.switch.health import HealthObservation
from iot_dr.observe.switch.outlook import Outlook
from iot_dr.observe.switch.situation import SwitchSituation
from iot_dr.observe.switch.switching import Switching, SwitchResult
from iot_dr.terraform_json.change import Action, PlannedAction
from iot_dr.terraform_json.provider_choice import Provider
from tests.iot_dr.acceptance.account import Account
from tests.iot_dr.cli.test_outcomes import done
from tests.iot_dr.observe.status.reports import answered, blind_report, report, well
from tests.iot_dr.observe.status.world import CENTRAL, SETTINGS, WEST


def tools(folder: Path, result: dict[str, Any], status: int = 0) -> RunTools:
    """Return what a run works with, whose commands print this result."""
    printed = json.dumps({"result": result})

    def command(*_words: str) -> CommandResult:
        return parse_result(status, printed, "")

    return replace(Account(folder).tools(SETTINGS, folder, print), command=command)


def seen(folder: Path, report: Observations) -> RunTools:
    return tools(folder, StatusReport(report).document(), status=3)


def test_a_status_says_whether_devices_are_led_to_a_region(tmp_path: Path) -> None:
    leads = replace(answered(WEST), kind="authoritative")
    well_led = seen(tmp_path, report(None, leads))
    assert routing_problem(well_led, WEST, "OK") == ""
    assert routing_problem(well_led, CENTRAL, "OK") == f"name servers still answer {WEST}"
    away = seen(tmp_path, report(replace(well(WEST), alarms={CENTRAL: "ALARM"}), leads))
    assert routing_problem(away, WEST, "OK") == f"the switch of {WEST} is ALARM"
    with pytest.raises(RegionUnknownError, match="no name server of the zone responds"):
        routing_problem(seen(tmp_path, report()), WEST, "OK")


def test_a_status_that_saw_nothing_says_so_of_each_region(tmp_path: Path) -> None:
    blind = blind_report()
    with pytest.raises(RegionUnknownError, match=f"switch of {WEST} is unknown: no way out"):
        routing_problem(seen(tmp_path, blind), WEST, "OK")
    all_well, none = (StatusReport(each).document() for each in (report(), blind))
    asking = seen(tmp_path, blind)
    assert [*unknown_checks(asking, all_well)] == []
    assert [*unknown_checks(asking, none)] == [
        f"{region}: {what} is unknown: no way out"
        for region in (WEST, CENTRAL)
        for what in ("deep", "tcp", "switch", "TLS")
    ]


def test_the_changes_of_a_plan_are_counted(tmp_path: Path) -> None:
    zone = PlannedAction("aws_route53_zone.zone", Action.CREATE)
    planned = PlanReport(Provider.STANDIN, [done("one", zone, zone), done("two")], 1.0)
    evidence = terraform(tools(tmp_path, planned.document()), "deploy")
    assert evidence == {"stacks": "2", "changes": "2 create"}


def test_a_switch_that_is_put_prints_a_document(tmp_path: Path) -> None:
    outlook = Outlook(
        settings=SETTINGS,
        region=WEST,
        action="away",
        health=dict.fromkeys(SETTINGS.regions, HealthObservation(True, "a test")),
        switches=dict.fromkeys(SETTINGS.regions, "OK"),
    )
    look = SwitchSituation(outlook=outlook, kept=UserError("none"), who="a test")
    printed = document(Switching(SETTINGS, WEST, "away"), look, SwitchResult(None, "none"), "OK")
    switch(tools(tmp_path, printed), "away")
    with pytest.raises(VerificationError, match=f"iot-dr switch away {WEST} .* ended with 1"):
        switch(tools(tmp_path, printed, status=1), "away")
