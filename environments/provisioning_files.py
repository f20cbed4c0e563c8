"""The CA certificate file that `data.provisioning` names."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from pydantic import ValidationError

from environments import document
from environments.bounded_file import LARGEST_DOCUMENT, UnusableFileError, content_of
from environments.errors import Mistake, SettingsError, dotted
from environments.project import project_root, settings_file
from environments.provisioning import JustInTimeProvisioning
from environments.settings import Settings

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_PRIVATE_KEY: Final = b"PRIVATE KEY"
_PRIVATE_KEY_FOUND: Final = (
    "contains a private key, which must never be in a project: remove the file, also from its"
    " history, and treat the key as compromised; expected only the CA's certificate"
)
_NO_CERTIFICATE: Final = (
    "contains no certificate in PEM; expected the CA's public certificate, starting with"
    " -----BEGIN CERTIFICATE-----"
)
_NO_CA: Final = (
    "is not the certificate of a CA: its basicConstraints do not have CA:TRUE; expected the"
    " certificate of the CA that signs device certificates"
)


@dataclass(frozen=True)
class CaCertificate:
    """A CA's public certificate and its validity period.

    `id` is the SHA-256 of its DER in hex, by which AWS IoT knows it in every region.
    """

    pem: str
    id: str
    not_before: datetime
    not_after: datetime

    def fault_at(self, now: datetime) -> str:
        """Return why the certificate is not valid at `now`; "" if it is."""
        if now < self.not_before:
            date = f"{self.not_before:%Y-%m-%d}"
            return f"is not valid before {date}; expected a certificate that is valid now"
        if now > self.not_after:
            return (
                f"expired on {self.not_after:%Y-%m-%d}, and AWS IoT registers no expired"
                " certificate; expected the CA's new certificate"
            )
        return ""


def read(path: Path) -> CaCertificate:
    """Read the one CA certificate of a file; its validity period is not checked.

    Raises UnusableFileError if the file is missing or contains anything else, such as a private
    key.
    """
    content = content_of(path, LARGEST_DOCUMENT)
    if _PRIVATE_KEY in content.upper():
        raise UnusableFileError(_PRIVATE_KEY_FOUND)
    certificate = _only(content)
    if not _is_of_ca(certificate):
        raise UnusableFileError(_NO_CA)
    # Here and below: only an environment with a CA has to wait for this import.
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415 - see above

    return CaCertificate(
        pem=certificate.public_bytes(Encoding.PEM).decode(),
        id=hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest(),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
    )


def _only(content: bytes) -> "Certificate":
    from cryptography import x509  # noqa: PLC0415 - as above

    try:
        certificates = x509.load_pem_x509_certificates(content)
    except (ValueError, x509.InvalidVersion):
        raise UnusableFileError(_NO_CERTIFICATE) from None
    if len(certificates) != 1:
        message = f"contains {len(certificates)} certificates; expected only that of the CA that"
        raise UnusableFileError(f"{message} signs device certificates")
    return certificates[0]


def _is_of_ca(certificate: "Certificate") -> bool:
    from cryptography import x509  # noqa: PLC0415 - as above

    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return False


_KEY: Final = ("data", "provisioning", "ca_certificate")


def check_ca_certificate(source: document.Document, folder: Path) -> Iterator[Mistake]:
    """Yield a mistake if the CA's file of an environment cannot be used.

    Expiry is not checked: no command that is needed in an outage may fail because of the date.
    """
    given = _given(source.data)
    if given is None:
        return
    try:
        read(folder.parent / given)
    except UnusableFileError as error:
        yield source.mistake(_KEY, str(error), given)


def device_ca(settings: Settings) -> CaCertificate | None:
    """Return the certificate of the CA that signs device certificates; None without one.

    Raises SettingsError if the file can no longer be used.
    """
    block = _block(settings)
    if block is None:
        return None
    try:
        return read(project_root() / block.ca_certificate)
    except UnusableFileError as error:
        raise _refused(settings, block, str(error)) from None


def valid_device_ca(settings: Settings) -> CaCertificate | None:
    """Return the certificate of `device_ca`, None without one, for callers that will register it.

    Raises SettingsError as `device_ca` does, or if the certificate has expired or is not valid yet:
    AWS IoT refuses to register such a certificate.
    """
    certificate, block = device_ca(settings), _block(settings)
    if certificate and block and (fault := certificate.fault_at(datetime.now(UTC))):
        raise _refused(settings, block, fault)
    return certificate


def _block(settings: Settings) -> JustInTimeProvisioning | None:
    block = settings.data.provisioning if settings.data else None
    return block if isinstance(block, JustInTimeProvisioning) else None


def _refused(settings: Settings, block: JustInTimeProvisioning, message: str) -> SettingsError:
    file = settings_file(settings.environment)
    return SettingsError((Mistake(file, None, dotted(_KEY), block.ca_certificate, message),))


def _given(data: dict[str, object]) -> str | None:
    """Return the path of the CA's file if the block is valid, else None."""
    block = cast("dict[str, Any]", data.get("data")) if isinstance(data.get("data"), dict) else {}
    try:
        return JustInTimeProvisioning.model_validate(block.get("provisioning")).ca_certificate
    except ValidationError:
        return None
