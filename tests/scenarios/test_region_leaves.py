"""A region leaves: its dependents are moved before its checks, records and then everything go."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from iot_dr.terraform_json.change import Action
from stacks.platform_graph import platform_graph
from tests.support.apply_moments import ALARM, CHECK, RECORD, Values, applied, moments, of_kind
from tests.support.sandbox_run import changes, sandbox_run
from tests.support.settings import REGIONS

pytestmark = pytest.mark.usefixtures("lent")


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
        before, after, printed = applied(run, folder)
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
