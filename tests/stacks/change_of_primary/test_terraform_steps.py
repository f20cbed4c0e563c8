"""A change of primary as Terraform applies it: every moment between its operations."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from iot_dr.route53.apply_order import apply_points
from iot_dr.route53.evaluation import Evaluation
from iot_dr.route53.terraform_records import record_in
from iot_dr.terraform.schedule import Done
from tests.stacks.change_of_primary.between import subsets
from tests.support.sandbox_run import SandboxRun, apply_once, changes, sandbox_run
from tests.support.settings import REGIONS

pytestmark = pytest.mark.usefixtures("lent")

RECORD = "aws_route53_record."
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Account:
    """The health checks and switches of all states in a sandbox."""

    states: Mapping[str, list[dict[str, Any]]]

    @classmethod
    def read(cls, sandbox: Path) -> "Account":
        files = (sandbox / "s3").rglob("*.tfstate")
        return cls({file.name: json.loads(file.read_bytes())["resources"] for file in files})

    def regions_of(self, check_id: str, names: Mapping[str, str]) -> set[str]:
        """Return the regions that a check asks about, itself or through its children."""
        ((state, check),) = [
            (state, instance)
            for state, instance in self._instances("aws_route53_health_check")
            if instance["id"] == check_id
        ]
        match check["type"]:
            case "CALCULATED":
                children = check["child_healthchecks"]
                return set[str]().union(*(self.regions_of(each, names) for each in children))
            case "CLOUDWATCH_METRIC":
                return {self._switched(check["cloudwatch_alarm_name"])}
            case "TCP":
                return {names[check["fqdn"]]}
            case _:
                # The deep check stands in its region's own state.
                return {state.removeprefix("iot-dev-iot-").removesuffix(".tfstate")}

    def _switched(self, alarm: str) -> str:
        # A switch has an alarm of one name in each of its alarm regions.
        (result,) = {
            instance["dimensions"]["Region"]
            for _, instance in self._instances("aws_cloudwatch_metric_alarm")
            if instance["alarm_name"] == alarm
        }
        return result

    def _instances(self, type_: str) -> Iterator[tuple[str, dict[str, Any]]]:
        for state, resources in self.states.items():
            for resource in (each for each in resources if each["type"] == type_):
                yield from ((state, each["attributes"]) for each in resource["instances"])


@dataclass(frozen=True)
class Applied:
    """A change of primary that was applied: its records before and after, and its events."""

    run: SandboxRun
    account: Account
    before: Mapping[str, Values]
    after: Mapping[str, Values]
    events: list[dict[str, Any]]
    depends_on: Mapping[str, tuple[str, ...]]

    def moments(self) -> Iterator[dict[str, Values]]:
        """Return the records at each moment."""
        for done in self.points():
            yield {
                name: (self.after if name in done else self.before)[name] for name in self.before
            }

    def points(self) -> Iterator[frozenset[str]]:
        """Return what is done at each moment; what has begun and not ended may be done or not."""
        done, begun = set[str](), set[str]()
        for event in self.events:
            address = event["hook"]["resource"]["addr"]
            if event["type"] == "apply_start":
                begun.add(address)
            else:
                begun.discard(address)
                done.add(address)
            for more in subsets(tuple(begun)):
                yield frozenset(done | more)


def _scratch(folder: Path) -> Path:
    scratch = folder / "scratch"
    scratch.mkdir()
    return scratch


@pytest.fixture(
    scope="module",
    params=[
        (3, 2),
        pytest.param((2, 1), marks=pytest.mark.exhaustive),
        pytest.param((3, 1), marks=pytest.mark.exhaustive),
        pytest.param((4, 2), marks=pytest.mark.exhaustive),
        pytest.param((5, 4), marks=pytest.mark.exhaustive),
    ],
    ids=lambda given: f"{given[0]} regions, to the one at {given[1]}",
)
def applied(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Applied:
    count, to = request.param
    regions = list(REGIONS[:count])
    folder = tmp_path_factory.mktemp("steps")
    scratch = _scratch(folder)
    apply_once(folder / "sandbox", regions=regions)
    changed: dict[str, object] = {"regions": regions, "primary_region": regions[to]}
    with sandbox_run(folder / "sandbox", scratch, **changed) as run:
        # Read while nothing is changed: no check may be there that is gone later, or the reverse.
        account = Account.read(folder / "sandbox")
        planned = run.plan()
        assert [name for name, each in planned.items() if changes(each)] == ["iot-dev-entry-point"]
        outcome = planned["iot-dev-entry-point"]
        assert isinstance(outcome, Done)
        results = [
            change
            for change in outcome.result.document["resource_changes"]
            if change["address"].startswith(RECORD)
        ]
        file = outcome.result.file
        printed = run.terraform(file.parent, "apply", "-json", str(file))
        events = [json.loads(line) for line in printed.splitlines()]
        return Applied(
            run,
            account,
            {each["address"]: each["change"]["before"] for each in results},
            {each["address"]: each["change"]["after"] for each in results},
            [
                event
                for event in events
                if event["type"] in {"apply_start", "apply_complete"}
                and event["hook"]["resource"]["addr"].startswith(RECORD)
            ],
            {
                block["address"]: tuple(block.get("depends_on", ()))
                for block in outcome.result.document["configuration"]["root_module"]["resources"]
            },
        )


def test_records_are_changed_in_place_alone(applied: Applied) -> None:
    changed = {each for each in applied.before if applied.before[each] != applied.after[each]}
    assert {each["hook"]["action"] for each in applied.events} == {"update"}
    done = [each for each in applied.events if each["type"] == "apply_complete"]
    assert {each["hook"]["resource"]["addr"] for each in done} == changed
    assert list(applied.moments())[-1] == applied.after


def test_at_no_step_has_a_name_two_primary_or_none(applied: Applied) -> None:
    for moment in applied.moments():
        results = [
            (each["name"], each["failover_routing_policy"][0]["type"]) for each in moment.values()
        ]
        names = {name for name, _ in results}
        assert len(names) == 2 * len(applied.run.settings.regions) - 3
        assert sorted(results) == sorted(
            (name, side) for name in names for side in ("PRIMARY", "SECONDARY")
        )


def test_at_every_step_a_record_asks_checks_of_the_region_that_it_leads_to(
    applied: Applied,
) -> None:
    settings = applied.run.settings
    names = {settings.regional_name(region): region for region in settings.regions}
    for moment in applied.moments():
        led = [each for each in moment.values() if each["records"]]
        assert len(led) == 2 * len(settings.regions) - 2
        for record in led:
            (target,) = record["records"]
            asked = applied.account.regions_of(record["health_check_id"], names)
            assert asked == {names[target]}, record


def test_records_change_in_their_order(applied: Applied) -> None:
    changed = [each for each in applied.before if applied.before[each] != applied.after[each]]
    assert {*applied.points()} <= {*apply_points(changed, applied.depends_on)}


def test_at_every_step_devices_are_led_to_a_healthy_region(applied: Applied) -> None:
    """Two healthy regions suffice, and from the first change on the new primary alone."""
    settings = applied.run.settings
    names = {settings.regional_name(region): region for region in settings.regions}
    of_check = {
        record["health_check_id"]: names[record["records"][0]]
        for record in (*applied.before.values(), *applied.after.values())
        if record["records"]
    }
    for moment in applied.moments():
        evaluation = Evaluation([record_in(each) for each in moment.values()], [])
        for healthy in subsets(settings.regions):
            states = {check: region in healthy for check, region in of_check.items()}
            answer = names[evaluation.answer(settings.device_name, states).leads_to]
            if moment != applied.before and settings.primary_region in healthy:
                assert answer == settings.primary_region
            elif len(healthy) > 1:
                assert answer in healthy


def test_checks_and_switches_are_the_same_afterwards(applied: Applied) -> None:
    def of(account: Account) -> list[Any]:
        state = account.states["iot-dev-entry-point.tfstate"]
        types = ("aws_route53_health_check", "aws_cloudwatch_metric_alarm")
        return [
            (resource["name"], resource["instances"][0]["attributes"])
            for resource in state
            if resource["type"] in types and not resource["name"].startswith("watcher_")
        ]

    assert of(applied.account)
    assert of(Account.read(applied.run.sandbox)) == of(applied.account)
