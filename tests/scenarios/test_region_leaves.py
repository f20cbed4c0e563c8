"""A region leaves: its dependents are moved before its checks, records and then everything go."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from iot_dr.terraform_json.change import Action
from stacks.platform_graph import platform_graph
from tests.support.sandbox_run import SandboxRun, changes, sandbox_run
from tests.support.settings import REGIONS

pytestmark = pytest.mark.usefixtures("lent")

ALARM, CHECK = "aws_cloudwatch_metric_alarm", "aws_route53_health_check"
RECORD = "aws_route53_record"

Values = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Departure:
    """An environment of several regions, of which one leaves."""

    count: int
    gone: str

    @property
    def before(self) -> dict[str, object]:
        regions = list(REGIONS[: self.count])
        stays = next(region for region in regions if region != self.gone)
        return {"regions": regions, "home_region": stays, "primary_region": stays}

    @property
    def left(self) -> dict[str, object]:
        regions = [region for region in REGIONS[: self.count] if region != self.gone]
        return {**self.before, "regions": regions}

    @property
    def leaving(self) -> dict[str, object]:
        return {**self.left, "leaving_regions": [self.gone]}


# The first region of the file keeps the switches of all others, and here the watcher is in it.
DEPARTURES = [
    pytest.param(Departure(3, REGIONS[0]), id="first of 3"),
    pytest.param(Departure(5, REGIONS[2]), id="third of 5", marks=pytest.mark.exhaustive),
]


def state(run: SandboxRun, folder: Path) -> Values:
    """Return the alarms, checks and records of a stack by their addresses."""
    document = json.loads(run.terraform(folder, "show", "-json"))
    resources = document["values"]["root_module"]["resources"]
    kinds = {ALARM, CHECK, RECORD}
    return {each["address"]: each["values"] for each in resources if each["type"] in kinds}


def moments(before: Values, after: Values, printed: str) -> Iterator[tuple[str, Values]]:
    """Return the resources after each operation of an apply, and the operation."""
    standing = dict(before)
    for line in printed.splitlines():
        event = json.loads(line)
        if event["type"] != "apply_complete":
            continue
        action, address = event["hook"]["action"], event["hook"]["resource"]["addr"]
        if address in before or address in after:
            standing.pop(address, None)
            standing |= {address: after[address]} if action != "delete" else {}
            yield f"{action} {address}", dict(standing)


def of_kind(standing: Values, kind: str) -> list[dict[str, Any]]:
    return [values for address, values in standing.items() if address.startswith(f"{kind}.")]


def asked(standing: Values) -> set[str]:
    """Return the ids that records and calculated checks use."""
    ids: set[str] = {each["health_check_id"] or "" for each in of_kind(standing, RECORD)}
    for check in of_kind(standing, CHECK):
        ids.update(check.get("child_healthchecks") or [])
    return ids - {""}


def alarms(standing: Values) -> set[tuple[str, str]]:
    """Return the existing alarms, by name and region."""
    return {(each["alarm_name"], each["region"]) for each in of_kind(standing, ALARM)}


def alarms_asked(standing: Values) -> set[tuple[str, str]]:
    """Return the alarms that checks use."""
    return {
        (check["cloudwatch_alarm_name"], check["cloudwatch_alarm_region"])
        for check in of_kind(standing, CHECK)
        if check["type"] == "CLOUDWATCH_METRIC"
    }


def sides(standing: Values, name: str) -> list[str]:
    return sorted(
        record["failover_routing_policy"][0]["type"]
        for record in of_kind(standing, RECORD)
        if record["name"] == name
    )


@pytest.mark.parametrize("departure", DEPARTURES)
def test_nothing_in_use_is_ever_missing_and_in_the_end_everything_is_gone(
    departure: Departure, tmp_path: Path
) -> None:
    sandbox, scratch = tmp_path / "sandbox", tmp_path / "scratch"
    scratch.mkdir()
    gone = f"iot-{departure.gone}"
    with sandbox_run(sandbox, scratch, **departure.before) as run:
        made = run.plan(apply=True)
        stood = {change.address for change in changes(made[f"iot-dev-{gone}"])}
    with sandbox_run(sandbox, scratch, **departure.leaving) as run:
        names = [node.name for node in platform_graph(run.settings).nodes]
        *others, entry_point, last = names
        assert (entry_point, last) == ("iot-dev-entry-point", f"iot-dev-{gone}")
        run.apply(*others)
        folder = run.opened("entry-point")
        before = state(run, folder)
        printed = run.terraform(folder, "apply", "-auto-approve", "-json")
        after = state(run, folder)
        (ended,) = run.plan(gone, apply=True).values()
    in_order(before, after, printed)
    left = {each["region"] for each in of_kind(after, ALARM)}
    assert departure.gone not in left
    assert {change.address for change in changes(ended)} == stood
    assert {change.action for change in changes(ended)} == {Action.DESTROY}
    with sandbox_run(sandbox, scratch, **departure.left) as run:
        assert {name: changes(each) for name, each in run.plan().items()} == dict.fromkeys(
            names[:-1], ()
        )
    bucket = sandbox / "s3" / f"example-iot-dev-{departure.gone}" / "dev"
    assert json.loads((bucket / f"iot-dev-{gone}.tfstate").read_bytes())["resources"] == []


def in_order(before: Values, after: Values, printed: str) -> None:
    own = {each["id"] for each in of_kind(before, CHECK)}
    seen = list(moments(before, after, printed))
    assert len(seen) >= 7
    for what, standing in seen:
        ids = {each["id"] for each in of_kind(standing, CHECK)}
        assert asked(standing) & own <= ids, what
        assert alarms_asked(standing) <= alarms(standing), what
        aliases = [each["alias"][0]["name"] for each in of_kind(standing, RECORD) if each["alias"]]
        for name in ["mqtt.iot-dev.example.com", *aliases]:
            assert sides(standing, name) == ["PRIMARY", "SECONDARY"], what
