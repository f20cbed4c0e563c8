"""Home's region is lost: what can still be planned, and how the global states get a new owner."""

import json
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from iot_dr.delivery.stack_plan import StackPlan
from iot_dr.delivery.state.guard import NotPromotedError, PromotedError
from iot_dr.delivery.state.open_store import sandbox_store
from iot_dr.delivery.state.promotion import PromotionError, promotion
from iot_dr.terraform.schedule import Done, Failed, Outcome
from iot_dr.terraform_json.change import Action
from tests.support.relay import lose_bucket
from tests.support.sandbox_run import SandboxRun, apply_once, sandbox_run
from tests.support.sandbox_run import changes as changes_of
from tests.support.settings import settings

pytestmark = pytest.mark.usefixtures("lent")

HOME, CENTRAL, NORTH = "eu-west-1", "eu-central-1", "eu-north-1"
THREE = [HOME, CENTRAL, NORTH]
ENTRY_POINT = "iot-dev-entry-point"


@contextmanager
def run(sandbox: Path, scratch: Path, **changed: object) -> Generator[SandboxRun]:
    with sandbox_run(sandbox, scratch, **{"regions": THREE, **changed}) as made:
        yield made


def changes(outcome: Outcome[StackPlan]) -> list[tuple[Action, str]]:
    return [(change.action, change.address) for change in changes_of(outcome)]


