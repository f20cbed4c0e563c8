"""Cross-stack outputs: those that stacks read from each other's applied states."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from iot_dr.terraform.stack_document import StackDocument

_SENSITIVE = "(sensitive)"


@dataclass(frozen=True, kw_only=True)
class HandOver:
    """An output: the key of its state, its value as text, and the stack that reads it."""

    output: str
    key: str
    value: str
    consumer: str


def hand_overs(
    documents: Mapping[str, StackDocument], plans: Iterable[Mapping[str, Any]]
) -> list[HandOver]:
    """Return the outputs that stacks read, with their values in the applied states.

    `documents` are stacks by name; `plans` are their plans in the same order, in Terraform's JSON
    form. Sensitive values are hidden. Raises KeyError if a stack reads from one that is not in
    `documents`, or an output that is not in its state.
    """
    values: dict[str, dict[str, str]] = {}
    for name, plan in zip(documents, plans, strict=True):
        _, settings = documents[name].backend
        values[settings["key"]] = _outputs(plan)
    return [
        HandOver(output=output, key=key, value=values[key][output], consumer=consumer)
        for consumer, document in documents.items()
        for key, output in document.hand_overs
    ]


def _outputs(plan: Mapping[str, Any]) -> dict[str, str]:
    # An empty state, such as that of a region that has left, is in no plan.
    prior: dict[str, Any] = plan.get("prior_state", {}).get("values", {})
    outputs: dict[str, dict[str, Any]] = prior.get("outputs", {})
    return {
        name: _SENSITIVE if output["sensitive"] else str(output["value"])
        for name, output in outputs.items()
    }
