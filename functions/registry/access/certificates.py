"""Device certificates: PEM, status and policies are replicated.

Private keys never leave AWS or the device.
"""

import base64
import re
import ssl
from typing import Any

from functions.registry.access.dependents import require_no_dependents
from functions.registry.access.errors import PermanentError, RetryableError, if_exists
from functions.registry.access.policy_attachments import (
    attach_missing,
    attached_policies,
    detach_surplus,
)
from functions.registry.access.region import MARKERS, TOKENS, Region, page
from functions.registry.access.wanted import WantedState
from functions.registry.state import State
from functions.registry.winner import SET_BY_AWS_ONLY

_BLOCK = re.compile(rf"{ssl.PEM_HEADER}([A-Za-z0-9+/=\s]+){ssl.PEM_FOOTER}")


def normalized_pem(pem: str) -> str:
    """Return the first certificate in lines of 64 characters; the text if it has no valid one."""
    try:
        return validated_pem(pem)
    except PermanentError:
        return pem


def validated_pem(pem: str) -> str:
    """Return the first certificate in lines of 64 characters.

    Raises PermanentError if there is none, or if it is not base64.
    """
    block = _BLOCK.search(pem)
    if block is None:
        raise PermanentError("its PEM has no certificate")
    try:
        der = base64.b64decode("".join(block[1].split()), validate=True)
    except ValueError:
        raise PermanentError("its PEM is not base64") from None
    return ssl.DER_cert_to_PEM_cert(der)


_ACTIVE, _INACTIVE, _REVOKED = "ACTIVE", "INACTIVE", "REVOKED"


class Certificates:
    """Reads and writes device certificates.

    They are registered without their CA, so a CA need not be registered in this region.
    """

    def __init__(self, region: Region) -> None:
        self._region = region
        self._iot = region.iot

    def page(self, cursor: str | None) -> tuple[list[str], str | None]:
        """Return the ids on one page of the list, and the cursor of the next page."""
        certificates, cursor = page(self._iot.list_certificates, "certificates", MARKERS, cursor)
        return [certificate["certificateId"] for certificate in certificates], cursor

    def describe(self, name: str) -> dict[str, Any] | None:
        """Return the CertificateDescription of a certificate, None if it does not exist."""
        answer = if_exists(self._iot.describe_certificate, certificateId=name)
        return None if answer is None else answer["certificateDescription"]

    def state(self, name: str, current: dict[str, Any]) -> State:
        """Return the replicated state of a certificate."""
        return {
            "pem": normalized_pem(current["certificatePem"]),
            "status": current["status"],
            "policies": attached_policies(self._region, self._arn(name)),
        }

    def write(self, name: str, current: dict[str, Any] | None, wanted: WantedState) -> None:
        """Register or update a certificate.

        Raises RetryableError for a status that only AWS sets, after it has deactivated one that is
        active here, or for policies that do not exist yet; PermanentError for an invalid PEM, one
        that belongs to another id, or an unknown status.
        """
        status, policies = wanted.text("status"), wanted.texts("policies")
        if status in SET_BY_AWS_ONLY and current is not None and current["status"] == _ACTIVE:
            # It was deleted elsewhere, and has registered itself again since.
            self._set_status(name, _ACTIVE, _INACTIVE)
        status = _checked_status(status)
        pem = validated_pem(wanted.text("pem"))
        if current is None:
            self._register(name, pem, status)
            attached: list[str] = []
        else:
            if normalized_pem(current["certificatePem"]) != pem:
                raise PermanentError("another certificate has its id here")
            attached = attached_policies(self._region, self._arn(name))
            self._update(name, current["status"], status, surplus=(attached, policies))
        attach_missing(self._region, self._arn(name), attached, policies)

    def delete(self, name: str, current: dict[str, Any]) -> None:
        """Deactivate a certificate, detach its policies and delete it.

        Raises RetryableError while a thing has it.
        """
        self._delete(name, current["status"])

    def _arn(self, name: str) -> str:
        return self._region.arn(f"cert/{name}")

    def _update(
        self, name: str, current: str, status: str, *, surplus: tuple[list[str], list[str]]
    ) -> None:
        # Deny first, allow last: at no moment does the certificate permit more than both states do.
        if status != _ACTIVE:
            self._set_status(name, current, status)
        detach_surplus(self._region, self._arn(name), *surplus)
        if status == _ACTIVE:
            self._set_status(name, current, status)

    def _set_status(self, name: str, current: str, status: str) -> None:
        if current != status:
            self._iot.update_certificate(certificateId=name, newStatus=status)

    def _register(self, name: str, pem: str, status: str) -> None:
        # That REVOKED may be used is documented for RegisterCertificate, not for this call:
        # docs.aws.amazon.com/iot/latest/apireference/API_RegisterCertificateWithoutCA.html
        initial = _INACTIVE if status == _REVOKED else status
        answer = self._iot.register_certificate_without_ca(certificatePem=pem, status=initial)
        registered = answer["certificateId"]
        if registered != name:
            self._delete(registered, initial)
            raise PermanentError("its PEM is the certificate of another id")
        self._set_status(name, initial, status)

    def _delete(self, name: str, status: str) -> None:
        arn = self._arn(name)
        if status == _ACTIVE:
            self._set_status(name, status, _INACTIVE)
        detach_surplus(self._region, arn, attached_policies(self._region, arn), [])
        require_no_dependents(
            self._iot.list_principal_things,
            "things",
            TOKENS,
            "still the certificate of thing",
            principal=arn,
        )
        self._iot.delete_certificate(certificateId=name)


