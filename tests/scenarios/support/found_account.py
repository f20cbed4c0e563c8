"""Accounts with a platform of one region, as a person, CloudFormation or Terraform made it.

An account is created in moto. The file for the stand-in (`IOT_DR_STANDIN_EXISTING`) is written from
what moto then returns, so both have the same. moto keeps neither the TLS policy nor the tags of IoT
Core's resources; `FoundAccount` does.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from iot_dr.drill.play.account import client
from iot_dr.drill.play.faults import ApiRequest, Faults, Reply
from iot_dr.observe.switch.record_sets import RecordSet, targets
from iot_dr.terraform.standin.identity import Origin
from iot_dr.terraform.standin.services.iot import endpoint
from iot_dr.terraform_json.dns_name import dns_name
from modules.global_region import GLOBAL_REGION
from tests.scenarios.support.account_kinds import (
    ACCOUNT,
    CENTRAL,
    NAME,
    REGIONS,
    WEST,
    ZONE,
    Kind,
    record,
)
from tests.support.tls_names import Authority

_THINGS: Final = ("pump-1", "pump-2")


def host(region: str) -> str:
    """Return the account's own endpoint of a region, the stand-in's and moto's alike."""
    return endpoint("iot:Data-ATS", Origin(ACCOUNT, region))


def moto_lacks(request: ApiRequest) -> Reply | None:
    """Answer what moto does not know, for `Faults`.

    DescribeEndpoint, for which it has another endpoint each time, and ListCACertificates.
    """
    if request.service == "iot" and request.path.startswith("/endpoint"):
        body = {"endpointAddress": host(request.region)}
    elif request.service == "iot" and request.path.startswith("/cacertificates"):
        body = {"certificates": []}
    else:
        return None
    return Reply(200, json.dumps(body).encode(), "application/json")


