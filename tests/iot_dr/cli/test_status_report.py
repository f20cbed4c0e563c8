"""What `iot-dr status` tells machines and those who watch."""

import json
from dataclasses import replace

from iot_dr.cli.status_report import StatusReport
from iot_dr.cli.status_run import changes
from tests.iot_dr.observe.status.reports import HEALTHY, blind_report, report, served, told, well
from tests.iot_dr.observe.status.world import CENTRAL, WEST


def test_the_exit_status_follows_the_verdict() -> None:
    degraded = replace(well(WEST), switch="ALARM")
    seen = (report(), blind_report(), report(degraded))
    assert [StatusReport(each).exit_status for each in seen] == [0, 1, 3]


def test_json_gives_unknown_with_its_reason_and_times_as_iso() -> None:
    document = json.loads(StatusReport(blind_report()).json())
    assert document["taken"] == "2026-01-02T03:04:05+00:00"
    assert document["states"] == {"unknown": "no way out"}
    assert document["by_checks"]["region"] is None
    assert document["by_checks"]["possible"] == [WEST, CENTRAL]
    assert document["by_checks"]["why"] == []
    assert document["regions"][0]["endpoint"] == {"unknown": "no way out"}


def test_what_passes_of_itself_is_no_change() -> None:
    now = replace(report(None, told(WEST, ttl=12)), states=report().states)
    later = replace(now, names=(told(WEST, ttl=7),), regions=report().regions)
    other = replace(well(WEST), endpoint=served(89.9), checks={"deep": HEALTHY})
    assert StatusReport(now).facts() == StatusReport(later).facts()
    assert StatusReport(report(other)).facts()["eu-west-1 TLS"] == "served"


def test_a_change_is_told_with_what_it_was() -> None:
    before = {"verdict": "ok", "checks lead to": WEST, "resolver a": WEST}
    now = {"verdict": "ok", "checks lead to": CENTRAL, "resolver b": WEST}
    assert next(iter(changes({}, before))) == "verdict: ok"
    assert list(changes(before, now)) == [
        "checks lead to: eu-central-1 (was: eu-west-1)",
        "resolver b: eu-west-1",
        "resolver a: no longer asked",
    ]
