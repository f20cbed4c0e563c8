"""Device certificates: status and policies go over, and private keys are never asked for."""

from typing import Any

from functions.registry.access.attached import attach_missing, attached, detach_surplus
from functions.registry.access.dependents import refuse_while_needed
from functions.registry.access.errors import Never, NotYet, found
from functions.registry.access.pem import canonical, checked
from functions.registry.access.region import MARKERS, TOKENS, Region, page
from functions.registry.access.wanted import Wanted
from functions.registry.state import State

_ACTIVE, _INACTIVE, _REVOKED = "ACTIVE", "INACTIVE", "REVOKED"
# UpdateCertificate refuses the first two, and the third is deprecated:
# docs.aws.amazon.com/iot/latest/apireference/API_UpdateCertificate.html
_OF_AWS_ALONE = ("PENDING_ACTIVATION", "PENDING_TRANSFER", "REGISTER_INACTIVE")


class Certificates:
    """Reads and writes certificates; of one with a CA here the CA stays out of it."""

    def __init__(self, region: Region) -> None:
        self._region = region
        self._iot = region.iot

    def page(self, cursor: str | None) -> tuple[list[str], str | None]:
        """Give the ids of a page, and the cursor of the next one."""
        certificates, cursor = page(self._iot.list_certificates, "certificates", MARKERS, cursor)
        return [each["certificateId"] for each in certificates], cursor

    def held(self, name: str) -> dict[str, Any] | None:
        """Give AWS's description of a certificate."""
        answer = found(self._iot.describe_certificate, certificateId=name)
        return None if answer is None else answer["certificateDescription"]

    def state(self, name: str, held: dict[str, Any]) -> State:
        """Give the state of a certificate."""
        return {
            "pem": canonical(held["certificatePem"]),
            "status": held["status"],
            "policies": attached(self._region, self._arn(name)),
        }

    def bring(self, name: str, held: dict[str, Any] | None, wanted: Wanted) -> None:
        """Register or change a certificate; raises NotYet for a status that AWS alone gives."""
        status, policies = _checked_status(wanted.text("status")), wanted.texts("policies")
        pem = checked(wanted.text("pem"))
        if held is None:
            self._register(name, pem, status)
            has: list[str] = []
        else:
            if canonical(held["certificatePem"]) != pem:
                raise Never("another certificate has its id here")
            has = attached(self._region, self._arn(name))
            self._take_over(name, held["status"], status, surplus=(has, policies))
        attach_missing(self._region, self._arn(name), has, policies)

    def delete(self, name: str, held: dict[str, Any]) -> None:
        """Shut a device out, then delete its certificate; raises NotYet while a thing has it."""
        self._delete(name, held["status"])

    def _arn(self, name: str) -> str:
        return self._region.arn(f"cert/{name}")

    def _take_over(
        self, name: str, held: str, status: str, *, surplus: tuple[list[str], list[str]]
    ) -> None:
        # A device is shut out before anything else, and let in with no right too many.
        if status != _ACTIVE:
            self._set_status(name, held, status)
        detach_surplus(self._region, self._arn(name), *surplus)
        if status == _ACTIVE:
            self._set_status(name, held, status)

    def _set_status(self, name: str, held: str, status: str) -> None:
        if held != status:
            self._iot.update_certificate(certificateId=name, newStatus=status)

    def _register(self, name: str, pem: str, status: str) -> None:
        # That REVOKED can be registered is said of RegisterCertificate, and not of this call.
        first = _INACTIVE if status == _REVOKED else status
        answer = self._iot.register_certificate_without_ca(certificatePem=pem, status=first)
        registered = answer["certificateId"]
        if registered != name:
            self._delete(registered, first)
            raise Never("its PEM is the certificate of another id")
        self._set_status(name, first, status)

    def _delete(self, name: str, status: str) -> None:
        arn = self._arn(name)
        if status == _ACTIVE:
            self._set_status(name, status, _INACTIVE)
        detach_surplus(self._region, arn, attached(self._region, arn), [])
        refuse_while_needed(
            self._iot.list_principal_things,
            "things",
            TOKENS,
            "still the certificate of thing",
            principal=arn,
        )
        self._iot.delete_certificate(certificateId=name)


def _checked_status(status: str) -> str:
    if status in _OF_AWS_ALONE:
        raise NotYet(f"its status is {status}, which AWS alone gives: it has to change first")
    if status not in (_ACTIVE, _INACTIVE, _REVOKED):
        raise Never(f"a certificate has no status {status[:20]!r}")
    return status
