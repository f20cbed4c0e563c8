"""CA certificates, registered in the mode that asks for no proof by their key."""

from typing import Any

from functions.registry.access.errors import Never, found
from functions.registry.access.pem import canonical, checked
from functions.registry.access.region import MARKERS, Region, page
from functions.registry.access.wanted import Wanted
from functions.registry.state import State

_ACTIVE, _INACTIVE = "ACTIVE", "INACTIVE"
_ENABLE, _DISABLE = "ENABLE", "DISABLE"


class CaCertificates:
    """Reads and writes CA certificates.

    A provisioning template stays each region's own, and a CA that has one is excluded with it.
    """

    def __init__(self, region: Region) -> None:
        self._iot = region.iot

    def page(self, cursor: str | None) -> tuple[list[str], str | None]:
        """Give the ids of a page, and the cursor of the next one."""
        certificates, cursor = page(self._iot.list_ca_certificates, "certificates", MARKERS, cursor)
        return [each["certificateId"] for each in certificates], cursor

    def held(self, name: str) -> dict[str, Any] | None:
        """Give AWS's description of a CA certificate."""
        answer = found(self._iot.describe_ca_certificate, certificateId=name)
        return None if answer is None else answer["certificateDescription"]

    def state(self, _name: str, held: dict[str, Any]) -> State:
        """Give the state of a CA certificate."""
        return {
            "pem": canonical(held["certificatePem"]),
            "status": held["status"],
            "auto_registration": _registers(held),
        }

    def bring(self, name: str, held: dict[str, Any] | None, wanted: Wanted) -> None:
        """Register or change a CA certificate."""
        status, registers = wanted.text("status"), wanted.flag("auto_registration")
        if status not in (_ACTIVE, _INACTIVE):
            raise Never(f"a CA certificate has no status {status[:20]!r}")
        pem = checked(wanted.text("pem"))
        if held is None:
            self._register(name, pem, active=status == _ACTIVE, registers=registers)
        elif canonical(held["certificatePem"]) != pem:
            raise Never("another CA certificate has its id here")
        else:
            self._change(name, held, status, registers=registers)

    def delete(self, name: str, held: dict[str, Any]) -> None:
        """Delete a CA certificate."""
        self._delete(name, held["status"])

    def _register(self, name: str, pem: str, *, active: bool, registers: bool) -> None:
        answer = self._iot.register_ca_certificate(
            caCertificate=pem,
            certificateMode="SNI_ONLY",
            setAsActive=active,
            allowAutoRegistration=registers,
        )
        registered = answer["certificateId"]
        if registered != name:
            self._delete(registered, _ACTIVE if active else _INACTIVE)
            raise Never("its PEM is the CA certificate of another id")

    def _change(self, name: str, held: dict[str, Any], status: str, *, registers: bool) -> None:
        changes: dict[str, str] = {}
        if held["status"] != status:
            changes["newStatus"] = status
        if _registers(held) != registers:
            changes["newAutoRegistrationStatus"] = _ENABLE if registers else _DISABLE
        if changes:
            self._iot.update_ca_certificate(certificateId=name, **changes)

    def _delete(self, name: str, status: str) -> None:
        if status != _INACTIVE:
            self._iot.update_ca_certificate(certificateId=name, newStatus=_INACTIVE)
        self._iot.delete_ca_certificate(certificateId=name)


def _registers(held: dict[str, Any]) -> bool:
    return held.get("autoRegistrationStatus") == _ENABLE
