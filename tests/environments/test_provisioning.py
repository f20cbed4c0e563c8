"""The block `data.provisioning`, and the CA certificate file."""

import datetime
import hashlib
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from environments import provisioning_files
from environments.errors import Mistake, SettingsError
from environments.loader import load
from environments.project import ROOT_VARIABLE
from environments.provisioning import FleetProvisioning, JustInTimeProvisioning
from environments.provisioning_files import device_ca, valid_device_ca
from environments.settings import Settings
from tests.environments.certificates import key, of_no_version, pem
from tests.environments.files import VALID, mistakes, only_mistake, project_with
from tests.support.settings import FLEET, JUST_IN_TIME, settings

LINE = VALID.count("\n") + 1
KEY = "data.provisioning.ca_certificate"
DAY = datetime.timedelta(days=1)


def given(block: str) -> str:
    return f"{VALID}data: {{provisioning: {block}}}\n"


def just_in_time(path: str = "ca/dev.pem") -> str:
    return given(f"{{method: just-in-time, ca_certificate: {path}}}")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project's root with an environment whose CA's file is still to be written."""
    (tmp_path / "ca").mkdir()
    monkeypatch.delenv(ROOT_VARIABLE)
    monkeypatch.chdir(tmp_path)
    return project_with(tmp_path, dev=just_in_time())


def loaded(root: Path, content: bytes) -> Settings:
    (root / "ca" / "dev.pem").write_bytes(content)
    return load("dev", {}, root / "environments")


def refused(root: Path, content: bytes | None = None) -> Mistake:
    if content is not None:
        (root / "ca" / "dev.pem").write_bytes(content)
    with pytest.raises(SettingsError) as refusal:
        load("dev", {}, root / "environments")
    (mistake,) = refusal.value.mistakes
    assert (mistake.file, mistake.line, mistake.key) == ("environments/dev.yaml", LINE, KEY)
    assert mistake.value == "ca/dev.pem"
    return mistake


def test_devices_do_not_join_by_themselves_unless_the_settings_say_how() -> None:
    for data in ({}, {"provisioning": None}):
        chosen = settings(data=data)
        assert chosen.data
        assert chosen.data.provisioning is None
        assert device_ca(chosen) is None


def test_there_are_two_ways_and_each_survives_being_written_and_read() -> None:
    fleet, just_in_time = (settings(data={"provisioning": each}) for each in (FLEET, JUST_IN_TIME))
    assert fleet.data
    assert isinstance(fleet.data.provisioning, FleetProvisioning)
    assert just_in_time.data
    assert isinstance(just_in_time.data.provisioning, JustInTimeProvisioning)
    for chosen in (fleet, just_in_time):
        assert Settings.model_validate(chosen.model_dump()) == chosen


@pytest.mark.parametrize(
    ("block", "where", "said"),
    [
        ("{}", ".method", "is missing; expected fleet-provisioning or just-in-time"),
        (
            "{method: jitp}",
            ".method",
            "'jitp' is not allowed; expected fleet-provisioning or just-in-time",
        ),
        ("{method: [just-in-time]}", ".method", "is not allowed; expected fleet-provisioning"),
        (
            "fleet-provisioning",
            "",
            "is not a mapping; expected {method: fleet-provisioning or just-in-time}",
        ),
        ("", "", "is empty; expected its block, or provisioning: null"),
        (
            "{method: just-in-time}",
            ".ca_certificate",
            "is missing; expected the file with the CA's",
        ),
        (
            "{method: fleet-provisioning, ca_certificate: ca.pem}",
            ".ca_certificate",
            "'ca.pem' is not used with fleet-provisioning; remove it, or use method:",
        ),
        (
            "{method: fleet-provisioning, hook: mine}",
            ".hook",
            "is not a setting; expected method, ca_certificate",
        ),
        *(
            (
                f"{{method: just-in-time, ca_certificate: {path}}}",
                ".ca_certificate",
                "a file below the",
            )
            for path in (
                "/etc/ca.pem",
                "../ca.pem",
                "ca/../../x",
                "./ca.pem",
                ".ssh/ca",
                "''",
                "a b",
            )
        ),
        ("{method: just-in-time, ca_certificate: 1}", ".ca_certificate", "1 is not a string"),
    ],
)
def test_an_invalid_block_is_refused_with_line_key_and_what_is_expected(
    block: str, where: str, said: str
) -> None:
    mistake = only_mistake(given(block))
    assert (mistake.line, mistake.key) == (LINE, f"data.provisioning{where}")
    assert said in str(mistake)


def test_found_mistakes_are_reported_at_once() -> None:
    found_mistakes = mistakes(given("{method: fleet-provisioning, ca_certificate: 1, more: 2}"))
    assert sorted(each.key for each in found_mistakes) == [KEY, "data.provisioning.more"]


def test_a_ca_is_known_by_the_hash_of_its_certificate_and_nothing_else_of_its_file(
    root: Path,
) -> None:
    content = pem()
    chosen = loaded(root, b"# The CA of the devices: ${nothing}\n" + content)
    certificate = device_ca(chosen)
    assert certificate
    der = x509.load_pem_x509_certificate(content).public_bytes(Encoding.DER)
    assert certificate.id == hashlib.sha256(der).hexdigest()
    assert certificate.pem.encode() == content
    assert valid_device_ca(chosen) == certificate


@pytest.mark.parametrize("before", [True, False])
def test_a_private_key_is_refused_loudly_and_not_shown(root: Path, *, before: bool) -> None:
    content = key() + pem() if before else pem() + key()
    mistake = refused(root, content)
    assert mistake.message.startswith("contains a private key, which must never be in a project")
    secret = key().splitlines()[1].decode()
    assert secret not in str(mistake)


# By name, because test ids must not contain values that change with each run.
WRONG = {
    "empty": (b"", "contains no certificate in PEM"),
    "no text": (b"\xff\xfe\x00", "contains no certificate in PEM"),
    "no DER": (
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "contains no certificate in PEM",
    ),
    "no end": (b"-----BEGIN CERTIFICATE-----\n", "contains no certificate in PEM"),
    "no version": (of_no_version(), "contains no certificate in PEM"),
    "key alone": (b"-----BEGIN RSA PRIVATE KEY-----\n", "contains a private key"),
    "two": (pem() + pem(), "contains 2 certificates; expected only"),
    "a device's": (pem(ca=False), "is not the certificate of a CA"),
    "unconstrained": (pem(ca=None), "is not the certificate of a CA"),
    "too long": (b"#" * 65_537, "has 65537 bytes; expected at most 65536"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_file_without_one_ca_certificate_is_refused(root: Path, what: str) -> None:
    content, said = WRONG[what]
    assert refused(root, content).message.startswith(said)


def test_a_missing_file_or_a_folder_is_refused(root: Path) -> None:
    assert refused(root).message == "cannot be read: No such file or directory"
    (root / "ca" / "dev.pem").mkdir()
    assert refused(root).message == "is not a regular file"


@pytest.mark.parametrize(
    ("begins", "ends", "said"), [(-3, -2, "expired on "), (2, 3, "is not valid before ")]
)
def test_a_certificate_outside_its_validity_is_only_refused_by_valid_device_ca(
    root: Path, begins: int, ends: int, said: str
) -> None:
    chosen = loaded(root, pem(begins=begins, ends=ends))
    assert device_ca(chosen)
    with pytest.raises(SettingsError) as refusal:
        valid_device_ca(chosen)
    (mistake,) = refusal.value.mistakes
    assert (mistake.file, mistake.key) == ("environments/dev.yaml", KEY)
    assert mistake.message.startswith(said)


def test_a_file_that_is_gone_since_the_settings_were_loaded_is_reported_as_a_mistake_of_theirs(
    root: Path,
) -> None:
    chosen = loaded(root, pem())
    (root / "ca" / "dev.pem").unlink()
    with pytest.raises(
        SettingsError, match=r"environments/dev.yaml: data.provisioning.ca_certificate: 'ca/dev"
    ):
        device_ca(chosen)


def test_a_ca_is_valid_from_its_first_moment_to_its_last() -> None:
    certificate = provisioning_files.read(Path(__file__).parents[1] / "support" / "device_ca.pem")
    assert (
        certificate.fault_at(certificate.not_before)
        == certificate.fault_at(certificate.not_after)
        == ""
    )
    assert certificate.fault_at(certificate.not_before - DAY)
    assert certificate.fault_at(certificate.not_after + DAY)
