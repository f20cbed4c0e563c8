"""A platform whose switches have no registers gets them, and each switch keeps its value."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.support.entry_point_moment import Moment, judged, switched
from tests.support.apply_moments import ALARM, CHECK, RECORD, Values, applied, moments
from tests.support.sandbox_run import SandboxRun, changes, sandbox_run
from tests.support.settings import REGIONS

pytestmark = [pytest.mark.usefixtures("lent"), pytest.mark.exhaustive]

STACK = "iot-dev-entry-point"
THREE: dict[str, object] = {"regions": list(REGIONS[:3])}
PUBLISHERS = {f"publisher_{region.replace('-', '_')}" for region in REGIONS[:3]}
FUNCTION = "aws_lambda_function"


def without_registers(run: SandboxRun) -> None:
    """Leave out what the entry point has had since there are registers (ADR 0045)."""
    file = run.session.stacks / STACK / "cdk.tf.json"
    document: dict[str, Any] = json.loads(file.read_bytes())
    for type_, blocks in document["resource"].items():
        document["resource"][type_] = {
            id_: block for id_, block in blocks.items() if id_ not in PUBLISHERS
        }
    for function in document["resource"][FUNCTION].values():
        del function["environment"]["variables"]["WATCHER_PROJECT"]
    for policy in document["resource"]["aws_iam_role_policy"].values():
        former = json.loads(policy["policy"])
        *former["Statement"], register = former["Statement"]
        assert register["Sid"] == "WriteTheRegister"
        policy["policy"] = json.dumps(former)
    file.write_text(json.dumps(document), encoding="utf-8")


def completed(printed: str) -> Iterator[tuple[str, str]]:
    """Yield the action and the address of each operation of an apply, in order."""
    for event in map(json.loads, printed.splitlines()):
        if event["type"] == "apply_complete":
            yield event["hook"]["action"], event["hook"]["resource"]["addr"]


def switches(standing: Values) -> Values:
    """Return all that leads devices: records, checks, and the alarms of switches."""
    return {
        address: values
        for address, values in standing.items()
        if address.startswith((CHECK, RECORD))
        or (address.startswith(ALARM) and values["metric_name"] == "SwitchedAway")
    }


def kept(run: SandboxRun, before: Values, after: Values, printed: str) -> None:
    """Judge each moment of an apply, with a switch back and with one away."""
    seen = [("before", before), *moments(before, after, printed)]
    assert len(seen) > 3
    for what, standing in seen:
        assert switches(standing) == switches(before), what
        moment = Moment(run.settings, standing)
        judged(what, moment)
        primary, standby, _ = run.settings.failover_order
        for alarm in moment.alarms(primary).values():
            assert switched(moment, primary, {alarm}) == standby, what


def test_switches_keep_their_values_at_every_moment_while_they_get_registers_and_lose_them(
    tmp_path: Path,
) -> None:
    sandbox, scratch = tmp_path / "sandbox", tmp_path / "scratch"
    scratch.mkdir()
    with sandbox_run(sandbox, scratch, **THREE) as run:
        without_registers(run)
        run.apply()
    with sandbox_run(sandbox, scratch, **THREE) as run:
        before, after, printed = applied(run, run.opened("entry-point"))
        kept(run, before, after, printed)
        done = list(completed(printed))
        assert "delete" not in {action for action, _ in done}
        functions = [address for _, address in done if address.startswith(FUNCTION)]
        # No publisher runs before the watchers write registers.
        watchers = [address for address in functions if "watcher_" in address]
        assert functions[: len(watchers)] == watchers
        assert {*functions[len(watchers) :]} == {f"{FUNCTION}.{each}" for each in PUBLISHERS}
    with sandbox_run(sandbox, scratch, **THREE) as run:
        assert not any(changes(each) for each in run.plan().values())
    with sandbox_run(sandbox, scratch, **THREE) as run:
        without_registers(run)
        kept(run, *applied(run, run.opened("entry-point")))
