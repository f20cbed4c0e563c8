"""A plan's JSON, taken apart: what is large stays as it is until it is asked for."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from msgspec import Raw
from msgspec.structs import replace

from iot_dr.review.read import plan_blocks, plan_entries, plan_values
from iot_dr.review.read.masks import marked
from iot_dr.review.read.plan_entries import ChangeEntry, Reading
from iot_dr.review.read.plan_form import refuse_others
from iot_dr.review.read.plan_structs import (
    ChangeTold,
    CheckTold,
    DeferredEntry,
    InvocationPutOff,
    InvocationTold,
    PutOff,
)
from iot_dr.review.read.plan_values import ValuesEntry, learn_outputs, told_outputs, told_values
from iot_dr.review.read.raw_json import NULL, checked, converted, items, members
from iot_dr.review.read.secrets import Secrets
from iot_dr.terraform_json.deferred import Shelf
from iot_dr.terraform_json.plan_entry import PlanEntry

_T = TypeVar("_T")
_D = TypeVar("_D")
_INVOCATIONS = tuple[InvocationTold, ...]
# Bytes of JSON whose decoded form is kept for the next question; it takes some ten times as many.
_KEPT: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDocument:
    """The parts of a plan.

    `document` is what `planned_resources` reads; `others` are resources that no change is told of.
    `existed` says that there were resources before. `put_off` is what Terraform defers, `invoked`
    are the actions (of its version 1.14) that it would invoke, and `invoked_later` those it defers.
    `is_complete` is None where Terraform does not tell it, as before its version 1.8.
    """

    document: Mapping[str, Any]
    changes: tuple[ChangeEntry, ...]
    drift: tuple[ChangeEntry, ...]
    others: tuple[ValuesEntry, ...]
    outputs: Mapping[str, ChangeTold]
    existed: bool
    is_errored: bool
    is_complete: bool | None
    put_off: tuple[PutOff, ...]
    checks: tuple[CheckTold, ...]
    invoked: tuple[str, ...]
    invoked_later: tuple[str, ...]

    def entries(self) -> Iterator[PlanEntry]:
        """Yield what changes or stays, and the data sources that were read before."""
        # What was left over by an earlier run that failed has another object's address.
        yield from (each for each in self.changes if not each.is_deposed)
        yield from self.others


def read_document(content: bytes, secrets: Secrets) -> PlanDocument:
    """Take a plan apart, and learn its secrets.

    Raises RefusedJsonError for what is no plan of a form that is known.
    """
    top = members(content, "the document")
    refuse_others(top)
    return _Parts(top, secrets).read()


class _Parts:
    """Reads the parts at the top of a plan."""

    def __init__(self, top: Mapping[str, Raw], secrets: Secrets) -> None:
        self._top = top
        self._secrets = secrets
        self._shelf = Shelf(_KEPT)

    def read(self) -> PlanDocument:
        changes, drift = map(self._entries, ("resource_changes", "resource_drift"))
        existed, others = self._others({each.address for each in changes if not each.is_deposed})
        document = self._document()
        return PlanDocument(
            document=document,
            changes=changes,
            drift=drift,
            others=others,
            outputs=dict(self._outputs(document["planned_values"]["outputs"])),
            # A plan need not tell its prior state.
            existed=existed or any(each.had_before for each in changes),
            is_errored=self._typed("errored", bool, default=False),
            is_complete=self._typed("complete", bool, default=None),
            put_off=tuple(self._put_off()),
            checks=self._typed("checks", tuple[CheckTold, ...], default=()),
            invoked=self._learned(self._typed("action_invocations", _INVOCATIONS, default=())),
            invoked_later=self._learned(
                each.action_invocation
                for each in self._typed(
                    "deferred_action_invocations", tuple[InvocationPutOff, ...], default=()
                )
            ),
        )

    def _put_off(self) -> Iterator[PutOff]:
        """Yield what is deferred, without its values, whose secrets are learned."""
        for each in self._typed("deferred_changes", tuple[PutOff, ...], default=()):
            entry = each.resource_change
            if entry.change:
                plan_entries.learn(self._secrets, entry.change)
            yield replace(each, resource_change=DeferredEntry(entry.address))

    def _learned(self, invocations: Iterable[InvocationTold]) -> tuple[str, ...]:
        """Learn the secrets of invocations, and return their addresses."""
        addresses: list[str] = []
        for each in invocations:
            addresses.append(each.address)
            for value in marked(each.config_values, each.config_sensitive):
                self._secrets.add(value)
        return tuple(addresses)

    def _part(self, name: str) -> Raw:
        return self._top.get(name, NULL)

    def _typed(self, name: str, type_: type[_T], *, default: _D) -> _T | _D:
        value = checked(self._part(name), name)
        return default if value is None else converted(value, type_, name)

    def _entries(self, name: str) -> tuple[ChangeEntry, ...]:
        reading = Reading(self._secrets, self._shelf)
        # Copied, since views of the whole document would hold all of it in memory.
        raws = items(self._part(name).copy(), name)
        return tuple(
            ChangeEntry(raw, reading, f"{name}[{number}]") for number, raw in enumerate(raws)
        )

    def _document(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "configuration": plan_blocks.configuration(self._part("configuration"), self._shelf),
            "variables": checked(self._part("variables"), "variables"),
            "planned_values": {
                "outputs": told_outputs(self._part("planned_values"), "planned_values")
            },
        }
        plan_blocks.learn(self._secrets, found["configuration"], found["variables"])
        learn_outputs(self._secrets, found["planned_values"]["outputs"])
        return found

    def _others(self, seen: set[str]) -> tuple[bool, tuple[ValuesEntry, ...]]:
        """Give whether there were resources before, and those whose address is not `seen`."""
        existed, found = False, list[ValuesEntry]()
        for told in told_values(self._part("planned_values"), "planned_values"):
            plan_values.learn(self._secrets, told, "planned_values")
            if told.address not in seen:
                seen.add(told.address)
                found.append(ValuesEntry(told, self._shelf, self._secrets, "planned_values"))
        prior = members(self._part("prior_state"), "prior_state").get("values", NULL)
        learn_outputs(self._secrets, told_outputs(prior, "prior_state"))
        for told in told_values(prior, "prior_state"):
            plan_values.learn(self._secrets, told, "prior_state")
            existed = existed or told.mode == "managed"
            if told.mode == "data" and told.address not in seen:
                seen.add(told.address)
                found.append(ValuesEntry(told, self._shelf, self._secrets, "prior_state"))
        return existed, tuple(found)

    def _outputs(
        self, declared: Mapping[str, Mapping[str, Any]]
    ) -> Iterator[tuple[str, ChangeTold]]:
        for name, raw in members(self._part("output_changes"), "output_changes").items():
            where = f"output_changes.{name}"
            told = converted(checked(raw, where), ChangeTold, where)
            if declared.get(name, {}).get("sensitive"):
                told = replace(told, before_sensitive=True, after_sensitive=True)
            plan_entries.learn(self._secrets, told)
            yield name, told
