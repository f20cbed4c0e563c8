"""The fields of a plan that are read, as Terraform 1.5 to 1.15 write them.

developer.hashicorp.com/terraform/internals/json-format, and internal/command/jsonplan in
Terraform's source.
"""

from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from iot_dr.terraform_json.strict_json import NULL


class ChangeFields(Struct, frozen=True):
    """The change of a resource or an output, with its values and masks."""

    actions: tuple[str, ...]
    before: Any = None
    after: Any = None
    after_unknown: Any = None
    before_sensitive: Any = None
    after_sensitive: Any = None
    replace_paths: tuple[tuple[Any, ...], ...] | None = None
    importing: Any = None


class EntryFields(Struct, frozen=True, kw_only=True):
    """A resource that changes, has drifted, or stays as it is."""

    address: str
    mode: str = "managed"
    type: str
    name: str
    change: ChangeFields
    previous_address: str | None = None
    deposed: str | None = None
    action_reason: str | None = None


class ValuesFields(Struct, frozen=True, kw_only=True):
    """A resource in `planned_values` or `prior_state`."""

    address: str
    mode: str = "managed"
    type: str
    name: str
    values: Raw = NULL
    sensitive_values: Raw = NULL


class DeferredResource(Struct, frozen=True):
    """The resource in a DeferredChange; `change` is None if it is unknown."""

    address: str
    change: ChangeFields | None = None


class DeferredChange(Struct, frozen=True):
    """A change that Terraform defers until this plan is applied (`deferred_changes`)."""

    resource_change: DeferredResource
    reason: str = "unknown"


class Invocation(Struct, frozen=True):
    """An invocation of a provider's action, with its configuration."""

    address: str = ""
    config_values: Any = None
    config_sensitive: Any = None


class DeferredInvocation(Struct, frozen=True):
    """An invocation that Terraform defers (`deferred_action_invocations`)."""

    action_invocation: Invocation = Invocation()


class CheckAddress(Struct, frozen=True):
    """The object that a check is about."""

    to_display: str = ""


class CheckProblem(Struct, frozen=True):
    """The reason why a check fails."""

    message: str = ""


class CheckInstance(Struct, frozen=True):
    """The result for one instance."""

    problems: tuple[CheckProblem, ...] = ()


class CheckFields(Struct, frozen=True):
    """The result of a check, or of the conditions of a resource, an output or a variable."""

    address: CheckAddress = CheckAddress()
    status: str = ""
    instances: tuple[CheckInstance, ...] | None = None


ENTRY: Final = msgspec.json.Decoder(EntryFields)
VALUES: Final = msgspec.json.Decoder(ValuesFields)
