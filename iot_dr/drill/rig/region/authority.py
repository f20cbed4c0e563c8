"""The drill's temporary certificate authority."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from iot_dr.common.whole_file import whole_file
from iot_dr.drill.rig.region.identity import Identity

# More than the days before its end at which `iot-dr status` warns of a certificate.
_LIFETIME: Final = timedelta(days=90)
# Valid from the past, so that rounding to seconds does not make a new certificate invalid.
_LEEWAY: Final = timedelta(hours=1)
_AGO: Final = timedelta(days=1)


class _Root:
    """A root certificate and its key, which stays in this process's memory."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "drill")])
        builder = _builder(self.name, self.name, self.key.public_key(), datetime.now(UTC))
        self.certificate = (
            builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .sign(self.key, hashes.SHA256())
        )

    def sign(
        self,
        key: ec.EllipticCurvePublicKey,
        common: str,
        begins: datetime,
        extensions: tuple[x509.ExtensionType, ...],
    ) -> x509.Certificate:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
        builder = _builder(name, self.name, key, begins)
        builder = builder.add_extension(_usage(signs_certificates=False), critical=True)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        for extension in (issuer, *extensions):
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(self.key, hashes.SHA256())


class Authority:
    """Issues certificates to a folder that only the current user can read.

    `roots` is the file of the root certificate that devices, brokers and functions trust.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        self._folder = folder
        self._root = _Root()
        self.roots = self._kept("roots.pem", self._root.certificate)

    def server(self, *names: str, is_expired: bool = False) -> Identity:
        """Issue a server certificate for names such as `*.{zone}`, valid or expired yesterday."""
        begins = datetime.now(UTC) - (_LIFETIME + _AGO if is_expired else timedelta())
        named = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        # The names are in the extension only: a common name has at most 64 characters.
        return self._identity("server", begins, (named, usage))

    def client(self, common: str) -> Identity:
        """Issue a client certificate for a thing name of at most 64 characters."""
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
        return self._identity(common, datetime.now(UTC), (usage,))

    def _identity(
        self, common: str, begins: datetime, extensions: tuple[x509.ExtensionType, ...]
    ) -> Identity:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._root.sign(key.public_key(), common, begins, extensions)
        file = self._folder / f"{certificate.serial_number:x}.key"
        with whole_file(file, 0o600) as written:
            written.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return Identity(self._kept(f"{certificate.serial_number:x}.pem", certificate), file)

    def _kept(self, name: str, certificate: x509.Certificate) -> Path:
        with whole_file(self._folder / name, 0o600) as file:
            file.write(certificate.public_bytes(Encoding.PEM))
        return self._folder / name


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, begins: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins - _LEEWAY)
        .not_valid_after(begins + _LIFETIME)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
