"""The resources of one stack, and the data that their references need."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from iot_dr.terraform_json.listing import listing
from iot_dr.terraform_json.resource import Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRead:
    """A `terraform_remote_state` data source, with its backend's type and settings.

    `name` is the data source's address without `data.terraform_remote_state.`, after its module's
    path; `outputs` are the values that a plan or state has of it.
    """

    name: str
    backend: str
    config: Mapping[str, Any]
    outputs: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class StackResources:
    """One Terraform document: a stack of iot-dr, or any other root module.

    `outputs` are literals or expressions, as in `Resource.values`. `providers` maps each provider
    configuration (`aws`, `aws.eu_west_1`) to its region, None if unknown. `backend` is the
    backend's type and settings, None if the document has none (a plan never does).

    `definitions` are the other named values: `local.x`, `var.x`, `module.m.var.x` (an expression of
    the calling module), `module.m.output.x`, `output.x`, and `ADDRESS.each`, the `for_each` value
    of a resource or module; addresses have no instance keys.

    `not_checked` are notes about parts of the document that are missing in `resources` or
    incomplete. `cdktf_name` is the stack's name in CDKTF's metadata, None if CDKTF did not write
    the document. `files` are those that the document was read from; none if it came otherwise.
    """

    name: str
    resources: tuple[Resource, ...]
    outputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    providers: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    reads: tuple[StateRead, ...] = ()
    backend: tuple[str, Mapping[str, Any]] | None = None
    is_plan: bool = False
    is_state: bool = False
    definitions: Mapping[str, Any] = field(default_factory=dict[str, Any])
    not_checked: tuple[str, ...] = ()
    cdktf_name: str | None = None
    files: tuple[Path, ...] = ()


def not_checked(stacks: Sequence[StackResources]) -> tuple[str, ...]:
    """Return the notes of stacks, after the stack's name, and one if none has resources."""
    notes = tuple(f"{stack.name}: {note}" for stack in stacks for note in stack.not_checked)
    if any(stack.resources for stack in stacks):
        return notes
    return (*notes, f"{listing([stack.name for stack in stacks])}: contains no resources")
