"""Reads a plan; large parts stay JSON until they are accessed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from msgspec import Raw
from msgspec.structs import replace

from iot_dr.terraform_json.json_value import Json, mapping
from iot_dr.terraform_json.lazy_mapping import MappingCache
from iot_dr.terraform_json.plan.configuration import PlanConfiguration, read_configuration
from iot_dr.terraform_json.plan.entry import (
    ChangeEntry,
    PlanContext,
    ValuesEntry,
    note_sensitive_values,
)
from iot_dr.terraform_json.plan.masks import Masking, marked, note_sensitive
from iot_dr.terraform_json.plan.resources import planned_resources
from iot_dr.terraform_json.plan.structs import (
    VALUES,
    ChangeFields,
    CheckFields,
    DeferredChange,
    DeferredInvocation,
    DeferredResource,
    Invocation,
    ValuesFields,
)
from iot_dr.terraform_json.stack_resources import StackResources
from iot_dr.terraform_json.strict_json import NULL, converted, decoded, items, members, parsed

_T = TypeVar("_T")
_D = TypeVar("_D")
_KEYS: Final = ("planned_values", "resource_changes", "configuration")


def is_plan(top: Mapping[str, object]) -> bool:
    """Whether the members of a document are those of a plan."""
    return "format_version" in top and any(each in top for each in _KEYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The parts of a plan in format 1.x (Terraform 1.5 to 1.15).

    `others` are resources without an entry in `resource_changes`. `existed` means that there were
    resources before. `deferred` are deferred changes; `invoked` are the actions (Terraform 1.14 and
    later) that an apply would invoke, and `invoked_later` the deferred ones. `is_complete` is None
    before Terraform 1.8, which introduced the field.
    """

    changes: tuple[ChangeEntry, ...]
    drift: tuple[ChangeEntry, ...]
    others: tuple[ValuesEntry, ...]
    configuration: PlanConfiguration
    outputs: Mapping[str, Mapping[str, Json]]
    output_changes: Mapping[str, ChangeFields]
    existed: bool
    is_errored: bool
    is_complete: bool | None
    deferred: tuple[DeferredChange, ...]
    checks: tuple[CheckFields, ...]
    invoked: tuple[str, ...]
    invoked_later: tuple[str, ...]

    def resources(self, stack: str) -> StackResources:
        """Return the resources that change or stay, and the data sources that were read before."""
        # A deposed object has the address of the object that replaced it.
        changes = (each for each in self.changes if not each.is_deposed)
        entries = (*changes, *self.others)
        return planned_resources(stack, entries, self.configuration, self.outputs)


def read_plan(
    top: Mapping[str, Raw], masking: Masking | None = None, *, cache_bytes: int | None = None
) -> Plan:
    """Read a plan from its members, and record its sensitive values.

    Decoded resources stay cached up to `cache_bytes` of JSON, which take about ten times as much
    memory; None means no limit. Raises RefusedJsonError if it is not in Terraform's format.
    """
    return _Parts(
        top, PlanContext(Masking() if masking is None else masking, MappingCache(cache_bytes))
    ).read()


