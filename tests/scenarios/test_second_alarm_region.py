"""A platform whose switches have one alarm region gets the second; its switches work all the time.

`support/one_alarm_region.json` has the records, checks, alarms and outputs of the entry point of
three regions as iot-dr synthesized them before switches had a second alarm region (ADR 0039).
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.support.entry_point_moment import Moment, judged, switched
from tests.support.apply_moments import applied, moments
from tests.support.sandbox_run import SandboxRun, changes, sandbox_run
from tests.support.settings import REGIONS

pytestmark = [pytest.mark.usefixtures("lent"), pytest.mark.exhaustive]

FORMER = Path(__file__).parent / "support" / "one_alarm_region.json"
STACK = "iot-dev-entry-point"
THREE: dict[str, object] = {"regions": list(REGIONS[:3])}


def with_one_alarm_region(run: SandboxRun) -> None:
    """Replace the entry point's records, checks, alarms and outputs by the former ones."""
    file = run.session.stacks / STACK / "cdk.tf.json"
    document: dict[str, Any] = json.loads(file.read_bytes())
    kept = ("aws_sns_", "aws_kms_")
    topics = {type_: each for type_, each in document["resource"].items() if type_.startswith(kept)}
    former = json.loads(FORMER.read_bytes())
    former["resource"] |= topics
    file.write_text(json.dumps({**document, **former}), encoding="utf-8")


def test_switches_work_at_every_moment_while_they_get_a_second_alarm_region(tmp_path: Path) -> None:
    sandbox, scratch = tmp_path / "sandbox", tmp_path / "scratch"
    scratch.mkdir()
    with sandbox_run(sandbox, scratch, **THREE) as run:
        with_one_alarm_region(run)
        run.apply()
    with sandbox_run(sandbox, scratch, **THREE) as run:
        before, after, printed = applied(run, run.opened("entry-point"))
        seen = [("before", before), *moments(before, after, printed)]
    assert len(seen) > 15
    assert [what for what, _ in seen if what.startswith("delete")] == []
    for what, standing in seen:
        judged(what, Moment(run.settings, standing))
    last = Moment(run.settings, after)
    for region in run.settings.regions:
        assert {*last.alarms(region)} == {*run.settings.alarm_regions(region)}
    for region in run.settings.failover_order[:-1]:
        for alarm in last.alarms(region).values():
            assert switched(last, region, {alarm}) != region
    with sandbox_run(sandbox, scratch, **THREE) as run:
        assert not any(changes(each) for each in run.plan().values())
