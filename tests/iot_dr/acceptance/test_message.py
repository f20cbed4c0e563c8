"""A message through the device name: real DNS, TLS and MQTT on loopback."""

import asyncio
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from iot_dr.acceptance.device import AcceptanceDevice
from iot_dr.acceptance.message import DevicePublisher, NotPublishedError, Published
from iot_dr.drill.rig.region.authority import Authority
from iot_dr.observe.status.network import Network
from tests.iot_dr.acceptance.account import Account
from tests.support.drill import Regions, needs_mosquitto, regions
from tests.support.name_servers import NameServers, name_servers
from tests.support.settings import settings

SETTINGS = settings()
WEST, CENTRAL = SETTINGS.regions

pytestmark = needs_mosquitto


@dataclass(frozen=True)
class Place:
    """Two brokers, the names that lead to them, and a device that they know."""

    brokers: Regions
    names: NameServers
    device: AcceptanceDevice

    def publish(self, trust: Path | None = None) -> Published:
        """Publish as the device, which trusts the brokers' authority or another file of roots."""
        roots = str(trust or self.brokers.authority.roots)
        publisher = DevicePublisher(
            settings=SETTINGS,
            network=Network(
                resolvers=tuple(each.resolver for each in self.names.resolvers),
                tls_port=self.brokers.addresses.mqtt,
            ),
            trust=lambda: ssl.create_default_context(cafile=roots),
        )
        return publisher(self.device, b"{}")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("brokers")
    with asyncio.Runner() as runner:
        stands = regions(folder, *SETTINGS.regions)
        made = runner.run(stands.__aenter__())
        device = Account(folder).tools(SETTINGS, folder, print).device
        device.folder.mkdir()
        identity = made.authority.client("acceptance")
        device.key.write_bytes(identity.key.read_bytes())
        device.certificate.write_bytes(identity.certificate.read_bytes())
        with name_servers(SETTINGS, dict(made.addresses.hosts)) as names:
            yield Place(made, names, device)
        runner.run(stands.__aexit__(None, None, None))


def test_a_message_arrives_in_the_region_that_the_device_name_leads_to(place: Place) -> None:
    hosts = place.brokers.addresses.hosts
    assert place.publish() == Published(WEST, hosts[WEST])
    place.names.route53.away = frozenset({WEST})
    assert place.publish() == Published(CENTRAL, hosts[CENTRAL])
    place.names.route53.away = frozenset()


def test_a_server_that_is_not_trusted_gets_no_message(place: Place, tmp_path: Path) -> None:
    with pytest.raises(NotPublishedError, match=f"{SETTINGS.device_name}: server's .*certificate"):
        place.publish(Authority(tmp_path).roots)


def test_a_certificate_that_the_broker_does_not_know_is_an_error(
    place: Place, tmp_path: Path
) -> None:
    stranger = Account(tmp_path).tools(SETTINGS, tmp_path, print).device
    stranger.create()
    with pytest.raises(NotPublishedError, match=r"unknown ca|closed|alert|bad certificate"):
        Place(place.brokers, place.names, stranger).publish()


def test_a_name_that_leads_nowhere_is_an_error(place: Place) -> None:
    for resolver in place.names.resolvers:
        resolver.is_silent = True
    with pytest.raises(NotPublishedError, match="no answer within"):
        place.publish()
    for resolver in place.names.resolvers:
        resolver.is_silent = False
