"""The runbook on state, from the first bucket to a new home."""

import json
import re
import shutil
from pathlib import Path

import pytest

from iot_dr.delivery.state.open_store import sandbox_store
from iot_dr.delivery.state.promotion import promotion
from iot_dr.terraform.schedule import Done, Failed
from iot_dr.terraform_json.change import Action
from tests.support.project import Project
from tests.support.relay import lose_bucket
from tests.support.runbook import Walk, unmeasured
from tests.support.sandbox_run import apply_once, changes, sandbox_run
from tests.support.settings import settings

pytestmark = pytest.mark.usefixtures("lent")

HOME, CENTRAL, NORTH = "eu-west-1", "eu-central-1", "eu-north-1"
LOCK = {
    "ID": "1",
    "Who": "operator@host",
    "Operation": "OperationTypeApply",
    "Created": "2026-11-25T14:20:03Z",
}


def alike(text: str) -> str:
    """Replace the lineages, serials and times of a text."""
    result = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "LINEAGE", unmeasured(text))
    return re.sub(r"\b(serial|state|copy) \d+\b", r"\1 SERIAL", result)


@pytest.mark.exhaustive
@pytest.mark.runbook(
    "state.md",
    "Create the state buckets, once per environment",
    "Monitor",
    "Release the lock of a killed run",
    "Home does not answer",
    "Home is gone for good",
)
def test_states_are_created_monitored_read_without_home_and_promoted(
    walk: Walk, tmp_path: Path
) -> None:
    project, scratch = Project.copy(tmp_path / "project"), tmp_path / "scratch"
    scratch.mkdir()
    walk.step(project.here, "iot-dr state init", alike)
    with sandbox_run(project.sandbox, scratch) as run:
        run.apply()
        run.copy_from_home()
    with sandbox_run(project.sandbox, scratch, endpoint={"ttl": 30}) as run:
        run.plan("entry-point", apply=True)
    copies = project.sandbox / "s3" / settings().state_bucket(CENTRAL) / "dev"
    (copies / "iot-dev-hosted-zone.tfstate.tflock").write_text(json.dumps(LOCK))
    walk.step(project.here, "iot-dr state status", alike)
    killed = project.sandbox / "s3" / settings().state_bucket(HOME) / "dev"
    (killed / "iot-dev-entry-point.tfstate.tflock").write_text(json.dumps({**LOCK, "ID": "7"}))
    walk.step(project.here, "iot-dr state unlock")

    planned_without_home(walk, project.sandbox, scratch)

    def refused(command: str) -> str:
        done = project.try_here(command)
        assert (done.returncode, done.stdout) == (1, "")
        return done.stderr

    walk.step(refused, "iot-dr state promote")
    lose_bucket(project.sandbox, settings().state_bucket(HOME))

    def agreed(command: str) -> str:
        printed = project.here(command, typed="y\n")
        return printed.replace("[y/N]: ", "[y/N]: y\n")

    walk.step(agreed, "iot-dr state promote", alike)


def planned_without_home(walk: Walk, sandbox: Path, scratch: Path) -> None:
    """Plan as on the page, with the stand-in: there is no AWS whose region could be gone."""
    command = walk.next("HANDOVER_REGION=").text
    variable, *words = command.split()
    assert words == ["iot-dr", "plan", "--env", "dev", "--provider", "aws"]
    alone = shutil.copytree(sandbox, scratch / "alone")
    region = variable.partition("=")[2]
    with sandbox_run(alone, scratch, handover_region=region) as run:
        run.lose_home()
        planned = run.plan("state", "hosted-zone", HOME, CENTRAL)
    assert [name for name, each in planned.items() if isinstance(each, Done)] == [
        f"iot-dev-iot-{CENTRAL}"
    ]
    assert changes(planned[f"iot-dev-iot-{CENTRAL}"]) == ()


