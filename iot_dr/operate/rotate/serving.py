"""Checks whether a region serves the new certificate."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from environments.settings import Settings
from iot_dr.common.user_error import UserError
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.status.endpoint import EndpointProbe, Handshake
from iot_dr.observe.status.network import Network
from iot_dr.observe.status.queries import query_all
from iot_dr.observe.status.unknown import UnknownValue
from iot_dr.observe.switch.route53 import route53_health

_HEALTH: Final = "health"
_ISSUED: Final = "issued"
_SHOWN: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedView:
    """The certificate's fingerprint in ACM, what each name serves, and the region's health.

    `is_healthy` is Route 53's result for the region, ignoring its switch.
    """

    issued: str | UnknownValue
    names: dict[str, Handshake | UnknownValue]
    is_healthy: bool | UnknownValue

    def problems(self, *, is_forced: bool = False) -> Iterator[str]:
        """Yield the problems: a name without the new certificate, and a failing health check.

        Unknown health is not a problem. With `is_forced`, a name whose certificate is unknown
        counts as serving the new one.
        """
        if isinstance(self.issued, UnknownValue):
            yield f"the new certificate cannot be read from ACM: {self.issued.reason}"
            return
        names: dict[str, list[str]] = {}
        for name, endpoint in self.names.items():
            if problem := _problem(endpoint, self.issued, is_forced=is_forced):
                names.setdefault(problem, []).append(name)
        yield from (f"{' and '.join(affected)}: {problem}" for problem, affected in names.items())
        if self.is_healthy is False:
            yield "Route 53's health check of it fails"


@dataclass(frozen=True, kw_only=True)
class Serving:
    """Probes what a region serves for its two names.

    The device name is probed at the regional name's address, with the device name in SNI. Servers
    behind one address can differ (assumed), so a single probe proves little.
    """

    settings: Settings
    region: str
    arn: str
    clients: Clients
    network: Network
    is_forced: bool = False
    last: list[ServedView] = field(default_factory=list["ServedView"])

    def missing(self) -> str:
        """Check again, and return the problems; "" if both names serve the certificate."""
        self.last[:] = [self.look()]
        return "; ".join(self.last[0].problems(is_forced=self.is_forced))

    def look(self) -> ServedView:
        """Return the certificate, what both names serve and the health, read concurrently."""
        own = self.settings
        regional, device = own.regional_name(self.region), own.device_name
        probe = EndpointProbe(network=self.network, tls_policy=own.endpoint.tls_policy)
        works: dict[str, Callable[[], Any]] = {
            _ISSUED: partial(issued_fingerprint, self.clients, self.region, self.arn),
            _HEALTH: self._health,
            regional: partial(probe, regional),
            device: partial(probe, device, regional),
        }
        answers = query_all(works, self.network.limits.total)
        return ServedView(
            issued=answers.pop(_ISSUED), is_healthy=answers.pop(_HEALTH), names=dict(answers)
        )

    def _health(self) -> bool:
        healthy = route53_health(self.settings, self.clients, self.network.limits.total)[
            self.region
        ]
        if isinstance(healthy, UserError):
            raise healthy
        return healthy


def _problem(endpoint: Handshake | UnknownValue, issued: str, *, is_forced: bool) -> str | None:
    if isinstance(endpoint, UnknownValue):
        return None if is_forced else f"unknown: {endpoint.reason}"
    if endpoint.problem:
        return endpoint.problem
    if endpoint.certificate is None:
        return None if is_forced else "its certificate cannot be read"
    if endpoint.certificate.fingerprint != issued:
        return (
            f"serves another certificate (SHA-256 {endpoint.certificate.fingerprint[:_SHOWN]}...)"
        )
    return None


def issued_fingerprint(clients: Clients, region: str, arn: str) -> str:
    """Return the SHA-256 of a region's certificate in ACM, in hexadecimal digits.

    A renewal keeps the ARN and changes the certificate. Raises AwsError if ACM does not return it,
    as before it is issued: docs.aws.amazon.com/acm/latest/APIReference/API_GetCertificate.html.
    """
    from iot_dr.observe.status.certificate_reader import fingerprint_of_pem  # noqa: PLC0415 - slow

    answer = clients.call("acm", region, "get_certificate", CertificateArn=arn)
    return fingerprint_of_pem(str(answer["Certificate"]))
