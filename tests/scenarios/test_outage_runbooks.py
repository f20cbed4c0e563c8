"""The runbooks for a lost primary and for us-east-1, with the pages' own commands."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import boto3
import pytest
from moto import mock_aws

from environments.loader import load
from iot_dr.drill.play.faults import Faults
from iot_dr.terraform.schedule import Done
from tests.scenarios.support.aws_command import asked, ran
from tests.scenarios.support.cut_sandbox import Cut, cut_off
from tests.scenarios.support.observed import Observed, observed
from tests.support.applied_world import AppliedWorld, new_test
from tests.support.project import OUT, Project, Shell
from tests.support.region_health import RegionHealth
from tests.support.runbook import PAGES, Walk
from tests.support.sandbox_run import apply_once, changes, sandbox_run

pytestmark = pytest.mark.usefixtures("lent")

DEV = load("dev", {})
WEST, CENTRAL = DEV.regions
NAME = DEV.device_name
RECORDS = [
    {
        "Name": NAME,
        "Type": "CNAME",
        "SetIdentifier": side,
        "Failover": side.upper(),
        "TTL": 60,
        "ResourceRecords": [{"Value": DEV.regional_name(region)}],
        "HealthCheckId": f"check-{side}",
    }
    for side, region in zip(("primary", "secondary"), DEV.regions, strict=True)
]
UNASKED = "--auto-approve --skip-provider-lock --no-color"


@pytest.fixture(scope="module")
def account(
    dev_world: tuple[AppliedWorld, Faults], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Observed]:
    with observed(*dev_world, tmp_path_factory.mktemp("observed")) as made:
        yield made


@pytest.fixture
def seen(account: Observed) -> Observed:
    """The environment while everything works."""
    new_test(account.world, account.faults)
    account.see({})
    account.names.route53.away = frozenset()
    return account


@pytest.mark.runbook("us-east-1-gone.md", "Check")
def test_without_us_east_1_names_and_regions_are_seen(walk: Walk, seen: Observed) -> None:
    seen.faults.fail("hang", "us-east-1")
    walk.step(lambda command: seen.run(command, code=3), "iot-dr status")


@pytest.mark.runbook("primary-lost.md", "Automatic failover", "Check")
def test_a_primary_that_is_lost_is_reported_with_who_took_over(walk: Walk, seen: Observed) -> None:
    seen.see({WEST: RegionHealth(deep=False, tcp=False)})
    seen.world.switch(WEST, "ALARM")
    seen.names.route53.away = frozenset({WEST})
    seen.faults.fail("hang", WEST)
    seen.tls.regions[WEST].serving = "hang"
    walk.step(seen.run, "iot-dr rto", alike=str)
    walk.step(lambda command: seen.run(command, code=3), "iot-dr status")


@pytest.mark.exhaustive
@pytest.mark.runbook("us-east-1-gone.md", "What works during the outage")
@pytest.mark.runbook("primary-lost.md", "What works during the outage")
def test_a_regional_stack_is_planned_and_applied_with_the_replica_while_home_is_cut_off(
    walk: Walk, tmp_path: Path
) -> None:
    project, scratch = Project.copy(tmp_path / "project"), tmp_path / "scratch"
    scratch.mkdir()
    apply_once(project.sandbox)
    with sandbox_run(project.sandbox, scratch) as run:
        run.copy_from_home()
    with project.terraform() as shell, cut_off(shell.endpoint, cut := Cut()) as relay:
        shell.run("terraform init", f"iot-dev-iot-{CENTRAL}")
        assert "No changes." in shell.step(walk, "terraform plan -refresh=false", "-no-color")

        handed = region_of(walk.next("HANDOVER_REGION=").text)
        cut.buckets = {DEV.state_bucket(WEST)}
        led = {"AWS_ENDPOINT_URL": relay, "CI": "true"}
        for refused in (f"iot-{CENTRAL}", "entry-point"):
            assert not plans(shell, f"iot-dev-{refused}", led)
            assert cut.refused
            cut.refused.clear()
        project.edit("environments/dev.yaml", "tags: {}", "tags: { Owner: night-shift }")
        deploy = walk.next("HANDOVER_REGION=").text
        assert "Apply complete!" in shell.run(f"{deploy} {UNASKED}", **led)
        assert cut.refused == []
    tags = {"Owner": "night-shift"}
    with sandbox_run(project.sandbox, scratch, handover_region=handed, tags=tags) as run:
        run.lose_home()
        planned = run.plan()
    assert [name for name, each in planned.items() if isinstance(each, Done)] == [
        f"iot-dev-iot-{CENTRAL}"
    ]
    assert changes(planned[f"iot-dev-iot-{CENTRAL}"]) == ()


@pytest.mark.runbook("us-east-1-gone.md", "Accelerated recovery")
def test_a_record_is_read_and_changed_by_hand(walk: Walk, tmp_path: Path) -> None:
    with mock_aws():
        route53: Any = cast("Any", boto3).client("route53", "us-east-1")
        zone = route53.create_hosted_zone(Name=DEV.zone_name, CallerReference="a")["HostedZone"]
        for record in RECORDS:
            batch = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
            route53.change_resource_record_sets(HostedZoneId=zone["Id"], ChangeBatch=batch)

        def command() -> str:
            return walk.next("aws route53").text.replace("ZONE", zone["Id"])

        service, operation, options = asked(command())
        assert (service, operation) == ("route53", "update-hosted-zone-features")
        assert options == {"hosted-zone-id": zone["Id"], "enable-accelerated-recovery": ""}

        (listed,) = ran(route53, command(), tmp_path)["HostedZones"]
        assert listed["Id"] == zone["Id"]

        read = command()
        records = ran(route53, read, tmp_path)["ResourceRecordSets"]
        assert [each["Failover"] for each in records] == ["PRIMARY", "SECONDARY"]

        text = (PAGES / "us-east-1-gone.md").read_text(encoding="utf-8")
        (shown,) = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
        (tmp_path / "change.json").write_text(shown, encoding="utf-8")
        assert ran(route53, command(), tmp_path)["ChangeInfo"]["Id"]
        primary, secondary = ran(route53, read, tmp_path)["ResourceRecordSets"]
        changed = [{"Value": DEV.regional_name(CENTRAL)}]
        assert primary == {
            **records[0],
            "ResourceRecords": changed,
            "HealthCheckId": "check-secondary",
        }
        assert secondary == records[1]


def region_of(command: str) -> str:
    """Return the region whose replicas are read; the plan uses the stand-in: see the page."""
    variable, *words = command.split()
    assert words == ["iot-dr", "plan", "--env", "dev", "--provider", "aws"]
    return variable.partition("=")[2]


def plans(shell: Shell, stack: str, led: dict[str, str]) -> bool:
    folder = f"{OUT}/stacks/{stack}"
    command = "terraform init && terraform plan"
    return shell.project.try_(command, folder, **{**shell.environment, **led}).returncode == 0
