"""Devices that join with a claim: real TLS, MQTT, DNS and IoT policies; AWS's answers are made."""

import asyncio
import hashlib
import json
import re
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from iot_dr.acceptance.device import AcceptanceDevice, DeviceError, Joined
from iot_dr.acceptance.joining import Joiner, NotJoinedError
from iot_dr.acceptance.journal import AcceptanceJournal
from iot_dr.acceptance.provisioning import join
from iot_dr.acceptance.step import SkippedError
from iot_dr.common.waiting import WaitTimeoutError
from iot_dr.drill.fleet import packet
from iot_dr.drill.fleet.mqtt_link import MqttLink, open_link
from iot_dr.drill.rig.addresses import free_addresses
from iot_dr.drill.rig.region.authority import Authority
from iot_dr.drill.rig.region.broker import Broker
from iot_dr.drill.rig.region.device_gateway import GatewayState
from iot_dr.observe.aws.errors import RequestRefusedError
from iot_dr.observe.status.network import Network
from tests.iot_dr.acceptance.account import Account
from tests.support.drill import in_loop, needs_mosquitto
from tests.support.name_servers import name_servers
from tests.support.settings import FLEET, settings
from tests.support.synthesis import Synthesis

SETTINGS = settings(data={"provisioning": FLEET})
WEST, CENTRAL = SETTINGS.regions
_TEMPLATE = "example-dev-provisioning"
_CREATE = "$aws/certificates/create-from-csr/json"
_PROVISION = "$aws/provisioning-templates/{}/provision/json"


@dataclass
class Provisioning:
    """AWS IoT's side of fleet provisioning, as the page of its MQTT API describes it."""

    link: MqttLink | None = None
    tokens: set[str] = field(default_factory=set[str])
    things: list[str] = field(default_factory=list[str])
    is_broken: bool = False

    def hear(self, heard: packet.Packet) -> None:
        """Answer a request of a device; nobody answers for a template that does not exist."""
        if not isinstance(heard, packet.Publish):
            return
        asked = json.loads(heard.payload)
        if heard.topic == _CREATE:
            request = x509.load_pem_x509_csr(asked["certificateSigningRequest"].encode())
            assert request.is_signature_valid
            id_ = hashlib.sha256(request.tbs_certrequest_bytes).hexdigest()
            self.tokens.add(id_)
            self._answer(heard.topic, {"certificateId": id_, "certificateOwnershipToken": id_})
        elif asked["certificateOwnershipToken"] in self.tokens and asked["parameters"].keys() == {
            "SerialNumber"
        }:
            self.things.append(asked["parameters"]["SerialNumber"])
            self._answer(heard.topic, {"thingName": self.things[-1]})

    def _answer(self, topic: str, content: dict[str, Any]) -> None:
        assert self.link is not None
        if self.is_broken:
            refused = {"statusCode": 400, "errorCode": "x", "errorMessage": "Device not allowed"}
            self.link.send(packet.publish(f"{topic}/rejected", json.dumps(refused).encode()))
        else:
            self.link.send(packet.publish(f"{topic}/accepted", json.dumps(content).encode()))


@dataclass(frozen=True)
class Region:
    """A region that devices can join, and a device that has a claim there."""

    joiner: Joiner
    device: AcceptanceDevice
    aws: Provisioning

    async def join(self, thing: str) -> Joined:
        """Join as a device does, in a thread, since the command has an event loop of its own."""
        return await asyncio.to_thread(self.joiner, self.device, WEST, thing)


@asynccontextmanager
async def _region(folder: Path, policies: tuple[str, ...]) -> AsyncGenerator[Region]:
    authority, addresses = Authority(folder / "authority"), free_addresses(SETTINGS.regions)
    served = authority.server(SETTINGS.device_name)
    access = GatewayState(
        certificates={SETTINGS.device_name: served}, own=served, policies=policies
    )
    device = Account(folder).tools(SETTINGS, folder, print).device
    device.folder.mkdir()
    identity = authority.client("acceptance")
    device.key.write_bytes(identity.key.read_bytes())
    device.certificate.write_bytes(identity.certificate.read_bytes())
    broker = Broker(
        WEST, addresses, authority.roots, access, account_id=SETTINGS.account_id, things="no thing"
    )
    with name_servers(SETTINGS, dict(addresses.hosts)) as names:
        async with broker:
            aws = Provisioning()
            local = (addresses.hosts[WEST], addresses.local)
            aws.link = await open_link(local, packet.connect("drill/aws", 60), aws.hear)
            for number, topic in enumerate((_CREATE, _PROVISION.format(_TEMPLATE)), start=1):
                aws.link.send(packet.subscribe(topic, number))
            network = Network(
                resolvers=tuple(each.resolver for each in names.resolvers), tls_port=addresses.mqtt
            )
            trust = str(authority.roots)
            joiner = Joiner(
                settings=SETTINGS,
                network=network,
                trust=lambda: ssl.create_default_context(cafile=trust),
            )
            yield Region(joiner, device, aws)
            aws.link.close()


@pytest.fixture(scope="module")
def claim_policy(tmp_path_factory: pytest.TempPathFactory) -> str:
    stacks = Synthesis(tmp_path_factory.mktemp("claim"))(SETTINGS)
    return stacks[f"iot-dev-device-registry-{WEST}"].resources("aws_iot_policy")["claim"]["policy"]


