"""A device that joins in a region with a claim certificate: fleet provisioning over MQTT."""

import asyncio
import json
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar, cast

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from environments.settings import Settings
from iot_dr.acceptance.device import AcceptanceDevice, Joined
from iot_dr.acceptance.message import KEEP_ALIVE, SECONDS
from iot_dr.common.user_error import UserError
from iot_dr.drill.fleet import packet
from iot_dr.drill.fleet.mqtt_link import BrokerError, MqttLink, open_link, refusal
from iot_dr.observe.status.addresses import addresses
from iot_dr.observe.status.dns_query import DnsError
from iot_dr.observe.status.network import Network
from stacks.provisioning_names import template_name
from stacks.stack_context import stack_context

_CREATE: Final = "$aws/certificates/create-from-csr/json"
_ANSWERS: Final = ("accepted", "rejected")

_T = TypeVar("_T", bound=packet.Packet)


class NotJoinedError(UserError):
    """AWS IoT did not provision a device; the message says why."""


Join = Callable[[AcceptanceDevice, str, str], Joined]
"""Lets a thing join in a region by the test device's claim; raises NotJoinedError."""


@dataclass(frozen=True, kw_only=True)
class Joiner:
    """Joins by the regional name; `trust` returns a TLS context that verifies the server."""

    settings: Settings
    network: Network
    trust: Callable[[], ssl.SSLContext] = ssl.create_default_context

    def __call__(self, device: AcceptanceDevice, region: str, thing: str) -> Joined:
        """Request a certificate, and provision a thing with it by the region's template.

        `device` notes the certificate before it is provisioned, so that it can be removed. Raises
        NotJoinedError. Source: docs.aws.amazon.com/iot/latest/developerguide/provision-wo-cert.html
        and fleet-provision-api.html.
        """
        try:
            address = addresses(
                self.settings.regional_name(region), self.network, self.network.limits.dns
            )[0]
            return asyncio.run(self._join(device, address, region, thing))
        except (DnsError, OSError, BrokerError) as error:
            why = str(error) if isinstance(error, DnsError) else refusal(error)
            raise NotJoinedError(f"{thing} did not join in {region}: {why}") from error

    async def _join(
        self, device: AcceptanceDevice, address: str, region: str, thing: str
    ) -> Joined:
        context = self.trust()
        context.load_cert_chain(device.certificate, device.key)
        heard: asyncio.Queue[packet.Packet | None] = asyncio.Queue()
        link = await open_link(
            (address, self.network.tls_port),
            # The only client ids that the policy of claims allows.
            packet.connect(f"iot-{self.settings.environment}-claim-{thing}", KEEP_ALIVE),
            heard.put_nowait,
            tls=(context, self.settings.device_name),
            timeout=SECONDS,
        )
        link.closed.add_done_callback(lambda _: heard.put_nowait(None))
        template = template_name(stack_context(self.settings, region))
        try:
            created = await _ask(link, heard, _CREATE, {"certificateSigningRequest": _request()})
            joined = device.note_joined(thing, str(created["certificateId"]))
            await _ask(
                link,
                heard,
                f"$aws/provisioning-templates/{template}/provision/json",
                {
                    "certificateOwnershipToken": created["certificateOwnershipToken"],
                    "parameters": {"SerialNumber": thing},
                },
            )
        except KeyError as error:
            raise BrokerError(f"the answer to {_CREATE} has no {error}") from error
        finally:
            link.close()
            await asyncio.wait([link.closed], timeout=SECONDS)
        return joined


async def _ask(
    link: MqttLink,
    heard: asyncio.Queue[packet.Packet | None],
    topic: str,
    question: Mapping[str, Any],
) -> dict[str, Any]:
    """Publish a request, and return its accepted answer; raises BrokerError or TimeoutError."""
    async with asyncio.timeout(SECONDS):
        for number, end in enumerate(_ANSWERS, start=1):
            link.send(packet.subscribe(f"{topic}/{end}", number))
            reasons = (await _next(link, heard, packet.SubAck)).reasons
            if any(packet.is_failure(reason) for reason in reasons):
                raise BrokerError(f"{topic}/{end}: {packet.reason_name(max(reasons))}")
        link.send(packet.publish(topic, json.dumps(question).encode()))
        answer = await _next(link, heard, packet.Publish)
    try:
        read: object = json.loads(answer.payload)
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise BrokerError(f"{answer.topic}: the answer is not a JSON object")
    read = cast("dict[str, Any]", read)
    if answer.topic != f"{topic}/{_ANSWERS[0]}":
        why = read.get("errorMessage") or read.get("errorCode") or "no reason given"
        raise BrokerError(f"{answer.topic}: {why}")
    return read


async def _next(link: MqttLink, heard: asyncio.Queue[packet.Packet | None], kind: type[_T]) -> _T:
    while (received := await heard.get()) is not None:
        if isinstance(received, kind):
            return received
    raise BrokerError(link.closed.result())


def _request() -> str:
    """Return a certificate signing request; nothing connects with its key, which is not kept."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "iot-dr acceptance")])
    request = x509.CertificateSigningRequestBuilder().subject_name(name)
    signed = request.sign(ec.generate_private_key(ec.SECP256R1()), SHA256())
    return signed.public_bytes(Encoding.PEM).decode()
