"""A home or another region goes, with the block `data`: which region manages the tables."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from iot_dr.delivery.stack_plan import StackPlan
from iot_dr.delivery.state.open_store import sandbox_store
from iot_dr.delivery.state.promotion import promotion
from iot_dr.terraform.schedule import Done, Outcome
from iot_dr.terraform_json.change import Action
from tests.scenarios.test_region_runbooks import Place
from tests.support.relay import lose_bucket
from tests.support.sandbox_run import apply_once, changes, sandbox_run
from tests.support.settings import settings

# Each applies ten to thirteen stacks with Terraform, which takes half a minute.
pytestmark = [pytest.mark.usefixtures("lent"), pytest.mark.exhaustive]

HOME, CENTRAL, NORTH = "eu-west-1", "eu-central-1", "eu-north-1"
THREE = [HOME, CENTRAL, NORTH]
BEFORE: dict[str, Any] = {"regions": THREE, "primary_region": CENTRAL, "data": {}}
AFTER: dict[str, Any] = {
    "regions": [CENTRAL, NORTH],
    "home_region": CENTRAL,
    "primary_region": CENTRAL,
    "certificate_region": CENTRAL,
    "data": {},
}
DATA = "iot-dev-data"


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    scratch = tmp_path_factory.mktemp("applied")
    sandbox = scratch / "sandbox"
    apply_once(sandbox, **BEFORE)
    with sandbox_run(sandbox, scratch, **BEFORE) as made:
        made.copy_from_home()
    return sandbox


@pytest.fixture
def sandbox(applied: Path, tmp_path: Path) -> Path:
    return shutil.copytree(applied, tmp_path / "sandbox")


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


def replicas(outcome: Outcome[StackPlan]) -> list[tuple[str, set[str], set[str]]]:
    """Return of each table that is updated its region, and its replicas before and after."""
    assert isinstance(outcome, Done)
    plans = [
        change["change"]
        for change in outcome.result.document["resource_changes"]
        if change["type"] == "aws_dynamodb_table" and change["change"]["actions"] == ["update"]
    ]
    return [
        (plan["before"]["region"], _regions(plan["before"]), _regions(plan["after"]))
        for plan in plans
    ]


def _regions(table: dict[str, Any]) -> set[str]:
    return {replica["region_name"] for replica in table["replica"]}


def promote(sandbox: Path, *, home_lives: bool) -> None:
    before = settings(**BEFORE)
    with sandbox_store(before, sandbox) as store:
        promotion(before, CENTRAL, store, home_lives=home_lives).carry_out(store)


def test_a_living_home_leaves_and_its_tables_are_managed_from_the_next_one(
    sandbox: Path, scratch: Path
) -> None:
    promote(sandbox, home_lives=True)
    with sandbox_run(sandbox, scratch, **AFTER, leaving_regions=[HOME]) as leaving:
        outcomes = leaving.plan(apply=True)
    assert changes(outcomes[DATA]) == ()
    gone = {f"iot-dev-{what}-{HOME}" for what in ("iot", "telemetry", "device-registry")}
    for name in gone:
        assert {change.action for change in changes(outcomes[name])} == {Action.DESTROY}
    with sandbox_run(sandbox, scratch, **AFTER) as rest:
        planned = rest.plan()
    assert planned.keys() == outcomes.keys() - gone
    assert {name for name in planned if changes(planned[name])} == {DATA}
    assert replicas(planned[DATA]) == [(CENTRAL, {HOME, NORTH}, {NORTH})] * 2


def test_after_the_loss_of_home_the_tables_are_those_of_the_promoted_region(
    sandbox: Path, scratch: Path
) -> None:
    lose_bucket(sandbox, settings().state_bucket(HOME))
    promote(sandbox, home_lives=False)
    with sandbox_run(sandbox, scratch, **AFTER) as promoted:
        (planned,) = promoted.plan("data").values()
    assert replicas(planned) == [(CENTRAL, {HOME, NORTH}, {NORTH})] * 2


def test_an_abandoned_region_comes_back_with_its_replicas(tmp_path: Path) -> None:
    place = Place(tmp_path, [HOME, NORTH, CENTRAL], data={})
    apply_once(place.project.sandbox, regions=place.regions, data={})
    bucket = settings(leaving_regions=[NORTH]).state_bucket(NORTH)
    kept = shutil.copytree(place.project.sandbox / "s3" / bucket, tmp_path / "kept")
    lose_bucket(place.project.sandbox, bucket)
    place.set([HOME, CENTRAL])
    place.project.here(f"iot-dr state abandon --region {NORTH} --env dev --confirm {NORTH}")
    left = place.planned(apply=True)
    assert replicas(left[DATA]) == [(HOME, {NORTH, CENTRAL}, {CENTRAL})] * 2
    assert not any(changes(each) for each in place.planned().values())

    shutil.copytree(kept, place.project.sandbox / "s3" / bucket)
    place.set([HOME, CENTRAL, NORTH])
    planned = place.planned()
    assert replicas(planned[DATA]) == [(HOME, {CENTRAL}, {NORTH, CENTRAL})] * 2
    # Its functions learn the new order of the regions.
    actions = {
        change.action
        for what in ("iot", "telemetry", "device-registry")
        for change in changes(planned[f"iot-dev-{what}-{NORTH}"])
    }
    assert actions == {Action.UPDATE}
