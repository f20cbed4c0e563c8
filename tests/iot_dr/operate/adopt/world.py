"""An account with a platform of one region that a person made, and the deployed stacks."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from dns.rdatatype import RdataType

from environments.settings import Settings
from iot_dr.common.waiting import PollLimits
from iot_dr.drill.play.account import client
from iot_dr.drill.play.faults import ApiRequest, Faults, Reply, faults_before
from iot_dr.drill.play.tls_name import TlsNames, tls_names
from iot_dr.observe.status.network import Network
from iot_dr.observe.switch.record_sets import RecordSet
from iot_dr.operate.adopt.device_name import ExistingNameRecords
from iot_dr.terraform.sandbox.loopback import HOST
from modules.global_region import GLOBAL_REGION
from tests.support.applied_world import AppliedWorld, apply_world, new_test
from tests.support.aws_account import account
from tests.support.existing import existing
from tests.support.name_servers import NameServers, name_servers
from tests.support.settings import REGIONS, document
from tests.support.synthesis import Synthesis
from tests.support.tls_names import Authority

NAME: Final = "mqtt.example.com"
WEST, CENTRAL = REGIONS[:2]
AT_ONCE: Final = PollLimits(limit=10, interval=0.01)


@dataclass(frozen=True)
class Adoptable:
    """The world, the old record of its device name, and what its requests meet."""

    world: AppliedWorld
    faults: Faults
    old: RecordSet
    document: dict[str, Any]
    names: NameServers
    tls: TlsNames
    authority: Authority

    @property
    def network(self) -> Network:
        """The network in which every region serves the names of the zone."""
        return Network(
            resolvers=tuple(each.resolver for each in self.names.resolvers),
            authority_port=self.names.own.port,
            tls_port=self.tls.port,
            trust=self.authority.trust,
        )

    @property
    def records(self) -> ExistingNameRecords:
        """The product's view of the device name; its clients use this process's variables."""
        return ExistingNameRecords(self.world.settings, AT_ONCE)

    def change(self, action: str, *records: RecordSet) -> None:
        """Change records behind the product's back, in one batch."""
        changes = [{"Action": action, "ResourceRecordSet": record} for record in records]
        self._route53.change_resource_record_sets(
            HostedZoneId=self.world.zone_id, ChangeBatch={"Changes": changes}
        )

    def answers(self, name: str = NAME) -> list[dict[str, Any]]:
        """Return the record sets of a name."""
        return [record for record in self.zone() if record["Name"].strip(".") == name]

    def zone(self) -> list[dict[str, Any]]:
        """Return all record sets of the zone."""
        listed = self._route53.list_resource_record_sets(HostedZoneId=self.world.zone_id)
        return listed["ResourceRecordSets"]

    def reset(self) -> None:
        """Replace all records of the device name by its old record."""
        new_test(self.world, self.faults)
        self.faults.answers += [_one_endpoint, _no_authorities]
        for server in self.tls.regions.values():
            server.serving = "tls"
        for server in (self.names.own, *self.names.resolvers):
            server.own.clear()
            server.own[ENDPOINT, RdataType.A] = [(60, self.tls.addresses[WEST])]
            server.own["com", RdataType.NS] = [(60, f"{HOST}.")]
        self.delegate(*self._name_servers())
        for region in self.world.settings.regions:
            iot = self.client("iot", region)
            for thing in iot.list_things()["things"]:
                iot.delete_thing(thingName=thing["thingName"])
        for record in self.answers():
            self.change("DELETE", {key: each for key, each in record.items() if each})
        self.change("CREATE", self.old)

    def delegate(self, *servers: str) -> None:
        """Make the zone above refer to name servers."""
        listed = [(60, f"{server}.") for server in servers]
        self.names.own.own["example.com", RdataType.NS] = listed

    def _name_servers(self) -> list[str]:
        zone = self._route53.get_hosted_zone(Id=self.world.zone_id)
        return zone["DelegationSet"]["NameServers"]

    def batches(self) -> int:
        """Return the number of change batches that the product has sent."""
        return sum("rrset" in each.path and each.method == "POST" for each in self.faults.seen)

    def client(self, service: str, region: str) -> Any:
        """Return a client that changes the account behind the product's back."""
        return client(service, region, self.world.endpoint)

    @property
    def _route53(self) -> Any:
        return self.client("route53", GLOBAL_REGION)


ENDPOINT: Final = "a1b2c3d4e5f6g7-ats.iot.eu-west-1.amazonaws.com"


def _one_endpoint(request: ApiRequest) -> Reply | None:
    """Answer DescribeEndpoint, for which moto has another endpoint each time."""
    if request.service != "iot" or not request.path.startswith("/endpoint"):
        return None
    body = json.dumps({"endpointAddress": ENDPOINT}).encode()
    return Reply(200, body, "application/json")


def _no_authorities(request: ApiRequest) -> Reply | None:
    """Answer ListCACertificates, which moto does not know."""
    is_list = request.service == "iot" and request.path.startswith("/cacertificates")
    return Reply(200, b'{"certificates": []}', "application/json") if is_list else None


@contextmanager
def adoptable(folder: Path, regions: int = 2) -> Generator[Adoptable]:
    """Create a zone with the device name's record, and apply the stacks before the cut-over."""
    names = list(REGIONS[:regions])
    with account("111111111111") as moto, faults_before(moto) as faults:
        route53 = client("route53", GLOBAL_REGION, moto)
        made = route53.create_hosted_zone(Name="example.com", CallerReference="by hand")
        zone_id = made["HostedZone"]["Id"].rpartition("/")[2]
        given = document(
            regions=names,
            zone={"id": zone_id, "name": "example.com"},
            existing=existing(),
            health={"mode": "shallow"},
            recovery={"rto": 900},
        )
        settings = Settings.model_validate(given)
        old: dict[str, Any] = {
            "Name": f"{NAME}.",
            "Type": "CNAME",
            "TTL": 60,
            "ResourceRecords": [{"Value": ENDPOINT}],
        }
        batch = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": old}]}
        route53.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch=batch)
        world = apply_world(settings, Synthesis(folder)(settings), moto)
        authority = Authority(folder)
        served = authority.served("example.com", ["*.example.com"])
        with (
            tls_names(dict.fromkeys(names, served)) as tls,
            name_servers(settings, tls.addresses) as servers,
        ):
            yield Adoptable(world, faults, old, given, servers, tls, authority)
