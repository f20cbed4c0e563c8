"""What answers devices at a regional name."""

import ssl
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtensionOID
from dns.rdatatype import RdataType

from environments.settings import TlsPolicy
from iot_dr.drill.play.tls_name import Serving, TlsNames
from iot_dr.observe.status.addresses import addresses
from iot_dr.observe.status.dns_query import DnsError
from iot_dr.observe.status.endpoint import EndpointProbe, Handshake, UndecidedError
from iot_dr.observe.status.network import Network
from tests.iot_dr.observe.status.world import SETTINGS, WEST
from tests.support.name_servers import NameServers
from tests.support.tls_names import Authority

WILDCARD = f"*.{SETTINGS.zone_name}"
DAY = timedelta(days=1)


def probe(network: Network, policy: TlsPolicy = SETTINGS.endpoint.tls_policy) -> Handshake:
    return EndpointProbe(network=network, tls_policy=policy)(SETTINGS.regional_name(WEST))


def test_a_region_that_serves_shows_certificate_protocol_and_time(
    network: Network, tls: TlsNames
) -> None:
    seen = probe(network)
    assert (seen.address, seen.problem) == (tls.addresses[WEST], None)
    assert seen.protocol == "TLSv1.3"
    assert seen.seconds is not None
    assert 0 < seen.seconds < 0.6
    assert seen.certificate
    assert (seen.certificate.subject, seen.certificate.names) == ("good", (WILDCARD,))
    assert seen.certificate.days_left == pytest.approx(90, abs=0.1)


def test_an_older_protocol_is_reported_as_such(network: Network, tls: TlsNames) -> None:
    tls.regions[WEST].context.maximum_version = ssl.TLSVersion.TLSv1_2
    assert probe(network).protocol == "TLSv1.2"


def test_a_server_that_requests_the_client_certificate_is_healthy(
    network: Network, tls: TlsNames
) -> None:
    tls.regions[WEST].context.verify_mode = ssl.CERT_REQUIRED
    seen = probe(network)
    assert (seen.problem, seen.protocol) == (None, "TLSv1.3")


def test_an_aborted_handshake_of_tls_1_2_is_undecided(network: Network, tls: TlsNames) -> None:
    context = tls.regions[WEST].context
    context.verify_mode, context.maximum_version = ssl.CERT_REQUIRED, ssl.TLSVersion.TLSv1_2
    with pytest.raises(UndecidedError, match="misses a device's certificate"):
        probe(network, "IoTSecurityPolicy_TLS12_1_2_2022_10")
    assert probe(network).problem == "no TLS: SSLV3_ALERT_HANDSHAKE_FAILURE"


def test_an_expired_certificate_is_reported_with_its_days(
    network: Network, tls: TlsNames, authority: Authority
) -> None:
    tls.regions[WEST].context = authority.served("old", [WILDCARD], lasts=-3 * DAY)
    seen = probe(network)
    assert seen.problem == "certificate unfit: expired, or this machine's clock is ahead"
    assert seen.certificate
    assert seen.certificate.days_left == pytest.approx(-3, abs=0.1)


def test_a_certificate_for_another_name_is_reported_with_that_name(
    network: Network, tls: TlsNames, authority: Authority
) -> None:
    tls.regions[WEST].context = authority.served("\x1b[31mother", ["other.example.org"])
    seen = probe(network)
    assert seen.problem == "certificate unfit: for another name"
    assert seen.certificate
    assert seen.certificate.subject == "\\u001b[31mother"
    assert seen.certificate.names == ("other.example.org",)


def test_a_certificate_of_an_unknown_authority_is_unfit(network: Network) -> None:
    seen = probe(replace(network, trust=ssl.create_default_context()))
    assert seen.problem
    assert seen.problem.startswith("certificate unfit: ")
    assert seen.certificate
    assert seen.certificate.subject == "good"


def test_a_certificate_that_cannot_be_read_hides_nothing_else(
    network: Network, tls: TlsNames, authority: Authority
) -> None:
    # An X.400 address among the names.
    odd = x509.UnrecognizedExtension(
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME, bytes.fromhex("3002a300")
    )
    tls.regions[WEST].context = authority.served("odd", [], extension=odd)
    seen = probe(network)
    assert (seen.problem, seen.certificate) == ("certificate unfit: for another name", None)
    assert seen.protocol == "TLSv1.3"


@pytest.mark.parametrize(
    ("serving", "problem"),
    [
        ("hang", "no answer within 0.6 s"),
        ("reset", "Connection reset by peer"),
        ("plain", "no TLS: WRONG_VERSION_NUMBER"),
    ],
)
def test_a_region_that_does_not_serve_is_reported_with_what_it_does(
    network: Network, tls: TlsNames, serving: Serving, problem: str
) -> None:
    tls.regions[WEST].serving = serving
    seen = probe(network)
    assert (seen.problem, seen.certificate) == (problem, None)


def test_a_region_that_refuses_is_reported(network: Network, tls: TlsNames) -> None:
    tls.regions[WEST].stop()
    assert probe(network).problem == "Connection refused"


def test_a_name_without_an_address_says_nothing_of_the_region(
    network: Network, names: NameServers
) -> None:
    for resolver in names.resolvers:
        resolver.own[SETTINGS.regional_name(WEST), RdataType.A] = []
    with pytest.raises(DnsError, match=r"mqtt-eu-west-1\.iot-dev\.example\.com has no address"):
        probe(network)


def test_a_name_with_addresses_of_version_6_alone_is_found_there(
    network: Network, names: NameServers
) -> None:
    name = SETTINGS.regional_name(WEST)
    for resolver in names.resolvers:
        resolver.own |= {(name, RdataType.A): [], (name, RdataType.AAAA): [(60, "2001:db8::1")]}
    assert addresses(name, network, 0.6) == ["2001:db8::1"]
