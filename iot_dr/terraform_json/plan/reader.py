"""A plan, taken apart: what is large stays JSON until it is asked for."""

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
    DeferredEntry,
    DeferredInvocation,
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
    """The parts of a plan, as Terraform 1.5 to 1.15 write it (format 1.x).

    `others` are resources that no change is listed for. `existed` says that there were resources
    before. `deferred` is what Terraform puts off, `invoked` are the actions (of its version 1.14)
    that it would invoke, and `invoked_later` those it defers. `is_complete` is None where Terraform
    does not say it, as before its version 1.8.
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
        """Return what changes or stays, and the data sources that were read before."""
        # What was left over by an earlier run that failed has another object's address.
        changes = (each for each in self.changes if not each.is_deposed)
        entries = (*changes, *self.others)
        return planned_resources(stack, entries, self.configuration, self.outputs)


def read_plan(
    top: Mapping[str, Raw], masking: Masking | None = None, *, kept: int | None = None
) -> Plan:
    """Take a plan apart by its members, and note what is sensitive in it.

    Of what is decoded for resources, `kept` bytes of JSON stay decoded, all if it is None; that
    takes some ten times as much memory. Raises RefusedJsonError for what Terraform does not write.
    """
    return _Parts(
        top, PlanContext(Masking() if masking is None else masking, MappingCache(kept))
    ).read()


class _Parts:
    """Reads the parts at the top of a plan."""

    def __init__(self, top: Mapping[str, Raw], reading: PlanContext) -> None:
        self._top = top
        self._reading = reading
        self._masking = reading.masking

    def read(self) -> Plan:
        changes, drift = map(self._entries, ("resource_changes", "resource_drift"))
        existed, others = self._others({each.address for each in changes if not each.is_deposed})
        variables = parsed(self._part("variables"), "variables")
        outputs = _outputs(self._part("planned_values"), "planned_values")
        configuration = read_configuration(
            self._part("configuration"), variables, self._masking, self._reading.cache
        )
        self._learn_outputs(outputs)
        return Plan(
            changes=changes,
            drift=drift,
            others=others,
            configuration=configuration,
            outputs=outputs,
            output_changes=dict(self._output_changes(outputs)),
            # A plan need not have its prior state.
            existed=existed or any(each.had_before for each in changes),
            is_errored=self._typed("errored", bool, default=False),
            is_complete=self._typed("complete", bool, default=None),
            deferred=tuple(self._deferred()),
            checks=self._typed("checks", tuple[CheckFields, ...], default=()),
            invoked=self._invoked(
                self._typed("action_invocations", tuple[Invocation, ...], default=())
            ),
            invoked_later=self._invoked(
                each.action_invocation
                for each in self._typed(
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
        # Copied, since views of the whole document would hold all of it in memory.
        raws = items(self._part(name).copy(), name)
        return tuple(
            ChangeEntry(raw, self._reading, f"{name}[{number}]") for number, raw in enumerate(raws)
        )

    def _others(self, seen: set[str]) -> tuple[bool, tuple[ValuesEntry, ...]]:
        """Return whether there were resources before, and those whose address is not `seen`."""
        existed, found = False, list[ValuesEntry]()
        for fields in _values(self._part("planned_values"), "planned_values"):
            note_sensitive_values(self._masking, fields, "planned_values")
            if fields.address not in seen:
                seen.add(fields.address)
                found.append(ValuesEntry(fields, self._reading, "planned_values"))
        prior = members(self._part("prior_state"), "prior_state").get("values", NULL)
        self._learn_outputs(_outputs(prior, "prior_state"))
        for fields in _values(prior, "prior_state"):
            note_sensitive_values(self._masking, fields, "prior_state")
            existed = existed or fields.mode == "managed"
            if fields.mode == "data" and fields.address not in seen:
                seen.add(fields.address)
                found.append(ValuesEntry(fields, self._reading, "prior_state"))
        return existed, tuple(found)

    def _learn_outputs(self, outputs: Mapping[str, dict[str, Json]]) -> None:
        """Note the values of sensitive outputs, and replace them."""
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
        """Yield what is deferred, without its values, whose secrets are noted."""
        for each in self._typed("deferred_changes", tuple[DeferredChange, ...], default=()):
            entry = each.resource_change
            if entry.change:
                note_sensitive(self._masking, entry.change)
            yield replace(each, resource_change=DeferredEntry(entry.address))

    def _invoked(self, invocations: Iterable[Invocation]) -> tuple[str, ...]:
        """Note the secrets of invocations, and return their addresses."""
        addresses: list[str] = []
        for each in invocations:
            addresses.append(each.address)
            for value in marked(each.config_values, each.config_sensitive):
                self._masking.add(value)
        return tuple(addresses)


def _values(values: Raw, where: str) -> Iterator[ValuesFields]:
    """Yield the resources of all modules."""
    waiting = [members(values, where).get("root_module", NULL)]
    while waiting:
        parts = members(waiting.pop(), where)
        for raw in items(parts.get("resources", NULL), where):
            yield decoded(VALUES, raw, where)
        waiting += reversed(items(parts.get("child_modules", NULL), where))


def _outputs(values: Raw, where: str) -> dict[str, dict[str, Json]]:
    """Return the outputs by name, each with `value` and `sensitive`."""
    raw = members(values, where).get("outputs", NULL)
    return {name: mapping(body) for name, body in mapping(parsed(raw, where)).items()}
