"""CA certificates, registered without a proof by their key."""

from collections.abc import Mapping
from typing import Any

import pytest

from functions.registry.access import PermanentError, excluded
from functions.registry.entity import Entity
from tests.functions.registry.access.here import AwsError, Here


def _state(pem: str, status: str = "ACTIVE", *, registers: bool = False) -> dict[str, Any]:
    return {"pem": pem, "status": status, "auto_registration": registers}


class _Registry:
    """Keeps whether a CA registers certificates by itself, which moto takes and forgets."""

    def __init__(self, here: Here) -> None:
        self.held: dict[str, Any] = {}
        for operation in ("Register", "Update", "Describe", "Delete"):
            here.answers[f"{operation}CACertificate"] = getattr(self, f"_{operation.lower()}")

    def _register(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        assert given["certificateMode"] == "SNI_ONLY"
        registers = given["allowAutoRegistration"]
        self.held = {
            "certificatePem": given["caCertificate"],
            "status": "ACTIVE" if given["setAsActive"] else "INACTIVE",
            "autoRegistrationStatus": "ENABLE" if registers else "DISABLE",
        }
        return {"certificateId": "a" * 64}

    def _update(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        self.held["status"] = given.get("newStatus", self.held["status"])
        given_status = given.get("newAutoRegistrationStatus")
        self.held["autoRegistrationStatus"] = given_status or self.held["autoRegistrationStatus"]
        return {}

    def _describe(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        if not self.held or given["certificateId"] != "a" * 64:
            raise AwsError("ResourceNotFoundException", 404)
        return {"certificateDescription": dict(self.held)}

    def _delete(self, _given: Mapping[str, Any]) -> Mapping[str, Any]:
        if self.held["status"] != "INACTIVE":
            raise AwsError("CertificateStateException", 406)
        self.held.clear()
        return {}


CA = Entity.parse(f"ca-certificate/{'a' * 64}")


@pytest.mark.parametrize("status", ["ACTIVE", "INACTIVE"])
@pytest.mark.parametrize("registers", [True, False])
def test_a_ca_is_registered_changed_and_deleted(
    here: Here, authority_pem: str, status: str, *, registers: bool
) -> None:
    _Registry(here)
    for state in (
        _state(authority_pem, status, registers=registers),
        _state(authority_pem, "ACTIVE", registers=not registers),
        _state(authority_pem, "INACTIVE", registers=registers),
        None,
        _state(authority_pem),
        None,
    ):
        here.access.write(CA, state)
        assert here.access.read(CA) == state
        here.forget()
        here.access.write(CA, state)
        assert here.changes == []


def test_the_emulator_gives_the_same_id_in_another_region(
    here: Here, there: Here, authority_pem: str
) -> None:
    answer = there.iot.register_ca_certificate(
        caCertificate=authority_pem, certificateMode="SNI_ONLY", setAsActive=True
    )
    certificate = Entity.parse(f"ca-certificate/{answer['certificateId']}")
    here.access.write(certificate, there.access.read(certificate))
    assert here.access.read(certificate) == _state(authority_pem)
    here.access.write(certificate, None)
    assert here.access.read(certificate) is None


def test_a_ca_under_a_wrong_id_is_taken_back(here: Here, authority_pem: str) -> None:
    wrong = Entity.parse(f"ca-certificate/{'0' * 64}")
    with pytest.raises(PermanentError, match="its PEM is the CA certificate of another id"):
        here.access.write(wrong, _state(authority_pem))
    assert here.changes == [
        "RegisterCACertificate", "UpdateCACertificate", "DeleteCACertificate",
    ]  # fmt: skip


def test_a_ca_with_another_pem_or_status_never_works(here: Here, authority_pem: str) -> None:
    registry = _Registry(here)
    here.access.write(CA, _state(authority_pem))
    registry.held["certificatePem"] = "another"
    with pytest.raises(PermanentError, match="another CA certificate has its id here"):
        here.access.write(CA, _state(authority_pem))
    with pytest.raises(PermanentError, match="'REVOKED' is not a status of a CA certificate"):
        here.access.write(CA, _state(authority_pem, "REVOKED"))


def test_an_excluded_one_is_neither_read_nor_listed_nor_written(
    here: Here, authority_pem: str
) -> None:
    other = Entity.parse(f"ca-certificate/{'b' * 64}")
    access = here.fresh(excluded=excluded([], [CA.name]))
    _Registry(here).held = {"certificatePem": authority_pem, "status": "ACTIVE"}
    certificates = [{"certificateId": each.name} for each in (CA, other)]
    here.answers["ListCACertificates"] = lambda _given: {"certificates": certificates}
    assert access.read(CA) is None
    assert [page.entities for page in access.entities(CA.kind)] == [(other,)]
    for wanted in (_state(authority_pem), None):
        with pytest.raises(PermanentError, match=f"^{CA.key}: excluded"):
            access.write(CA, wanted)
    assert here.changes == []
