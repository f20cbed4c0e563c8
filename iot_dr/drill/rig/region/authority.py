"""The drill's own certificate authority, which nothing else on this machine trusts."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from iot_dr.common.whole_file import whole_file
from iot_dr.drill.rig.region.region_config import Identity

_LIFETIME: Final = timedelta(days=2)
# Begun before the drill, so that nothing is refused for the second in which it was made.
_LEEWAY: Final = timedelta(hours=1)
_AGO: Final = timedelta(days=1)


class _Root:
    """A key that signs and its certificate; the key stays in this process's memory."""

    def __init__(self, common: str) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
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
    """Makes certificates in a folder of the drill's own, which only its user may enter.

    `roots` is the file of the certificate that devices, brokers and checks trust; `strangers` is
    that of another authority, which signs nothing: a broker that trusts only it knows no device.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        self._folder = folder
        self._root = _Root("drill")
        self.roots = self._kept("roots.pem", self._root.certificate)
        self.strangers = self._kept("strangers.pem", _Root("another drill").certificate)

    def server(self, *names: str, is_expired: bool = False) -> Identity:
        """Make a server's certificate for names such as `*.{zone}`; it may have ended yesterday."""
        begins = datetime.now(UTC) - (_LIFETIME + _AGO if is_expired else timedelta())
        named = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        # The names stand in the extension; a common name is at most 64 characters long.
        return self._identity("server", begins, (named, usage))

    def client(self, common: str) -> Identity:
        """Make a client's certificate for a thing's name, of at most 64 characters."""
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
