"""Provisioning of devices: a part of the block `data`."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal, cast

from pydantic import Field

from environments.blocks import Block
from environments.errors import ABSENT
from environments.fields import Finding, refusal, validated
from environments.identifiers import project_file

_CA: Final = "ca_certificate"


class FleetProvisioning(Block):
    """Devices exchange a claim certificate for their own (FLEET_PROVISIONING)."""

    method: Literal["fleet-provisioning"] = Field(
        description="fleet-provisioning: with a claim certificate that devices are delivered with"
    )


class JustInTimeProvisioning(Block):
    """Devices have certificates that the fleet's own CA signed (JITP)."""

    method: Literal["just-in-time"] = Field(
        description="just-in-time: with certificates that the fleet's own CA signed"
    )
    ca_certificate: Annotated[
        str,
        project_file("environments/ca/dev.pem"),
    ] = Field(
        description="the file with the CA's public certificate in PEM, relative to the root of the"
        " project"
    )


_KINDS: Final[Mapping[str, type[FleetProvisioning | JustInTimeProvisioning]]] = {
    "fleet-provisioning": FleetProvisioning,
    "just-in-time": JustInTimeProvisioning,
}


def chosen(given: object) -> object:
    """Return the block that `method` names, so that only this block's mistakes are reported.

    Raises PydanticCustomError if `given` is not a mapping, and ValidationError for other mistakes.
    """
    if given is None or isinstance(given, Block):
        return given
    if not isinstance(given, Mapping):
        raise refusal(f"is not a mapping; expected {{method: {' or '.join(_KINDS)}}}")
    block = dict(cast("Mapping[str, Any]", given))
    method = block.get("method", ABSENT)
    kind = _KINDS.get(method) if isinstance(method, str) else None
    if kind is None:
        return validated(lambda: block, [(("method",), method, _wrong_method(method))])
    findings = list(_out_of_place(kind, block))
    rest = {key: block[key] for key in block if not (findings and key == _CA)}
    return validated(lambda: kind.model_validate(rest), findings)


def _out_of_place(kind: type[Block], block: Mapping[str, Any]) -> Iterator[Finding]:
    if kind is FleetProvisioning and _CA in block:
        message = "is not used with fleet-provisioning; remove it, or use method: just-in-time"
        yield (_CA,), block[_CA], message


def _wrong_method(method: object) -> str:
    problem = "is missing" if method is ABSENT else "is not allowed"
    return f"{problem}; expected {' or '.join(_KINDS)}"
