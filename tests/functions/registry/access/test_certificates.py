"""Device certificates, which need no private key to be known in another region."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from functions.registry.access import PermanentError, RetryableError
from functions.registry.entity import Entity
from tests.functions.registry.access.here import AwsError, Here

_POLICY = '{"Version":"2012-10-17","Statement":[]}'
Issue = Callable[[str], str]


def _alone(text: str) -> str:
    """Leave the key out."""
    return text[text.index("-----BEGIN CERTIFICATE") :]


def _registered(here: Here, pem: str, status: str = "ACTIVE") -> Entity:
    answer = here.iot.register_certificate_without_ca(certificatePem=_alone(pem), status=status)
    here.forget()
    return Entity.parse(f"certificate/{answer['certificateId']}")


def _state(pem: str, *policies: str, status: str = "ACTIVE") -> dict[str, Any]:
    return {"pem": _alone(pem), "status": status, "policies": list(policies)}


def _attached(here: Here, certificate: Entity, policy: str) -> None:
    here.iot.create_policy(policyName=policy, policyDocument=_POLICY)
    here.iot.attach_policy(policyName=policy, target=_arn(here, certificate))


def _arn(here: Here, certificate: Entity) -> str:
    return f"arn:aws:iot:{here.region}:123456789012:cert/{certificate.name}"


@pytest.fixture
def pem(issue: Issue) -> str:
    return issue("device-1")


@pytest.mark.parametrize("status", ["ACTIVE", "INACTIVE", "REVOKED"])
def test_a_certificate_goes_over_under_its_id_with_status_and_policies(
    here: Here, there: Here, pem: str, status: str
) -> None:
    certificate = _registered(there, pem, status)
    _attached(there, certificate, "read")
    here.iot.create_policy(policyName="read", policyDocument=_POLICY)
    here.access.write(certificate, there.access.read(certificate))
    assert here.access.read(certificate) == _state(pem, "read", status=status)
    assert here.calls.count("RegisterCertificateWithoutCA") == 1
    assert "CreateKeysAndCertificate" not in here.calls


def test_a_revoked_one_is_never_active_on_its_way(here: Here, there: Here, pem: str) -> None:
    certificate = _registered(there, pem, "REVOKED")
    here.access.write(certificate, there.access.read(certificate))
    statuses = [given.get("status") or given.get("newStatus") for given in here.given]
    assert [status for status in statuses if status] == ["INACTIVE", "REVOKED"]


def test_a_second_write_changes_nothing(here: Here, pem: str) -> None:
    certificate = _registered(here, pem)
    _attached(here, certificate, "read")
    here.forget()
    here.access.write(certificate, _state(pem, "read"))
    assert here.changes == []


def test_another_layout_of_the_same_pem_changes_nothing(here: Here, pem: str) -> None:
    certificate = _registered(here, pem)
    wide = _alone(pem).replace("\n", "\r\n") + "\n# device 1\n"
    here.access.write(certificate, _state(pem) | {"pem": wide})
    assert here.changes == []


def test_a_device_is_shut_out_before_anything_else(here: Here, pem: str) -> None:
    certificate = _registered(here, pem)
    _attached(here, certificate, "read")
    here.forget()
    here.access.write(certificate, _state(pem, status="INACTIVE"))
    assert here.changes == ["UpdateCertificate", "DetachPolicy"]


def test_a_device_is_let_in_with_no_right_too_many(here: Here, pem: str) -> None:
    certificate = _registered(here, pem, "INACTIVE")
    _attached(here, certificate, "read")
    here.forget()
    here.access.write(certificate, _state(pem))
    assert here.changes == ["DetachPolicy", "UpdateCertificate"]
    assert here.access.read(certificate) == _state(pem)


def test_a_certificate_of_a_ca_here_takes_the_same_way(
    here: Here, authority_pem: str, pem: str
) -> None:
    here.iot.register_ca_certificate(caCertificate=authority_pem, certificateMode="SNI_ONLY")
    answer = here.iot.register_certificate(
        certificatePem=_alone(pem), caCertificatePem=authority_pem, status="ACTIVE"
    )
    certificate = Entity.parse(f"certificate/{answer['certificateId']}")
    here.access.write(certificate, _state(pem, status="REVOKED"))
    assert here.access.read(certificate) == _state(pem, status="REVOKED")


@pytest.mark.parametrize("status", ["PENDING_ACTIVATION", "PENDING_TRANSFER", "REGISTER_INACTIVE"])
def test_a_status_that_aws_alone_gives_is_read_and_waited_for(
    here: Here, there: Here, pem: str, status: str
) -> None:
    certificate = _registered(there, pem, status)
    with pytest.raises(RetryableError, match=f"its status is {status}, which AWS alone gives"):
        here.access.write(certificate, there.access.read(certificate))
    assert here.changes == []


def test_one_that_iot_core_has_registered_by_itself_concurrently_is_taken_over_at_the_next_try(
    here: Here, there: Here, pem: str
) -> None:
    """As just-in-time provisioning does, when the device comes here before its row."""
    certificate = _registered(there, pem)
    _attached(there, certificate, "read")
    here.iot.create_policy(policyName="read", policyDocument=_POLICY)
    wanted = there.access.read(certificate)

    def provisioned(_given: object) -> Mapping[str, Any]:
        del here.answers["DescribeCertificate"]
        here.iot.register_certificate_without_ca(
            certificatePem=_alone(pem), status="PENDING_ACTIVATION"
        )
        raise AwsError("ResourceNotFoundException", 404)

    here.answers["DescribeCertificate"] = provisioned
    with pytest.raises(RetryableError, match="ResourceAlreadyExistsException"):
        here.access.write(certificate, wanted)
    here.access.write(certificate, wanted)
    assert here.access.read(certificate) == _state(pem, "read")


def test_a_policy_that_is_not_there_yet_is_waited_for(here: Here, there: Here, pem: str) -> None:
    certificate = _registered(there, pem)
    _attached(there, certificate, "read")
    with pytest.raises(RetryableError, match="not there yet: policy read"):
        here.access.write(certificate, there.access.read(certificate))
    assert here.access.read(certificate) == _state(pem)


def test_a_certificate_under_a_wrong_id_is_taken_back(here: Here, issue: Issue, pem: str) -> None:
    wrong = Entity.parse(f"certificate/{'0' * 64}")
    with pytest.raises(PermanentError, match="its PEM is the certificate of another id"):
        here.access.write(wrong, _state(pem))
    assert here.iot.list_certificates()["certificates"] == []
    certificate = _registered(here, issue("device-2"))
    with pytest.raises(PermanentError, match="another certificate has its id here"):
        here.access.write(certificate, _state(pem))


@pytest.mark.parametrize(
    ("pem", "reason"),
    [
        ("", "its PEM has no certificate"),
        ("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----", "no certificate"),
        ("-----BEGIN CERTIFICATE-----\nc2V=jcmV\n-----END CERTIFICATE-----", "not base64"),
    ],
)
def test_a_pem_that_is_none_never_works(here: Here, pem: str, reason: str) -> None:
    state: dict[str, Any] = {"pem": pem, "status": "ACTIVE", "policies": []}
    with pytest.raises(PermanentError, match=reason) as refusal:
        here.access.write(Entity.parse(f"certificate/{'0' * 64}"), state)
    assert "c2V" not in str(refusal.value)
    assert here.changes == []


def test_a_private_key_next_to_the_certificate_is_not_sent(here: Here, pem: str) -> None:
    assert "PRIVATE KEY" in pem
    certificate = _registered(here, pem)
    here.access.write(certificate, None)
    here.forget()
    here.access.write(certificate, _state(pem) | {"pem": pem})
    assert here.access.read(certificate) == _state(pem)
    assert "PRIVATE KEY" not in repr(here.given)


def test_what_aws_quotes_of_a_certificate_is_not_repeated(here: Here, pem: str) -> None:
    certificate = _registered(here, pem)
    here.access.write(certificate, None)
    quote = f"cannot read {_alone(pem)}"
    here.refuse("RegisterCertificateWithoutCA", "CertificateValidationException", message=quote)
    with pytest.raises(PermanentError) as refusal:
        here.access.write(certificate, _state(pem))
    message = f"{certificate.key}: RegisterCertificateWithoutCA: CertificateValidationException"
    assert str(refusal.value) == message
    assert refusal.value.__suppress_context__


def test_a_certificate_is_deleted_with_its_own_attachments(here: Here, pem: str) -> None:
    certificate = _registered(here, pem)
    _attached(here, certificate, "read")
    here.access.write(certificate, None)
    assert here.access.read(certificate) is None
    assert here.iot.list_targets_for_policy(policyName="read")["targets"] == []
    here.forget()
    here.access.write(certificate, None)
    assert here.changes == []


def test_a_certificate_that_a_thing_has_lets_no_device_in_and_is_deleted_later(
    here: Here, pem: str
) -> None:
    certificate = _registered(here, pem)
    _attached(here, certificate, "read")
    here.iot.create_thing(thingName="sensor-1")
    here.iot.attach_thing_principal(thingName="sensor-1", principal=_arn(here, certificate))
    with pytest.raises(
        RetryableError, match="still the certificate of thing sensor-1, which has to"
    ):
        here.access.write(certificate, None)
    assert here.access.read(certificate) == _state(pem, status="INACTIVE")
    here.iot.detach_thing_principal(thingName="sensor-1", principal=_arn(here, certificate))
    here.access.write(certificate, None)
    assert here.access.read(certificate) is None


def test_a_certificate_whose_things_are_still_being_detached_is_deleted_later(
    here: Here, pem: str
) -> None:
    certificate = _registered(here, pem)
    here.refuse("DeleteCertificate", "DeleteConflictException", status=409)
    with pytest.raises(RetryableError, match="DeleteConflictException"):
        here.access.write(certificate, None)


def test_no_other_status_ever_works(here: Here, pem: str) -> None:
    certificate = _registered(here, pem)
    with pytest.raises(PermanentError, match="'LOST' is not a status of a certificate"):
        here.access.write(certificate, _state(pem, status="LOST"))
