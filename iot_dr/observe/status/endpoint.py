"""The TLS server that devices meet at a regional name."""

import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Final

from environments.settings import TlsPolicy
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UserError
from iot_dr.observe.status.addresses import addresses
from iot_dr.observe.status.network import Network
from iot_dr.observe.status.queries import query_all
from iot_dr.observe.status.unknown import UnknownValue

# OpenSSL's numbers: docs.openssl.org/master/man3/X509_STORE_CTX_get_error/.
_UNFIT: Final = {
    9: "not valid yet, or this machine's clock is behind",
    10: "expired, or this machine's clock is ahead",
    62: "for another name",
}
_TLS_1_2_ALONE: Final[TlsPolicy] = "IoTSecurityPolicy_TLS12_1_2_2022_10"
# TLS alerts of a server whose own certificate was accepted, and that requires the device's.
_ASKS_FOR_OURS: Final = ("CERTIFICATE_REQUIRED", "BAD_CERTIFICATE")
_CERTIFICATE: Final = "certificate unfit"
_SLOW: Final = 1.25
"""Seconds; connect and handshake across the world take one."""
_ADDRESSES: Final = 8


class UndecidedError(UserError):
    """The server's answer leaves open whether it serves devices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateSummary:
    """A certificate's subject and names, safe to print, and the days until it expires.

    `fingerprint` is the SHA-256 of the whole certificate, in hexadecimal digits.
    """

    subject: str
    names: tuple[str, ...]
    ends: datetime
    days_left: float
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake:
    """The result of a TLS handshake from this machine; `seconds` includes the connect.

    `problem` says why a device would fail: nothing answers, or the certificate is unfit. Without
    it, a missing `certificate` means that the server first requires the device's. `dead` are
    other addresses of the name, of `addresses`, at which nothing answers.
    """

    address: str
    seconds: float | None = None
    protocol: str | None = None
    certificate: CertificateSummary | None = None
    problem: str | None = None
    dead: tuple[str, ...] = ()
    addresses: int = 1

    @property
    def is_unfit(self) -> bool:
        """Whether something answers, with a certificate that devices refuse."""
        return bool(self.problem and self.problem.startswith(_CERTIFICATE))

    @property
    def is_silent(self) -> bool:
        """Whether nothing answers, or no TLS."""
        return bool(self.problem) and not self.is_unfit

    @property
    def is_slow(self) -> bool:
        """Whether the handshake took longer than the distance explains."""
        return self.seconds is not None and self.seconds > _SLOW


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointProbe:
    """Connects like a device, but without a client certificate and without MQTT."""

    network: Network
    tls_policy: TlsPolicy
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def __call__(self, name: str, at: str | None = None) -> Handshake:
        """Probe a name at its own first address, or at that of the name `at`.

        With `at`, a region can be probed for the device name even if that leads elsewhere. The
        certificate is verified by the roots of `network`; an unfit one is read by a second
        handshake without verification. Raises DnsError if no resolver knows an address, OSError if
        this machine has no route to it, and UndecidedError if the server's answer may mean that all
        is well.
        """
        return self._at(addresses(at or name, self.network, self.network.limits.dns)[0], name)

    def at_all(self, name: str) -> Handshake:
        """Probe a name at all its addresses at once, a slow one twice.

        Returns the endpoint with an unfit certificate, else one that serves, else one that does
        not. Raises as a call does, for an address none of which gives a result.
        """
        hosts = addresses(name, self.network, self.network.limits.dns)[:_ADDRESSES]
        works = {address: partial(self._steadily, address, name) for address in hosts}
        seen = query_all(works, self.network.limits.total)
        known = [each for each in seen.values() if isinstance(each, Handshake)]
        if not known:
            raise UndecidedError("; ".join(dict.fromkeys(_reasons(seen.values()))))
        worst = min(known, key=lambda each: (not each.is_unfit, each.is_silent))
        dead = tuple(each.address for each in known if each.is_silent and not worst.is_silent)
        return replace(worst, dead=dead, addresses=len(hosts))

    def _steadily(self, address: str, name: str) -> Handshake:
        """Probe a slow address again, if that is in time: one lost packet costs a second."""
        first = self._at(address, name)
        if not first.is_slow or 2 * (first.seconds or 0) > self.network.limits.tls:
            return first
        again = self._at(address, name)
        return again if again.problem or (again.seconds or 0) < (first.seconds or 0) else first

    def _at(self, address: str, name: str) -> Handshake:
        try:
            return self._handshake(address, name, self.network.trust)
        except ssl.SSLCertVerificationError as error:
            return self._unfit(address, name, _reason(error))
        except TimeoutError:
            return Handshake(
                address=address, problem=f"no answer within {self.network.limits.tls:g} s"
            )
        except (ConnectionError, ssl.SSLError) as error:
            return self._refusal(address, error)

    def _refusal(self, address: str, error: OSError) -> Handshake:
        if any(each in str(error) for each in _ASKS_FOR_OURS):
            return Handshake(address=address)
        if "HANDSHAKE_FAILURE" in str(error) and self.tls_policy == _TLS_1_2_ALONE:
            raise UndecidedError(
                "the server breaks the handshake off, as one of TLS 1.2 may do that only misses a"
                " device's certificate"
            )
        return Handshake(address=address, problem=_words(error))

    def _unfit(self, address: str, name: str, problem: str) -> Handshake:
        try:
            seen = self._handshake(address, name, _without_trust())
        except OSError:
            return Handshake(address=address, problem=problem)
        return Handshake(
            address=address,
            seconds=seen.seconds,
            protocol=seen.protocol,
            certificate=seen.certificate,
            problem=problem,
        )

    def _handshake(self, address: str, name: str, trust: ssl.SSLContext) -> Handshake:
        begin = time.monotonic()
        limit = self.network.limits.tls
        with socket.create_connection((address, self.network.tls_port), limit) as plain_socket:
            plain_socket.settimeout(max(limit - (time.monotonic() - begin), 0.001))
            with trust.wrap_socket(plain_socket, server_hostname=name) as channel:
                return Handshake(
                    address=address,
                    seconds=time.monotonic() - begin,
                    protocol=channel.version(),
                    certificate=self._certificate(channel.getpeercert(binary_form=True)),
                )

    def _certificate(self, encoded: bytes | None) -> CertificateSummary | None:
        # Slow, and needed by an answer alone: `--help` does without.
        from iot_dr.observe.status.certificate_reader import read_certificate  # noqa: PLC0415 - as above

        if encoded is None:
            return None
        try:
            return read_certificate(encoded, self.now())
        except Exception:  # noqa: BLE001 - a stranger wrote it; the reader's errors have no common class
            return None


def _reasons(seen: Iterable[Handshake | UnknownValue]) -> Iterator[str]:
    yield from (each.reason for each in seen if isinstance(each, UnknownValue))


def _without_trust() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _reason(error: ssl.SSLCertVerificationError) -> str:
    why = _UNFIT.get(error.verify_code) or plain(error.verify_message)
    return f"{_CERTIFICATE}: {why}"


def _words(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return f"no TLS: {plain(error.reason or str(error))}"
    return plain(error.strerror or str(error) or type(error).__name__)
