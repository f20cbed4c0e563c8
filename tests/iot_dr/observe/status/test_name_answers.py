"""Where name servers lead the device name."""

from dataclasses import replace

import dns.rcode
import pytest
from dns.rdatatype import RdataType

from iot_dr.observe.status.dns_query import DnsError
from iot_dr.observe.status.name_answers import DeviceNameQuery, NameAnswer, NameServerAnswer
from iot_dr.observe.status.network import Network
from iot_dr.observe.status.unknown import UnknownValue
from iot_dr.terraform.sandbox.loopback import HOST
from tests.iot_dr.observe.status.world import SETTINGS
from tests.support.name_servers import NAME_SERVERS, NameServers
from tests.support.region_health import RegionHealth

DEVICE = SETTINGS.device_name, RdataType.CNAME
WEST = SETTINGS.regional_name("eu-west-1")
PRIMARY = NameAnswer(target=WEST, region="eu-west-1", ttl=60)


def resolvers(network: Network) -> list[NameAnswer | UnknownValue]:
    seen = DeviceNameQuery(settings=SETTINGS, network=network).resolvers()
    assert [(each.server, each.kind) for each in seen] == [(HOST, "resolver")] * len(seen)
    return [each.answer for each in seen]


def authoritative(network: Network) -> tuple[NameServerAnswer, ...]:
    return DeviceNameQuery(settings=SETTINGS, network=network).authoritative()


def test_each_authoritative_server_and_resolver_returns_region_and_ttl(
    network: Network,
) -> None:
    assert resolvers(network) == [PRIMARY, PRIMARY]
    own = authoritative(network)
    assert [(each.server, each.kind) for each in own] == [
        (server, "authoritative") for server in NAME_SERVERS
    ]
    assert [each.answer for each in own] == [PRIMARY, PRIMARY]


def test_the_answer_follows_the_checks(network: Network, names: NameServers) -> None:
    names.route53.health = {"eu-west-1": RegionHealth(deep=False)}
    target = SETTINGS.regional_name("eu-central-1")
    standby = NameAnswer(target=target, region="eu-central-1", ttl=60)
    assert resolvers(network) == [standby, standby]


def test_a_resolver_that_remembers_is_shown_with_the_seconds_left(
    network: Network, names: NameServers
) -> None:
    names.route53.away = frozenset({"eu-west-1"})
    names.resolvers[0].own[DEVICE] = [(17, f"{WEST}.")]
    first, second = resolvers(network)
    assert first == replace(PRIMARY, ttl=17)
    assert isinstance(second, NameAnswer)
    assert second.region == "eu-central-1"


def test_a_name_is_compared_without_regard_to_case(network: Network, names: NameServers) -> None:
    names.resolvers[0].own[DEVICE] = [(60, f"{WEST.upper()}.")]
    assert resolvers(network)[0] == PRIMARY


def test_a_lie_is_reported_as_it_is_and_safe_to_print(network: Network, names: NameServers) -> None:
    names.resolvers[0].own[DEVICE] = [(60, "\\027[31mred.example.org.")]
    names.resolvers[1].own[DEVICE] = []
    lie, nothing = resolvers(network)
    assert isinstance(lie, NameAnswer)
    assert (lie.region, lie.summary) == (None, "a foreign name: \\027[31mred.example.org")
    assert isinstance(nothing, NameAnswer)
    assert (nothing, nothing.summary) == (NameAnswer(), "no CNAME")


def test_a_resolver_that_is_silent_or_refuses_hides_no_other(
    network: Network, names: NameServers
) -> None:
    names.resolvers[0].is_silent = True
    assert resolvers(network) == [UnknownValue("no answer within 0.6 s"), PRIMARY]
    names.resolvers[0].is_silent = False
    names.resolvers[0].rcode = dns.rcode.REFUSED
    assert resolvers(network) == [UnknownValue(f"{HOST} answers REFUSED"), PRIMARY]
    assert len(authoritative(network)) == 2


def test_a_lost_datagram_is_sent_again(network: Network, names: NameServers) -> None:
    names.resolvers[0].loses = 1
    assert resolvers(network) == [PRIMARY, PRIMARY]
    assert names.resolvers[0].asked == [SETTINGS.device_name] * 2


def test_records_of_another_name_are_ignored(network: Network, names: NameServers) -> None:
    names.resolvers[0].noise = b"no message"
    assert resolvers(network) == [PRIMARY, PRIMARY]


def test_a_server_of_the_zone_without_an_address_hides_no_other(
    network: Network, names: NameServers
) -> None:
    for resolver in names.resolvers:
        resolver.own[NAME_SERVERS[0], RdataType.A] = []
    (only,) = authoritative(network)
    assert (only.server, only.answer) == (NAME_SERVERS[1], PRIMARY)


def test_a_zone_that_public_dns_does_not_know_is_reported(
    network: Network, names: NameServers
) -> None:
    for resolver in names.resolvers:
        resolver.own[SETTINGS.zone_name, RdataType.NS] = []
    with pytest.raises(DnsError, match=r"no name servers for iot-dev\.example\.com"):
        authoritative(network)


def test_without_any_resolver_the_zones_servers_cannot_be_found(network: Network) -> None:
    alone = replace(network, resolvers=())
    assert resolvers(alone) == []
    with pytest.raises(DnsError, match="nobody to ask"):
        authoritative(alone)
