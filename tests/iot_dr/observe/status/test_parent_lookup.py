import socket

import pytest

from iot_dr.observe.status.dns_query import DnsError
from iot_dr.observe.status.network import Network, Resolver
from iot_dr.observe.status.parent_lookup import ParentLookup
from tests.iot_dr.delivery.deploy.name_server import HOST, REFUSED, name_server

ZONE = "iot-dev.example.com"


def test_the_servers_of_the_zone_above_are_asked() -> None:
    with name_server({"example.com": [HOST], ZONE: ["ns-1.example.net"]}) as server:
        lookup = ParentLookup(network=server.network)
        assert lookup(ZONE) == {"ns-1.example.net"}
        assert server.asked == ["example.com", ZONE]


def test_a_zone_that_is_not_delegated_yet_has_no_name_server() -> None:
    with name_server({"example.com": [HOST]}) as server:
        assert ParentLookup(network=server.network)(ZONE) == frozenset()


def test_the_zone_above_may_be_further_up() -> None:
    zones = {"example.com": [HOST], "iot-dev.north.example.com": ["ns-1.example.net"]}
    with name_server(zones) as server:
        lookup = ParentLookup(network=server.network)
        assert lookup("iot-dev.north.example.com") == {"ns-1.example.net"}


def test_a_refusal_is_reported_with_the_server_that_refused() -> None:
    with name_server({}) as server:
        server.code = REFUSED
        with pytest.raises(DnsError, match=rf"example.com \({HOST}: .* REFUSED"):
            ParentLookup(network=server.network)(ZONE)


def test_a_zone_with_nothing_above_it_is_reported() -> None:
    with name_server({}) as server, pytest.raises(DnsError, match="no zone above"):
        ParentLookup(network=server.network)(ZONE)


def test_a_missing_server_is_reported_at_once() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        channel.bind((HOST, 0))
        port = channel.getsockname()[1]
    silent = Network(resolvers=(Resolver(HOST, port),), authority_port=port)
    with pytest.raises(DnsError, match=r"no answer for example\.com"):
        ParentLookup(network=silent)(ZONE)
