"""The name servers of this machine, and those that answer nothing."""

import socket
from pathlib import Path

import pytest
from dns.rdatatype import RdataType

from iot_dr.observe.status.dns_query import query
from iot_dr.observe.status.network import nameservers


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
            query("127.0.0.1", port, "mqtt.iot-dev.example.com", RdataType.A, 3600)
