"""A probe of a regional name from this machine."""

import socket
import ssl
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest

from iot_dr.drill.play.name_server import NameServer
from iot_dr.drill.play.name_server import serving as dns
from iot_dr.drill.play.tls_name import Serving, TlsName
from iot_dr.observe.status.network import NETWORK, Network
from iot_dr.observe.switch.probe import ProbeError, probe
from tests.support.refusal import refusal
from tests.support.tls_names import Authority
from tests.support.within import within

HERE = "localhost"


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """An authority that this process trusts as it trusts the system's."""
    made = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.roots))
    return made


@contextmanager
def serving(context: ssl.SSLContext, how: Serving = "tls") -> Generator[int]:
    """Serve at a port of this machine's own name for a `with` block."""
    server = TlsName(socket.create_server(("127.0.0.1", 0)), context, how)
    port = server.listener.getsockname()[1]
    thread = Thread(target=server.serve)
    thread.start()
    try:
        yield port
    finally:
        server.stop()
        thread.join()


def test_a_name_with_a_good_certificate_answers(authority: Authority) -> None:
    with serving(authority.served(HERE, [HERE])) as port:
        assert refusal(probe, HERE, port, 10) == ""


def test_a_server_that_wants_the_device_s_certificate_answers(authority: Authority) -> None:
    context = authority.served(HERE, [HERE])
    context.load_verify_locations(authority.roots)
    context.verify_mode = ssl.CERT_REQUIRED
    for version in (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2):
        context.maximum_version = version
        with serving(context) as port:
            assert refusal(probe, HERE, port, 10) == ""


def test_a_certificate_for_another_name_or_an_expired_one_is_invalid(authority: Authority) -> None:
    other = authority.served("other", ["other.example.com"])
    ended = authority.served(HERE, [HERE], lasts=timedelta(days=-1))
    for context in (other, ended):
        with serving(context) as port, pytest.raises(ProbeError, match="certificate is invalid"):
            probe(HERE, port, 10)


def test_a_certificate_of_an_untrusted_authority_is_invalid(tmp_path: Path) -> None:
    context = Authority(tmp_path).served(HERE, [HERE])
    with serving(context) as port, pytest.raises(ProbeError, match="certificate is invalid"):
        probe(HERE, port, 10)


def test_a_server_without_tls_is_an_error(authority: Authority) -> None:
    with serving(authority.served(HERE, [HERE]), "plain") as port, pytest.raises(ProbeError):
        probe(HERE, port, 10)


def test_what_hangs_is_given_up(authority: Authority) -> None:
    context = authority.served(HERE, [HERE])
    with serving(context, "hang") as port, pytest.raises(ProbeError, match="no answer on port"):
        probe(HERE, port, 0.2)


def test_a_port_where_nobody_listens_does_not_answer() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(ProbeError, match="no answer on port"):
            probe(HERE, closed.getsockname()[1], 10)


def test_a_name_that_is_not_found_is_reported_as_such() -> None:
    with pytest.raises(ProbeError, match="is not found here"):
        probe("mqtt.invalid", 8883, 1)


def test_a_given_network_looks_the_name_up_and_says_the_port(authority: Authority) -> None:
    name = "mqtt.iot-dev.example.com"
    own_address = NameServer(lambda asked, _: [(60, "127.0.0.1")] if asked == name else [])
    with (
        dns(own_address),
        serving(authority.served(name, [name])) as port,
        within(NETWORK, Network(resolvers=(own_address.resolver,), tls_port=port)),
    ):
        assert refusal(probe, name, seconds=10) == ""
        assert "is not found here" in refusal(probe, "other.example.com", seconds=10)
