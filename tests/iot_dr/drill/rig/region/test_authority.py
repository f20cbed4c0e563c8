import socket
import ssl
import stat
import threading
from pathlib import Path

import pytest
from cryptography import x509

from iot_dr.drill.rig.region.authority import Authority
from iot_dr.drill.rig.region.identity import Identity
from tests.support.drill import client_context, server_context

_NAME = "mqtt.iot-dev.example.com"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("drill") / "authority")


def _shake(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> str | None:
    """Shake hands over a pair of sockets; return the common name that the client showed."""
    near, far = socket.socketpair()
    shown: list[bytes | None] = []

    def serve() -> None:
        try:
            with server.wrap_socket(far, server_side=True) as served:
                shown.append(served.getpeercert(binary_form=True))
                served.send(b".")
        except ssl.SSLError:
            far.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with client.wrap_socket(near, server_hostname=name) as secure:
            assert secure.recv(1) == b"."
    finally:
        near.close()
        thread.join()
    if shown[0] is None:
        return None
    (common,) = x509.load_der_x509_certificate(shown[0]).subject
    return str(common.value)


def _asking(identity: Identity, roots: Path) -> ssl.SSLContext:
    context = server_context(identity)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(roots)
    return context


def test_a_wildcard_serves_each_name_of_the_zone(authority: Authority) -> None:
    server = server_context(authority.server("*.iot-dev.example.com"))

    _shake(server, client_context(authority), _NAME)
    with pytest.raises(ssl.SSLCertVerificationError, match="not valid for"):
        _shake(server, client_context(authority), "mqtt.elsewhere.example.com")


def test_a_device_is_known_by_its_common_name(authority: Authority) -> None:
    server = _asking(authority.server(_NAME), authority.roots)
    device = client_context(authority, authority.client("thing-1"))

    assert _shake(server, device, _NAME) == "thing-1"


def test_a_server_that_trusts_another_authority_knows_no_device(
    authority: Authority, tmp_path: Path
) -> None:
    server = _asking(authority.server(_NAME), Authority(tmp_path / "another").roots)
    device = client_context(authority, authority.client("thing-1"))

    with pytest.raises(ssl.SSLError, match=r"(?i)unknown.ca"):
        _shake(server, device, _NAME)


def test_an_expired_certificate_is_refused_as_expired(authority: Authority) -> None:
    server = server_context(authority.server(_NAME, is_expired=True))

    with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
        _shake(server, client_context(authority), _NAME)


def test_another_drill_is_not_trusted(authority: Authority, tmp_path: Path) -> None:
    server = server_context(authority.server(_NAME))

    with pytest.raises(ssl.SSLCertVerificationError):
        _shake(server, client_context(Authority(tmp_path / "other")), _NAME)


def test_only_the_user_may_read_what_it_writes(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "authority"
    authority = Authority(folder)
    authority.client("thing-1")

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_the_authority_s_own_key_is_nowhere_on_disk(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "authority")
    identity = authority.client("thing-1")

    keys = [file for file in authority.roots.parent.iterdir() if b"PRIVATE" in file.read_bytes()]
    assert keys == [identity.key]