class _Parts:
    """Reads the top-level parts of a plan."""

    def __init__(self, top: Mapping[str, Raw], reading: PlanContext) -> None:
        self._top = top
        self._reading = reading
        self._masking = reading.masking

    def read(self) -> Plan:
        changes, drift = map(self._entries, ("resource_changes", "resource_drift"))
        existed, unchanged = self._others({each.address for each in changes if not each.is_deposed})
        variables = parsed(self._part("variables"), "variables")
        outputs = _outputs(self._part("planned_values"), "planned_values")
        configuration = read_configuration(
            self._part("configuration"), variables, self._masking, self._reading.cache
        )
        self._learn_outputs(outputs)
        return Plan(
            changes=changes,
            drift=drift,
            others=unchanged,
            configuration=configuration,
            outputs=outputs,
            output_changes=dict(self._output_changes(outputs)),
            # `prior_state` is optional.
            existed=existed or any(each.had_before for each in changes),
            is_errored=self._typed("errored", bool, default=False),
            is_complete=self._typed("complete", bool, default=None),
            deferred=tuple(self._deferred()),
            checks=self._typed("checks", tuple[CheckFields, ...], default=()),
            invoked=self._invoked(
                self._typed("action_invocations", tuple[Invocation, ...], default=())
            ),
            invoked_later=self._invoked(
                deferred.action_invocation
                for deferred in self._typed(
                    "deferred_action_invocations", tuple[DeferredInvocation, ...], default=()
                )
            ),
        )

    def _part(self, name: str) -> Raw:
        return self._top.get(name, NULL)

    def _typed(self, name: str, type_: type[_T], *, default: _D) -> _T | _D:
        value = parsed(self._part(name), name)
        return default if value is None else converted(value, type_, name)

    def _entries(self, name: str) -> tuple[ChangeEntry, ...]:
        # Copied: a view would keep the whole document in memory.
        raws = items(self._part(name).copy(), name)
        return tuple(
            ChangeEntry(raw, self._reading, f"{name}[{number}]") for number, raw in enumerate(raws)
        )

    def _others(self, seen: set[str]) -> tuple[bool, tuple[ValuesEntry, ...]]:
        """Return whether resources existed before, and those with an address not in `seen`."""
        existed, unchanged = False, list[ValuesEntry]()
        for fields in _values(self._part("planned_values"), "planned_values"):
            note_sensitive_values(self._masking, fields, "planned_values")
            if fields.address not in seen:
                seen.add(fields.address)
                unchanged.append(ValuesEntry(fields, self._reading, "planned_values"))
        prior = members(self._part("prior_state"), "prior_state").get("values", NULL)
        self._learn_outputs(_outputs(prior, "prior_state"))
        for fields in _values(prior, "prior_state"):
            note_sensitive_values(self._masking, fields, "prior_state")
            existed = existed or fields.mode == "managed"
            if fields.mode == "data" and fields.address not in seen:
                seen.add(fields.address)
                unchanged.append(ValuesEntry(fields, self._reading, "prior_state"))
        return existed, tuple(unchanged)

    def _learn_outputs(self, outputs: Mapping[str, dict[str, Json]]) -> None:
        """Record the values of sensitive outputs, and mask them."""
        for body in outputs.values():
            if body.get("sensitive"):
                self._masking.add(body.get("value"))
                body["value"] = self._masking.replaced(body.get("value"))

    def _output_changes(
        self, planned: Mapping[str, Mapping[str, Any]]
    ) -> Iterator[tuple[str, ChangeFields]]:
        for name, raw in members(self._part("output_changes"), "output_changes").items():
            where = f"output_changes.{name}"
            change = converted(parsed(raw, where), ChangeFields, where)
            if planned.get(name, {}).get("sensitive"):
                change = replace(change, before_sensitive=True, after_sensitive=True)
            note_sensitive(self._masking, change)
            yield name, change

    def _deferred(self) -> Iterator[DeferredChange]:
        """Yield the deferred changes without their values; sensitive values are recorded."""
        for deferred in self._typed("deferred_changes", tuple[DeferredChange, ...], default=()):
            entry = deferred.resource_change
            if entry.change:
                note_sensitive(self._masking, entry.change)
            yield replace(deferred, resource_change=DeferredResource(entry.address))

    def _invoked(self, invocations: Iterable[Invocation]) -> tuple[str, ...]:
        """Record the sensitive values of invocations, and return their addresses."""
        addresses: list[str] = []
        for invocation in invocations:
            addresses.append(invocation.address)
            for value in marked(invocation.config_values, invocation.config_sensitive):
                self._masking.add(value)
        return tuple(addresses)


def _values(values: Raw, where: str) -> Iterator[ValuesFields]:
    """Yield the resources of all modules."""
    modules = [members(values, where).get("root_module", NULL)]
    while modules:
        parts = members(modules.pop(), where)
        for raw in items(parts.get("resources", NULL), where):
            yield decoded(VALUES, raw, where)
        modules += reversed(items(parts.get("child_modules", NULL), where))


def _outputs(values: Raw, where: str) -> dict[str, dict[str, Json]]:
    """Return the outputs by name, each with `value` and `sensitive`."""
    raw = members(values, where).get("outputs", NULL)
    return {name: mapping(body) for name, body in mapping(parsed(raw, where)).items()}