def _checked_status(status: str) -> str:
    if status in SET_BY_AWS_ONLY:
        raise RetryableError(
            f"its status is {status}, which AWS alone gives: it has to change first"
        )
    if status not in (_ACTIVE, _INACTIVE, _REVOKED):
        raise PermanentError(f"{status[:20]!r} is not a status of a certificate")
    return status


_ENABLE, _DISABLE = "ENABLE", "DISABLE"


class CaCertificates:
    """Reads and writes CA certificates, in the mode that needs no proof of their private key.

    Provisioning templates are not replicated: each region's stack owns its own, and the CA
    certificates that have one are excluded.
    """

    def __init__(self, region: Region) -> None:
        self._iot = region.iot

    def page(self, cursor: str | None) -> tuple[list[str], str | None]:
        """Return the ids on one page of the list, and the cursor of the next page."""
        certificates, cursor = page(self._iot.list_ca_certificates, "certificates", MARKERS, cursor)
        return [certificate["certificateId"] for certificate in certificates], cursor

    def describe(self, name: str) -> dict[str, Any] | None:
        """Return the CertificateDescription of a CA certificate, None if it does not exist."""
        answer = if_exists(self._iot.describe_ca_certificate, certificateId=name)
        return None if answer is None else answer["certificateDescription"]

    def state(self, _name: str, current: dict[str, Any]) -> State:
        """Return the replicated state of a CA certificate."""
        return {
            "pem": normalized_pem(current["certificatePem"]),
            "status": current["status"],
            "auto_registration": _auto_registers(current),
        }

    def write(self, name: str, current: dict[str, Any] | None, wanted: WantedState) -> None:
        """Register or update a CA certificate.

        Raises PermanentError for an invalid PEM, one that belongs to another id, or an unknown
        status.
        """
        status, auto_registration = wanted.text("status"), wanted.flag("auto_registration")
        if status not in (_ACTIVE, _INACTIVE):
            raise PermanentError(f"{status[:20]!r} is not a status of a CA certificate")
        pem = validated_pem(wanted.text("pem"))
        if current is None:
            self._register(name, pem, active=status == _ACTIVE, auto_registration=auto_registration)
        elif normalized_pem(current["certificatePem"]) != pem:
            raise PermanentError("another CA certificate has its id here")
        else:
            self._change(name, current, status, auto_registration=auto_registration)

    def delete(self, name: str, current: dict[str, Any]) -> None:
        """Deactivate and delete a CA certificate."""
        self._delete(name, current["status"])

    def _register(self, name: str, pem: str, *, active: bool, auto_registration: bool) -> None:
        answer = self._iot.register_ca_certificate(
            caCertificate=pem,
            # DEFAULT mode asks for a verification certificate signed with the CA's private key.
            # docs.aws.amazon.com/iot/latest/apireference/API_RegisterCACertificate.html
            certificateMode="SNI_ONLY",
            setAsActive=active,
            allowAutoRegistration=auto_registration,
        )
        registered = answer["certificateId"]
        if registered != name:
            self._delete(registered, _ACTIVE if active else _INACTIVE)
            raise PermanentError("its PEM is the CA certificate of another id")

    def _change(
        self, name: str, current: dict[str, Any], status: str, *, auto_registration: bool
    ) -> None:
        changes: dict[str, str] = {}
        if current["status"] != status:
            changes["newStatus"] = status
        if _auto_registers(current) != auto_registration:
            changes["newAutoRegistrationStatus"] = _ENABLE if auto_registration else _DISABLE
        if changes:
            self._iot.update_ca_certificate(certificateId=name, **changes)

    def _delete(self, name: str, status: str) -> None:
        # Only an inactive one can be deleted: API_DeleteCACertificate.html
        if status != _INACTIVE:
            self._iot.update_ca_certificate(certificateId=name, newStatus=_INACTIVE)
        self._iot.delete_ca_certificate(certificateId=name)


def _auto_registers(current: dict[str, Any]) -> bool:
    return current.get("autoRegistrationStatus") == _ENABLE
