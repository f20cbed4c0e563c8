"""CA certificates, registered in SNI_ONLY mode, which needs no proof of the CA's private key."""

from typing import Any

from functions.registry.access.errors import PermanentError, if_exists
from functions.registry.access.pem import normalized_pem, validated_pem
from functions.registry.access.region import MARKERS, Region, page
from functions.registry.access.wanted import WantedState
from functions.registry.state import State

_ACTIVE, _INACTIVE = "ACTIVE", "INACTIVE"
_ENABLE, _DISABLE = "ENABLE", "DISABLE"


class CaCertificates:
    """Reads and writes CA certificates.

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
