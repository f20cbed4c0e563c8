"""How accounts with a platform of one region were made: what they have, and under which names."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from iot_dr.observe.switch.record_sets import RecordSet

ACCOUNT: Final = "111111111111"
ZONE: Final = "example.com"
NAME: Final = f"mqtt.{ZONE}"
WEST, CENTRAL = REGIONS = ("eu-west-1", "eu-central-1")


@dataclass(frozen=True, kw_only=True)
class Kind:
    """How an account was made; `records` are those next to the device name's.

    The last of the policy's `documents` is the default version. `verdict` is that of the first
    review. An imported certificate has no validation record; `wildcard` is the one whose record
    also validates this environment's own.
    """

    name: str
    domain_configuration: str
    policy: str
    documents: tuple[str, ...]
    tls_policy: str
    ttl: int
    certificate: str
    verdict: str
    records: tuple[RecordSet, ...]
    tags: Mapping[str, str] = field(default_factory=dict[str, str])


def record(name: str, type_: str, ttl: int, *values: str) -> RecordSet:
    """Return a simple record."""
    listed = [{"Value": value} for value in values]
    return {"Name": name, "Type": type_, "TTL": ttl, "ResourceRecords": listed}


def document(*allowed: tuple[str | list[str], str | list[str]]) -> str:
    """Return a policy's document of actions with resources, as a person writes it."""
    statements = [{"Effect": "Allow", "Action": what, "Resource": on} for what, on in allowed]
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=4)


_ARN: Final = f"arn:aws:iot:{WEST}:{ACCOUNT}"
_THING: Final = "${iot:Connection.Thing.ThingName}"

HAND_MADE: Final = Kind(
    name="hand-made",
    domain_configuration="fleet",
    policy="FleetPolicy",
    # More was allowed each time that something did not work.
    documents=(
        document(("iot:Connect", "*")),
        document((["iot:Connect", "iot:Publish"], "*")),
        document(("iot:*", "*")),
    ),
    # It lets old devices connect.
    tls_policy="IoTSecurityPolicy_TLS12_1_0_2016_01",
    ttl=300,
    certificate="imported",
    # Devices with TLS 1.0 or 1.1 are refused from then on.
    verdict="warn",
    records=(
        record(ZONE, "A", 300, "192.0.2.1"),
        record(ZONE, "MX", 300, "10 mail.example.net"),
        record(f"www.{ZONE}", "CNAME", 300, ZONE),
    ),
)
CLOUDFORMATION: Final = Kind(
    name="CloudFormation",
    # Names that CloudFormation has generated: stack, logical id and a suffix.
    domain_configuration="fleet-DeviceDomain-1A2B3C4D5E6F7",
    policy="fleet-DevicePolicy-7F6E5D4C3B2A1",
    documents=(
        document(
            ("iot:Connect", f"{_ARN}:client/{_THING}"),
            (["iot:Publish", "iot:Receive"], f"{_ARN}:topic/*"),
            ("iot:Subscribe", f"{_ARN}:topicfilter/*"),
        ),
    ),
    tls_policy="IoTSecurityPolicy_TLS12_1_2_2022_10",
    ttl=900,
    certificate="wildcard",
    # The settings allow TLS 1.3 too.
    verdict="warn",
    records=(record(f"status.{ZONE}", "CNAME", 900, "status.example.net"),),
    tags={
        "aws:cloudformation:stack-name": "fleet",
        "aws:cloudformation:logical-id": "Device",
        "aws:cloudformation:stack-id": f"arn:aws:cloudformation:{WEST}:{ACCOUNT}:stack/fleet/0a1b",
        "Team": "devices",
    },
)
MODULES: Final = Kind(
    name="terraform-aws-modules",
    domain_configuration="prod-fleet",
    policy="prod-fleet-devices",
    documents=(
        document(
            ("iot:Connect", f"{_ARN}:client/${{iot:ClientId}}"),
            ("iot:Publish", [f"{_ARN}:topic/fleet/{_THING}/*", f"{_ARN}:topic/iot-dev/{_THING}/*"]),
            ("iot:Receive", f"{_ARN}:topic/*"),
            ("iot:Subscribe", f"{_ARN}:topicfilter/*/{_THING}/*"),
        ),
    ),
    tls_policy="IoTSecurityPolicy_TLS13_1_2_2022_10",
    ttl=3600,
    certificate="wildcard",
    verdict="ok",
    records=(
        record(ZONE, "CAA", 3600, '0 issue "amazon.com"'),
        record(f"api.{ZONE}", "A", 60, "192.0.2.2", "192.0.2.3"),
        record(f"_dmarc.{ZONE}", "TXT", 3600, '"v=DMARC1; p=none"'),
    ),
    tags={"Name": "prod-fleet", "Environment": "prod", "Terraform": "true"},
)
KINDS: Final = (HAND_MADE, CLOUDFORMATION, MODULES)
