"""What devices used before an environment existed keeps a destruction from beginning."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from iot_dr.drill.play.account import client
from iot_dr.drill.play.faults import Faults, faults_before
from tests.iot_dr.delivery.deploy.test_preconditions import destroyed
from tests.support.aws_account import account
from tests.support.command import ROOT
from tests.support.existing import existing
from tests.support.settings import document
from tests.support.state_files import state_file, state_resource

WEST, CENTRAL = "eu-west-1", "eu-central-1"
POLICY = {"name": "FleetPolicy", "document": "environments/fleet-policy.json"}
STATE = {"Bucket": f"example-iot-dev-{WEST}", "Key": f"dev/iot-dev-iot-{WEST}.tfstate"}
IMPORTED = [
    state_resource(address)
    for address in (
        "aws_iot_domain_configuration.device_name",
        "aws_iot_policy.device",
        "aws_sns_topic.alarms",
    )
]


@pytest.fixture(scope="module")
def fleet() -> Iterator[Faults]:
    """An account whose fleet has a policy of its own, which the regions' stacks have too."""
    with account("111111111111") as moto, faults_before(moto) as faults:
        iot = client("iot", WEST, moto)
        iot.create_policy(policyName="FleetPolicy", policyDocument="{}")
        arn = iot.create_keys_and_certificate()["certificateArn"]
        iot.attach_policy(policyName="FleetPolicy", target=arn)
        client("s3", WEST, moto).create_bucket(
            Bucket=STATE["Bucket"], CreateBucketConfiguration={"LocationConstraint": WEST}
        )
        client("route53", "us-east-1", moto).create_hosted_zone(
            Name="example.com", CallerReference="by hand"
        )
        yield faults


@pytest.fixture
def project(tmp_path: Path, fleet: Faults) -> Path:
    """A project with an environment that adopts the fleet's platform."""
    (tmp_path / "cdktf.json").write_text("{}", encoding="utf-8")
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    environments = tmp_path / "environments"
    environments.mkdir()
    (environments / "fleet-policy.json").write_text('{"Statement": []}', encoding="utf-8")
    zone = {"id": zone_id(fleet), "name": "example.com"}
    content = document(zone=zone, existing=existing(device_policy=POLICY))
    (environments / "dev.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    return tmp_path


def route53(fleet: Faults) -> Any:
    """Return boto3's client of the account."""
    return client("route53", "us-east-1", fleet.endpoint)


def zone_id(fleet: Faults) -> str:
    """Return the id of the account's one zone."""
    (zone,) = route53(fleet).list_hosted_zones()["HostedZones"]
    return zone["Id"].rpartition("/")[2]


def change(fleet: Faults, action: str) -> None:
    """Create or delete a failover record of the device name."""
    record = {
        "Name": "mqtt.example.com",
        "Type": "CNAME",
        "SetIdentifier": "secondary",
        "Failover": "SECONDARY",
        "TTL": 60,
        "ResourceRecords": [{"Value": f"mqtt-{WEST}.example.com"}],
    }
    route53(fleet).change_resource_record_sets(
        HostedZoneId=zone_id(fleet),
        ChangeBatch={"Changes": [{"Action": action, "ResourceRecordSet": record}]},
    )


def put(fleet: Faults, resources: Iterable[dict[str, Any]]) -> None:
    """Store the state of the region that has the platform."""
    state = state_file(*resources, outputs={"x": None})
    client("s3", WEST, fleet.endpoint).put_object(**STATE, Body=state)


def test_what_was_imported_is_not_destroyed_and_its_policy_not_to_be_detached(
    fleet: Faults, project: Path
) -> None:
    put(fleet, IMPORTED)
    head, *lines = destroyed(fleet, project).splitlines()
    assert head.startswith("nothing is destroyed: Terraform would not destroy these, which devices")
    assert "docs/how-to/adopt.md" in head
    stack = f"iot-dev-iot-{WEST}"
    assert lines == [
        f"  {stack}: aws_iot_domain_configuration.device_name",
        f"  {stack}: aws_iot_policy.device",
    ]


@pytest.mark.exhaustive
def test_the_fleet_s_policy_stays_attached_where_the_state_has_forgotten_it(
    fleet: Faults, project: Path
) -> None:
    put(fleet, IMPORTED[2:])
    message = destroyed(fleet, project)
    assert "detach" not in message
    # The project has no app.
    assert "cdktf ended with status 1" in message


def test_what_leads_devices_is_not_destroyed_although_no_state_has_its_records(
    fleet: Faults, project: Path
) -> None:
    put(fleet, IMPORTED[2:])
    change(fleet, "CREATE")
    try:
        message = destroyed(fleet, project)
    finally:
        change(fleet, "DELETE")
    assert message == (
        "nothing is destroyed: devices connect by the failover records of mqtt.example.com; first"
        " restore its old record with `iot-dr adopt back --env dev`, then run the command again"
        " (docs/how-to/adopt.md)\n"
    )