@pytest.mark.exhaustive
@pytest.mark.runbook("state.md", "Home lives, and is to leave")
def test_a_living_home_leaves_by_the_commands_of_the_page(walk: Walk, tmp_path: Path) -> None:
    project, scratch = Project.copy(tmp_path / "project"), tmp_path / "scratch"
    scratch.mkdir()
    before = {"regions": [HOME, CENTRAL, NORTH], "primary_region": CENTRAL}
    apply_once(project.sandbox, **before)
    with sandbox_run(project.sandbox, scratch, **before) as run:
        run.copy_from_home()
    for old, new in (
        (f"primary_region: {HOME}", f"primary_region: {CENTRAL}"),
        (f"[{HOME}, {CENTRAL}]", f"[{HOME}, {CENTRAL}, {NORTH}]"),
    ):
        project.edit("environments/dev.yaml", old, new)

    def agreed(command: str) -> str:
        printed = project.here(command, typed="y\n")
        return printed.replace("[y/N]: ", "[y/N]: y\n")

    walk.step(agreed, "iot-dr state promote", alike)
    for old, new in (
        (f"home_region: {HOME}", f"home_region: {CENTRAL}\ncertificate_region: {CENTRAL}"),
        (f"[{HOME}, {CENTRAL}, {NORTH}]", f"[{CENTRAL}, {NORTH}]\nleaving_regions: [{HOME}]"),
    ):
        project.edit("environments/dev.yaml", old, new)
    deployed = project.here("iot-dr deploy --env dev --provider standin")
    assert f"iot-dev-iot-{HOME} ({HOME}, leaving): " in deployed
    (state,) = project.sandbox.rglob(f"iot-dev-iot-{HOME}.tfstate")
    assert json.loads(state.read_bytes())["resources"] == []
    project.edit("environments/dev.yaml", f"\nleaving_regions: [{HOME}]", "")
    changed = json.loads(project.here("iot-dr plan --env dev --wave 1 --json"))
    rest = [each["address"] for stack in changed["result"]["stacks"] for each in stack["changes"]]
    assert rest == ["output.leaving_regions"]


@pytest.mark.runbook("state.md", "After the promotion")
def test_after_a_promotion_the_record_gets_another_owner_and_nothing_is_replaced(
    walk: Walk, tmp_path: Path
) -> None:
    project, scratch = Project.copy(tmp_path / "project"), tmp_path / "scratch"
    scratch.mkdir()
    apply_once(project.sandbox)
    with sandbox_run(project.sandbox, scratch) as run:
        run.copy_from_home()
    lose_bucket(project.sandbox, settings().state_bucket(HOME))
    with sandbox_store(settings(), project.sandbox) as store:
        promotion(settings(), CENTRAL, store).carry_out(store)
    for old, new in (
        (f"home_region: {HOME}", f"home_region: {CENTRAL}"),
        ("primary_region:", f"certificate_region: {CENTRAL}\nprimary_region:"),
        (f"primary_region: {HOME}", f"primary_region: {CENTRAL}"),
        (f"[{HOME}, {CENTRAL}]", f"[{CENTRAL}, {NORTH}]"),
    ):
        project.edit("environments/dev.yaml", old, new)
    walk.step(project.here, "iot-dr state abandon")
    after = {"regions": [CENTRAL, NORTH], "home_region": CENTRAL, "primary_region": CENTRAL}
    # Without the setting, the zone's stack would have the certificate that this region serves.
    with sandbox_run(project.sandbox, scratch, **after) as run:
        refused = run.plan(CENTRAL)[f"iot-dev-iot-{CENTRAL}"]
        assert isinstance(refused, Failed)
        assert (
            f"environments/dev.yaml: certificate_region: the state of the stack in {CENTRAL} has"
            in str(refused.error)
        )
    after["certificate_region"] = CENTRAL
    with sandbox_run(project.sandbox, scratch, **after) as run:
        planned = run.plan(apply=True)
    assert changes(planned["iot-dev-hosted-zone"]) == ()
    assert [(each.action, each.address) for each in changes(planned[f"iot-dev-iot-{CENTRAL}"])] == [
        (Action.CREATE, "aws_route53_record.certificate_validation")
    ]
    state = {each.action for each in changes(planned["iot-dev-state"])}
    assert state == {Action.CREATE, Action.UPDATE}
    entry_point = changes(planned["iot-dev-entry-point"])
    made = {each.address for each in entry_point if each.action is Action.CREATE}
    alarm = "aws_cloudwatch_metric_alarm"
    assert f"{alarm}.switch_eu_central_1_in_eu_north_1" in made
    records = {each.action for each in entry_point if "record" in each.address}
    assert records == {Action.UPDATE}
    with sandbox_run(project.sandbox, scratch, **after) as run:
        assert {name: changes(each) for name, each in run.plan().items()} == dict.fromkeys(
            planned, ()
        )
