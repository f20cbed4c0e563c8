"""Whether the process at the other end of a loopback connection belongs to this user."""

import socket
import sys

import pytest

from iot_dr.terraform.standin.server import is_own


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_a_connection_of_this_user_is_own(family: socket.AddressFamily) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(family) as client:
        host = "127.0.0.1" if family is socket.AF_INET else "::ffff:127.0.0.1"
        client.connect((host, server.getsockname()[1]))
        assert is_own(client.getsockname()[1], server.getsockname()[1])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux reports the owner of a connection")
def test_a_connection_that_the_system_does_not_know_is_nobodys() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert not is_own(1, server.getsockname()[1])


def test_if_the_system_reports_no_owner_every_connection_is_accepted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # As outside of Linux.
    monkeypatch.delattr(socket, "AF_NETLINK", raising=False)
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert is_own(1, server.getsockname()[1])