def serial(sandbox: Path, region: str, stack: str) -> int:
    bucket = sandbox / "s3" / settings(regions=THREE).state_bucket(region)
    state: dict[str, Any] = json.loads((bucket / "dev" / f"{stack}.tfstate").read_bytes())
    return state["serial"]


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sandbox of an environment of three regions, applied and replicated."""
    scratch = tmp_path_factory.mktemp("applied")
    sandbox = scratch / "sandbox"
    apply_once(sandbox, regions=THREE)
    with run(sandbox, scratch) as made:
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


def test_regional_stacks_plan_from_the_replica_while_home_is_gone(
    sandbox: Path, scratch: Path
) -> None:
    regional = (CENTRAL, NORTH)
    with run(sandbox, scratch) as plain:
        plain.lose_home()
        assert not any(isinstance(outcome, Done) for outcome in plain.plan(*regional).values())
    with run(sandbox, scratch, handover_region=CENTRAL) as handed:
        handed.lose_home()
        planned = handed.plan(*regional)
        assert {name: changes(outcome) for name, outcome in planned.items()} == {
            "iot-dev-iot-eu-central-1": [],
            "iot-dev-iot-eu-north-1": [],
        }


def test_a_lagging_replica_has_the_same_zone(sandbox: Path, scratch: Path) -> None:
    with run(sandbox, scratch, tags={"Owner": "iot"}) as made:
        made.plan("hosted-zone", apply=True)
    newer, older = (serial(sandbox, region, "iot-dev-hosted-zone") for region in (HOME, CENTRAL))
    assert newer > older
    with run(sandbox, scratch, handover_region=CENTRAL) as handed:
        handed.lose_home()
        assert changes(handed.plan(CENTRAL)["iot-dev-iot-eu-central-1"]) == []


def test_the_entry_point_plans_from_the_promoted_replica_and_shows_the_lost_writes(
    sandbox: Path, scratch: Path
) -> None:
    with run(sandbox, scratch, primary_region=CENTRAL) as made:
        # A change of primary that home could not replicate any more.
        made.plan("entry-point", apply=True)
    lost = serial(sandbox, HOME, ENTRY_POINT)
    lose_bucket(sandbox, settings().state_bucket(HOME))
    before = settings(regions=THREE)
    with sandbox_store(before, sandbox) as store:
        intended = promotion(before, CENTRAL, store)
        copied = intended.copies[ENTRY_POINT].serial
        assert copied is not None
        assert copied < lost
        intended.carry_out(store)
    after = {"regions": [CENTRAL, NORTH], "home_region": CENTRAL, "primary_region": CENTRAL}
    with run(sandbox, scratch, **after) as promoted:
        assert promoted.session.document(ENTRY_POINT).backend[1]["bucket"].endswith(CENTRAL)
        # As in the runbook: home had the switches of the others, and their publisher.
        folder = promoted.opened("entry-point")
        addresses = promoted.terraform(folder, "state", "list").split()
        lost_alarms = [each for each in addresses if each.endswith("_in_eu_west_1")]
        assert len(lost_alarms) == 2
        publisher = [each for each in addresses if each.endswith(".publisher_eu_west_1")]
        promoted.terraform(folder, "state", "rm", *lost_alarms, *publisher)
        again = replace(promoted, session=replace(promoted.session, work=scratch / "again"))
        result = changes(again.plan("entry-point")[ENTRY_POINT])
        assert (Action.UPDATE, "aws_route53_record.failover_1_primary") in result
        assert (Action.DESTROY, "aws_route53_health_check.tcp_eu_west_1") in result
        # The second alarm regions and the second watcher are those that are left.
        assert {address for action, address in result if action is Action.CREATE} == set()
        assert (Action.UPDATE, "aws_route53_health_check.switch_eu_central_1") in result
        assert (Action.UPDATE, "aws_lambda_function.watcher_eu_north_1") in result


def test_a_home_that_comes_back_is_fenced_off_and_its_region_still_works(
    sandbox: Path, scratch: Path
) -> None:
    bucket = sandbox / "s3" / settings().state_bucket(HOME)
    aside = shutil.copytree(bucket, scratch / "aside")
    lose_bucket(sandbox, bucket.name)
    before = settings(regions=THREE)
    with sandbox_store(before, sandbox) as store:
        promotion(before, CENTRAL, store).carry_out(store)
    shutil.copytree(aside, bucket)
    with run(sandbox, scratch) as back:
        for what in ("state", "hosted-zone", "entry-point"):
            (fenced,) = back.plan(what, apply=True).values()
            assert isinstance(fenced, Failed)
            assert isinstance(fenced.error, PromotedError)
        assert changes(back.plan(HOME)["iot-dev-iot-eu-west-1"]) == []


def test_a_living_home_does_not_leave_and_lose_its_role_in_one_edit(
    sandbox: Path, scratch: Path
) -> None:
    edited = {"regions": [CENTRAL, NORTH], "home_region": CENTRAL, "primary_region": CENTRAL}
    with run(sandbox, scratch, **edited, leaving_regions=[HOME]) as made:
        for what in ("state", "hosted-zone", CENTRAL, "entry-point", HOME):
            (refused,) = made.plan(what, apply=True).values()
            assert isinstance(refused, Failed)
            assert isinstance(refused.error, NotPromotedError)
            command = f"`iot-dr state promote --region {CENTRAL} --env dev --home-lives`"
            assert command in str(refused.error)


@pytest.mark.exhaustive
def test_a_living_home_leaves_after_the_promotion_of_an_up_to_date_copy(
    sandbox: Path, scratch: Path
) -> None:
    with run(sandbox, scratch, primary_region=CENTRAL) as made:
        made.plan("entry-point", apply=True)
        before = settings(regions=THREE, primary_region=CENTRAL)
        with sandbox_store(before, sandbox) as store:
            with pytest.raises(PromotionError, match=f"{ENTRY_POINT}: its copy has serial"):
                promotion(before, CENTRAL, store, home_lives=True)
            made.copy_from_home()
            promotion(before, CENTRAL, store, home_lives=True).carry_out(store)
    left = {"regions": [CENTRAL, NORTH], "home_region": CENTRAL, "primary_region": CENTRAL}
    edited = {**left, "certificate_region": CENTRAL, "leaving_regions": [HOME]}
    with run(sandbox, scratch, **edited) as leaving:
        outcomes = {name: changes(each) for name, each in leaving.plan(apply=True).items()}
    served = ("aws_acm_certificate.", "aws_iot_", "aws_route53_zone.")
    lost = {
        (name, address)
        for name, planned in outcomes.items()
        for action, address in planned
        if action in {Action.DESTROY, Action.REPLACE} and address.startswith(served)
    }
    gone = f"iot-dev-iot-{HOME}"
    assert {name for name, _ in lost} == {gone}
    assert {action for action, _ in outcomes[gone]} == {Action.DESTROY}
    with run(sandbox, scratch, **left, certificate_region=CENTRAL) as rest:
        planned = rest.plan()
        assert planned.keys() == outcomes.keys() - {gone}
        assert not any(changes(each) for each in planned.values())
