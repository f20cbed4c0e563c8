"""What stacks hand over to each other, as their applied states have it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from iot_dr.terraform.stack_document import StackDocument

_SENSITIVE = "(sensitive)"


@dataclass(frozen=True, kw_only=True)
class HandOver:
    """One output, the key of the state it was read from, its value as text, and who reads it."""

    output: str
    key: str
    value: str
    consumer: str


def hand_overs(
    documents: Mapping[str, StackDocument], plans: Iterable[Mapping[str, Any]]
) -> list[HandOver]:
    """Match what the stacks read with what the states behind their plans hold.

    `documents` are the stacks by name; `plans` are plans, in Terraform's JSON form, of stacks that
    have been applied. A sensitive value is not shown.
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
    outputs: dict[str, dict[str, Any]] = plan["prior_state"]["values"].get("outputs", {})
    return {
        name: _SENSITIVE if each["sensitive"] else str(each["value"])
        for name, each in outputs.items()
    }