@dataclass
class FoundAccount:
    """An account behind a relay. `tls` and `tags` are those of IoT Core's resources, by name."""

    kind: Kind
    faults: Faults
    zone_id: str = ""
    tls: dict[str, str] = field(default_factory=dict[str, str])
    tags: dict[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])

    def client(self, service: str, region: str = WEST) -> Any:
        """Return boto3's client."""
        return client(service, region, self.faults.endpoint)

    @property
    def route53(self) -> Any:
        """The client of Route 53."""
        return self.client("route53", GLOBAL_REGION)

    def change(self, *changes: tuple[str, RecordSet]) -> None:
        """Change records in one batch."""
        batch = [{"Action": action, "ResourceRecordSet": each} for action, each in changes]
        self.route53.change_resource_record_sets(
            HostedZoneId=self.zone_id, ChangeBatch={"Changes": batch}
        )

    def zone(self) -> dict[tuple[str, str, str], dict[str, Any]]:
        """Return every record set by name, type and set identifier, in one spelling."""
        listed = self.route53.list_resource_record_sets(HostedZoneId=self.zone_id)
        sets: list[dict[str, Any]] = listed["ResourceRecordSets"]
        spelled = ({**given, "Name": dns_name(given["Name"])} for given in sets)
        return {_key(given): given for given in spelled}

    def name_servers(self) -> list[str]:
        """Return the name servers of the zone."""
        return self.route53.get_hosted_zone(Id=self.zone_id)["DelegationSet"]["NameServers"]

    def create(self, folder: Path) -> None:
        """Create what the account has; `folder` is for the authority of an imported certificate."""
        made = self.route53.create_hosted_zone(
            Name=ZONE, CallerReference="found", HostedZoneConfig={"Comment": self.kind.name}
        )
        self.zone_id = made["HostedZone"]["Id"].rpartition("/")[2]
        arn = self._certificate(folder)
        old = record(NAME, "CNAME", self.kind.ttl, host(WEST))
        self.change(*(("CREATE", each) for each in (old, *self.kind.records)))
        self.client("iot").create_domain_configuration(
            domainConfigurationName=self.kind.domain_configuration,
            domainName=NAME,
            serverCertificateArns=[arn],
            serviceType="DATA",
        )
        self._fleet()
        self.tls[self.kind.domain_configuration] = self.kind.tls_policy
        for name in (self.kind.domain_configuration, self.kind.policy):
            self.tags[name] = self.kind.tags

    def _certificate(self, folder: Path) -> str:
        acm = self.client("acm")
        if self.kind.certificate == "imported":
            folder.mkdir()
            Authority(folder).served(NAME, [NAME])
            (served,) = (each for each in folder.iterdir() if each.stem.isdecimal())
            leaf, key = served.read_bytes().split(b"-----BEGIN PRIVATE")
            key = b"-----BEGIN PRIVATE" + key
            return acm.import_certificate(Certificate=leaf, PrivateKey=key)["CertificateArn"]
        arn = acm.request_certificate(DomainName=f"*.{ZONE}", ValidationMethod="DNS")
        described = acm.describe_certificate(CertificateArn=arn["CertificateArn"])
        (option,) = described["Certificate"]["DomainValidationOptions"]
        validation = option["ResourceRecord"]
        self.change(("CREATE", record(validation["Name"], "CNAME", 300, validation["Value"])))
        return arn["CertificateArn"]

    def _fleet(self) -> None:
        """Create the policy, with all its versions, and things whose certificates have it."""
        iot, name = self.client("iot"), self.kind.policy
        first, *others = self.kind.documents
        iot.create_policy(policyName=name, policyDocument=first)
        for document in others:
            iot.create_policy_version(policyName=name, policyDocument=document, setAsDefault=True)
        for thing in _THINGS:
            arn = iot.create_keys_and_certificate(setAsActive=True)["certificateArn"]
            iot.attach_policy(policyName=name, target=arn)
            iot.create_thing(thingName=thing)
            iot.attach_thing_principal(thingName=thing, principal=arn)

    def detach(self) -> None:
        """Detach the policy in the other region, as the command that `iot-dr destroy` prints."""
        iot, name = self.client("iot", CENTRAL), self.kind.policy
        for target in iot.list_targets_for_policy(policyName=name)["targets"]:
            iot.detach_policy(policyName=name, target=target)

    def fleet(self) -> dict[str, Any]:
        """Return what the existing region has for devices, but for tags and the TLS policy."""
        iot, kind = self.client("iot"), self.kind
        policy = iot.get_policy(policyName=kind.policy)
        versions = iot.list_policy_versions(policyName=kind.policy)["policyVersions"]
        domain = iot.describe_domain_configuration(
            domainConfigurationName=kind.domain_configuration
        )
        return {
            "policy": json.loads(policy["policyDocument"]),
            "default version": policy["defaultVersionId"],
            "versions": [each["versionId"] for each in versions],
            "targets": sorted(iot.list_targets_for_policy(policyName=kind.policy)["targets"]),
            "things": [iot.list_thing_principals(thingName=each)["principals"] for each in _THINGS],
            "domain": domain["domainName"],
            "certificates": domain["serverCertificates"],
            "status": domain["domainConfigurationStatus"],
        }

    def serving(self) -> set[str]:
        """Return the endpoints of the regions that serve the device name."""
        return {
            host(region)
            for region in REGIONS
            for domain in self.domain_configurations(region)
            if (domain["domainName"], domain["domainConfigurationStatus"]) == (NAME, "ENABLED")
        }

    def domain_configurations(self, region: str) -> list[dict[str, Any]]:
        """Return the domain configurations of a region."""
        iot = self.client("iot", region)
        listed = iot.list_domain_configurations()["domainConfigurations"]
        names = [each["domainConfigurationName"] for each in listed]
        return [iot.describe_domain_configuration(domainConfigurationName=name) for name in names]

    def arguments(self) -> dict[str, dict[str, Any]]:
        """Return the arguments of all resources by type and id, for the stand-in."""
        fleet, kind = self.fleet(), self.kind
        arns = [each["serverCertificateArn"] for each in fleet["certificates"]]
        domain = {
            "name": kind.domain_configuration,
            "domain_name": fleet["domain"],
            "server_certificate_arns": arns,
            "service_type": "DATA",
            "status": fleet["status"],
            "tls_config": {"security_policy": self.tls[kind.domain_configuration]},
            "tags": self.tags[kind.domain_configuration],
        }
        policy = {
            "name": kind.policy,
            "policy": json.dumps(fleet["policy"]),
            "default_version_id": fleet["default version"],
            "tags": self.tags[kind.policy],
        }
        return {
            "aws_route53_zone": {self.zone_id: {"name": ZONE}},
            "aws_iot_domain_configuration": {kind.domain_configuration: domain},
            "aws_iot_policy": {kind.policy: policy},
            "aws_route53_record": dict(map(self._record, self.zone().values())),
        }

    def _record(self, given: RecordSet) -> tuple[str, dict[str, Any]]:
        side = given.get("SetIdentifier")
        id_ = "_".join(filter(None, (self.zone_id, given["Name"], given["Type"], side)))
        policy = {"type": given["Failover"]} if given.get("Failover") else None
        return id_, {
            "zone_id": self.zone_id,
            "name": given["Name"],
            "type": given["Type"],
            "ttl": given["TTL"],
            "records": targets(given),
            "set_identifier": side,
            "failover_routing_policy": policy,
            "health_check_id": given.get("HealthCheckId"),
        }


def _key(given: RecordSet) -> tuple[str, str, str]:
    return given["Name"], given["Type"], given.get("SetIdentifier", "")