@needs_mosquitto
@in_loop
async def test_a_device_joins_with_what_the_policy_of_claims_allows(
    tmp_path: Path, claim_policy: str
) -> None:
    async with _region(tmp_path, (claim_policy,)) as region:
        joined = await region.join("thing-1")
        assert region.aws.things == ["thing-1"]
        assert region.device.joined == (joined,)
        assert joined.certificate_id in region.aws.tokens


@needs_mosquitto
@in_loop
async def test_a_refused_device_says_why_and_its_certificate_will_be_removed(
    tmp_path: Path, claim_policy: str
) -> None:
    async with _region(tmp_path, (claim_policy,)) as region:
        await region.join("thing-1")
        region.aws.is_broken = True
        with pytest.raises(NotJoinedError, match=r"thing-2 did not join in .*: Device not allowed"):
            await region.join("thing-2")
    async with _region(tmp_path / "other", (claim_policy.replace("-claim-*", "-other-*"),)) as none:
        with pytest.raises(NotJoinedError, match="not authorized"):
            await none.join("thing-3")
        assert none.device.joined == ()


def test_the_step_joins_in_each_region_and_where_the_thing_is_replicated(tmp_path: Path) -> None:
    account = Account(tmp_path)
    tools = account.tools(SETTINGS, tmp_path, print)
    tools.device.create()
    evidence = join(tools, AcceptanceJournal.of(SETTINGS, 0))
    assert evidence == {
        f"joined in {at}": f"replicated to {other} after 30 s, where it joined again"
        for at, other in ((WEST, CENTRAL), (CENTRAL, WEST))
    }
    assert [region for _, region, _ in account.joined.values()] == [WEST, CENTRAL, CENTRAL, WEST]
    first, again, *_ = tools.device.joined
    assert first.thing == again.thing
    assert first.certificate_id != again.certificate_id
    tools.device.remove()
    for region in SETTINGS.regions:
        deleted = [
            given["certificateId"]
            for at, method, given in account.calls
            if (at, method) == (region, "delete_certificate")
        ]
        assert {*account.joined} < {*deleted}
    assert not tools.device.folder.exists()


def test_a_thing_is_deleted_after_all_its_certificates_are_detached(tmp_path: Path) -> None:
    account = Account(tmp_path)
    tools = account.tools(SETTINGS, tmp_path, print)
    tools.device.create()
    for id_ in ("a", "b"):
        tools.device.note_joined("thing-1", id_)
    tools.device.remove()
    for region in SETTINGS.regions:
        removed = [
            method
            for at, method, given in account.calls
            if at == region and given.get("thingName") == "thing-1"
        ]
        assert removed == ["detach_thing_principal", "detach_thing_principal", "delete_thing"]


@pytest.mark.parametrize("content", ["", "{", "[1]", '[["thing"]]', '[["thing", 1]]', "{}"])
def test_an_edited_file_of_joined_things_is_named_and_kept(tmp_path: Path, content: str) -> None:
    device = Account(tmp_path).tools(SETTINGS, tmp_path, print).device
    device.create()
    device.note_joined("thing-1", "a")
    file = device.folder / "joined.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(DeviceError, match=rf"{re.escape(str(file))}: not a list of joined things"):
        device.remove()
    assert file.exists()


def test_joined_things_are_removed_without_the_test_device_s_certificate(tmp_path: Path) -> None:
    account = Account(tmp_path)
    device = account.tools(SETTINGS, tmp_path, print).device
    device.create()
    device.note_joined("thing-1", "a")
    device.certificate.unlink()
    device.remove()
    deleted = [given for _, method, given in account.calls if method == "delete_thing"]
    assert deleted == [{"thingName": "thing-1"}] * len(SETTINGS.regions)
    assert not device.folder.exists()


def test_a_thing_that_no_other_region_gets_fails_the_step(tmp_path: Path) -> None:
    account = Account(tmp_path, replicated_after=3600)
    tools = account.tools(SETTINGS, tmp_path, print)
    tools.device.create()
    with pytest.raises(WaitTimeoutError, match=rf"is not in {CENTRAL}"):
        join(tools, AcceptanceJournal.of(SETTINGS, 0))
    assert len(tools.device.joined) == 1


def test_a_refused_call_fails_the_step_at_once(tmp_path: Path) -> None:
    account = Account(tmp_path)
    tools = account.tools(SETTINGS, tmp_path, print)
    tools.device.create()
    account.failing["list_principal_things"] = RequestRefusedError("iot: no", "AccessDenied")
    with pytest.raises(RequestRefusedError, match="iot: no"):
        join(tools, AcceptanceJournal.of(SETTINGS, 0))


@pytest.mark.parametrize("data", [None, {}, {"provisioning": None}])
def test_without_claims_the_step_is_skipped(tmp_path: Path, data: dict[str, None] | None) -> None:
    chosen = settings() if data is None else settings(data=data)
    with pytest.raises(SkippedError, match="not fleet-provisioning"):
        join(Account(tmp_path).tools(chosen, tmp_path, print), AcceptanceJournal.of(chosen, 0))
