"""The test device: a thing with a certificate in every region, removed at the end."""

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pydantic import TypeAdapter, ValidationError

from environments.settings import Settings
from iot_dr.common.regular_file import content_of
from iot_dr.common.user_error import UserError
from iot_dr.common.whole_file import whole_file
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.aws.errors import NOT_FOUND, RequestRefusedError
from modules.context import Context
from modules.device_policy_name import device_policy_name
from stacks.provisioning_names import own_policies
from stacks.stack_context import stack_context

_LIFETIME: Final = timedelta(days=30)
_BACKDATED: Final = timedelta(hours=1)
_THERE: Final = "ResourceAlreadyExistsException"
_SHOWN: Final = 8


class Joined(NamedTuple):
    """A thing that a region provisioned, and the id of its certificate."""

    thing: str
    certificate_id: str


_JOINED: Final = TypeAdapter(tuple[Joined, ...])


class DeviceError(UserError):
    """The file of joined things is not one."""


@dataclass(frozen=True, kw_only=True)
class AcceptanceDevice:
    """Creates and removes the test device; its private key stays in `folder`.

    The certificate is self-signed and registered in each region, as AWS IoT does not share it:
    docs.aws.amazon.com/iot/latest/developerguide/register-device-cert.html. With fleet provisioning
    it is also a claim certificate. `create` and `remove` are idempotent; they raise AwsError.
    """

    settings: Settings
    clients: Clients
    folder: Path

    @property
    def certificate(self) -> Path:
        """The certificate's file (PEM)."""
        return self.folder / "certificate.pem"

    @property
    def key(self) -> Path:
        """The private key's file (PEM), mode 0600."""
        return self.folder / "private.key"

    @property
    def exists(self) -> bool:
        """Whether the certificate's file exists."""
        return self.certificate.is_file()

    @property
    def certificate_id(self) -> str:
        """The id of the certificate in every region: the SHA-256 of its DER form."""
        read = x509.load_pem_x509_certificate(self.certificate.read_bytes())
        return read.fingerprint(SHA256()).hex()

    @property
    def thing(self) -> str:
        """The thing's name, which is also the client id."""
        return f"acceptance-{self.certificate_id[:_SHOWN]}"

    @property
    def joined(self) -> tuple[Joined, ...]:
        """The things that joined by the test device's claim, in their order; raises DeviceError."""
        try:
            return _JOINED.validate_json(content_of(self._joined_file))
        except FileNotFoundError:
            return ()
        except ValidationError as error:
            raise DeviceError(
                f"{self._joined_file}: not a list of joined things: {error.errors()[0]['msg']};"
                " remove the things acceptance-* and their certificates, then the file"
            ) from None

    def note_joined(self, thing: str, certificate_id: str) -> Joined:
        """Note a thing and its certificate, which `remove` removes."""
        joined = Joined(thing, certificate_id)
        with whole_file(self._joined_file, 0o600) as file:
            file.write(json.dumps([*self.joined, joined]).encode())
        return joined

    def create(self) -> None:
        """Create key, certificate and thing, and attach its policies, in every region."""
        if not self.exists:
            self._make_certificate()
        pem = self.certificate.read_text(encoding="utf-8")
        for region in self.settings.regions:
            register = "register_certificate_without_ca"
            self._call(_THERE, region, register, certificatePem=pem, status="ACTIVE")
            self._call(_THERE, region, "create_thing", thingName=self.thing)
            for policy in own_policies(self.settings, self._context):
                own = {"policyName": policy, "target": self.arn(region)}
                self._call(_THERE, region, "attach_policy", **own)
            own = {"thingName": self.thing, "principal": self.arn(region)}
            self._call(_THERE, region, "attach_thing_principal", **own)

    def remove(self) -> None:
        """Deactivate, detach and delete the device in every region, then delete `folder`."""
        for region in self.settings.regions:
            for method, arguments in self._removals(region):
                self._call(NOT_FOUND, region, method, **arguments)
        if self.folder.exists():
            shutil.rmtree(self.folder)

    def removal_commands(self) -> Iterator[str]:
        """Yield the AWS CLI commands that remove the device; its certificate must exist."""
        for region in self.settings.regions:
            for method, arguments in self._removals(region):
                command = f"aws iot {method.replace('_', '-')} --region {region}"
                for name, value in arguments.items():
                    option = re.sub("(?=[A-Z])", "-", name).lower()
                    command += f" --{option} {value}"
                yield command

    @property
    def _context(self) -> Context:
        return stack_context(self.settings, self.settings.primary_region)

    @property
    def _joined_file(self) -> Path:
        return self.folder / "joined.json"

    def _removals(self, region: str) -> Iterator[tuple[str, dict[str, str]]]:
        of_joined: tuple[str, ...] = (device_policy_name(self._context),)
        policies = dict.fromkeys(self.joined, of_joined)
        if self.exists:
            own = Joined(self.thing, self.certificate_id)
            policies[own] = own_policies(self.settings, self._context)
        for joined, attached in policies.items():
            yield from self._certificate_removal(region, joined, attached)
        # After all certificates, since DeleteThing refuses a thing that still has one.
        for thing in dict.fromkeys(joined.thing for joined in policies):
            yield "delete_thing", {"thingName": thing}

    def _certificate_removal(
        self, region: str, made: Joined, policies: tuple[str, ...]
    ) -> Iterator[tuple[str, dict[str, str]]]:
        # In the order that AWS requires: DeleteCertificate needs it inactive and detached.
        # docs.aws.amazon.com/iot/latest/apireference/API_DeleteCertificate.html
        own, arn = {"certificateId": made.certificate_id}, self.arn(region, made.certificate_id)
        yield "update_certificate", {**own, "newStatus": "INACTIVE"}
        yield "detach_thing_principal", {"thingName": made.thing, "principal": arn}
        for policy in policies:
            yield "detach_policy", {"policyName": policy, "target": arn}
        yield "delete_certificate", own

    def arn(self, region: str, certificate_id: str | None = None) -> str:
        """Return the ARN of a certificate in a region, by default the test device's."""
        own = certificate_id or self.certificate_id
        return f"arn:aws:iot:{region}:{self.settings.account_id}:cert/{own}"

    def _call(self, done: str, region: str, method: str, **arguments: Any) -> None:  # noqa: ANN401 - boto3's
        """Call AWS IoT; ignore the error code `done`, which means that it was done before."""
        try:
            self.clients.call("iot", region, method, **arguments)
        except RequestRefusedError as error:
            if error.code != done:
                raise

    def _make_certificate(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        with whole_file(self.key, 0o600) as file:
            file.write(private)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "iot-dr acceptance")])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _BACKDATED)
            .not_valid_after(now + _LIFETIME)
            .sign(key, SHA256())
        )
        # Last, as this file shows that the device exists.
        with whole_file(self.certificate, 0o600) as file:
            file.write(certificate.public_bytes(Encoding.PEM))
