"""Checks before a destruction: what devices of an adopted platform use (ADR 0041)."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from environments.project import settings_file
from environments.settings import ExistingZone, Settings
from iot_dr.common.terraform_binary import product
from iot_dr.common.user_error import UserError
from iot_dr.delivery.state.guard import Fetch
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.switch.record_sets import records_at
from iot_dr.terraform.stack_document import StackDocument
from iot_dr.terraform_json.state_file import StateFile
from stacks.graph import StackNode


class AdoptedPlatformError(UserError):
    """Devices use what would be destroyed, or did before the environment existed."""


def refuse_adopted(
    settings: Settings, stacks: Path, nodes: Sequence[StackNode], fetch: Fetch
) -> None:
    """Raise AdoptedPlatformError if the state of one of `nodes` has an imported resource.

    Terraform refuses to destroy it (`prevent_destroy`), but only when the entry point is gone.
    """
    if settings.existing is None:
        return
    lines = [
        f"  {node.name}: {address}"
        for node in nodes
        for address in _protected(StackDocument.read(stacks / node.name), fetch)
    ]
    if lines:
        lead = (
            f"nothing is destroyed: {product()} would not destroy these, which devices used before,"
            " and the entry point would be gone by then; docs/how-to/adopt.md says how to take the"
            " platform out again:"
        )
        raise AdoptedPlatformError("\n".join([lead, *lines]))


def refuse_cut_over(settings: Settings, clients: Clients) -> None:
    """Raise AdoptedPlatformError if the device name of an adopted platform has failover records.

    They lead to regional names by health checks, which would be destroyed; the records only if
    Terraform has imported them. Raises AwsError if the zone cannot be read.
    """
    existing, zone, name = settings.existing, settings.zone, settings.device_name
    if existing is None or not isinstance(zone, ExistingZone):
        return
    if any(record.get("Failover") for record in records_at(clients, zone.id, name)):
        environment = settings.environment
        then = f"set existing.cut_over: false in {settings_file(environment)} and deploy, and "
        raise AdoptedPlatformError(
            f"nothing is destroyed: devices connect by the failover records of {name}; first"
            f" restore its old record with `iot-dr adopt back --env {environment}`,"
            f" {then if existing.cut_over else 'then '}run the command again (docs/how-to/adopt.md)"
        )


def _protected(document: StackDocument, fetch: Fetch) -> Iterator[str]:
    _, backend = document.backend
    content = fetch(document.location, backend.get("assume_role", {}).get("role_arn"))
    stored = {each.address for each in StateFile.or_empty(content).managed}
    for type_, named in document.content.get("resource", {}).items():
        for name, body in named.items():
            if is_protected(body) and (address := f"{type_}.{name}") in stored:
                yield address


def is_protected(resource: dict[str, Any]) -> bool:
    """Whether Terraform refuses to destroy a resource of a stack's document."""
    return bool(resource.get("lifecycle", {}).get("prevent_destroy"))
