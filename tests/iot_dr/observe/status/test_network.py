"""The name servers of this machine, and those that answer nothing."""

import socket
from pathlib import Path

import pytest
from dns.rdatatype import RdataType

from iot_dr.common.network_variable import NETWORK_VARIABLE
from iot_dr.observe.status.dns_query import query_dns
from iot_dr.observe.status.network import Network, Resolver, nameservers
from tests.support.refusal import refusal

_SERVERS = '{"resolvers": ["127.0.0.9:5301"], "authority_port": 5300, "tls_port": 8884}'


def test_a_wrong_line_of_resolv_conf_does_not_drop_the_other_name_servers(tmp_path: Path) -> None:
    file = tmp_path / "resolv.conf"
    file.write_bytes(
        b"# nameserver 192.0.2.9\nsearch example.com\nnameserver 192.0.2.1\nnameserver dns.local\n"
        b"nameserver\nnameserver \xff\n; nameserver 192.0.2.8\nnameserver\tfe80::1%eth0 # comment\n"
        b"nameserver 192.0.2.1\n"
    )
    assert nameservers(file) == ("192.0.2.1", "fe80::1%eth0", "192.0.2.1")


def test_without_a_resolv_conf_there_is_no_name_server(tmp_path: Path) -> None:
    assert nameservers(tmp_path / "resolv.conf") == ()


def test_a_server_that_refuses_the_port_is_not_waited_for() -> None:
    # Bound and not open for datagrams: the kernel refuses them.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as taken:
        taken.bind(("127.0.0.1", 0))
        _, port = taken.getsockname()
        with pytest.raises(ConnectionRefusedError):
            query_dns("127.0.0.1", port, "mqtt.iot-dev.example.com", RdataType.A, 3600)


def test_a_variable_leads_to_other_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NETWORK_VARIABLE, _SERVERS)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:5000")
    network = Network.current()
    assert network.resolvers == (Resolver("127.0.0.9", 5301),)
    assert (network.authority_port, network.tls_port) == (5300, 8884)


@pytest.mark.parametrize(
    "value",
    [
        *("127.0.0.1", "{}", '{"resolvers": ["dns.example:x"]}'),
        *(_SERVERS.replace('"127.0.0.9:5301"', each) for each in ("", "53")),
        _SERVERS.replace(".9", ".999"),
        _SERVERS.replace(":5301", ""),
        *(_SERVERS.replace(port, "0") for port in ("5301", "5300", "8884")),
        *(_SERVERS.replace(port, "65536") for port in ("5301", "5300", "8884")),
    ],
)
def test_another_value_of_the_variable_is_a_mistake(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(NETWORK_VARIABLE, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:5000")
    assert refusal(Network.current).startswith(f"{NETWORK_VARIABLE}={value}: expected ")


def test_a_variable_left_over_from_a_game_does_not_lead_commands_of_real_regions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(NETWORK_VARIABLE, _SERVERS)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    assert refusal(Network.current).startswith(
        f"{NETWORK_VARIABLE} is set, and AWS_ENDPOINT_URL is not"
    )
