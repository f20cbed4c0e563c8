"""Why a plan is not all that is to be told of a stack."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from iot_dr.review.read.plan_document import PlanDocument
from iot_dr.review.read.plan_entries import is_known
from iot_dr.terraform_json.listing import listing

# The words of internal/command/jsonplan/plan.go of Terraform 1.15; others may come.
_REASONS: Final = {
    "instance_count_unknown": "how many there are is known after the apply",
    "resource_config_unknown": "their configuration is known after the apply",
    "provider_config_unknown": "their provider's configuration is known after the apply",
    "absent_prereq": "what they need is not there yet",
    "deferred_prereq": "what they need is put off itself",
}


def problem(document: PlanDocument) -> str:
    """Say why a plan failed or is incomplete; empty where it is neither."""
    if document.is_errored:
        return (
            "Terraform did not finish the plan (`errored`): what is told is a part of it, and it"
            " cannot be applied"
        )
    if unknown := list(_unknown(document)):
        return (
            "the plan does to these what this version of iot-dr does not know:"
            f" {listing(unknown)}; read the plan itself"
        )
    if document.put_off:
        names = listing([each.resource_change.address for each in document.put_off])
        counts = Counter(_REASONS.get(each.reason, "") for each in document.put_off)
        why = "; ".join(each for each in counts if each)
        told = "Terraform puts these changes off until this plan is applied"
        return f"{told}: {names}" + (f" ({why})" if why else "")
    if document.invoked_later:
        names = listing(document.invoked_later)
        return f"Terraform puts these actions off until this plan is applied: {names}"
    if document.is_complete is False:
        return (
            "Terraform says that this plan is not all (`complete` is false), as with -target: plan"
            " again after it is applied"
        )
    return ""


def _unknown(document: PlanDocument) -> Iterator[str]:
    """Yield the changes whose actions are not known, with Terraform's words for them."""
    for entry in (*document.changes, *document.drift):
        if not entry.is_known:
            yield f"{entry.address} ({_words(entry.told.change.actions)})"
    for name, told in document.outputs.items():
        if not is_known(told.actions):
            yield f"output {name} ({_words(told.actions)})"


def _words(actions: tuple[str, ...]) -> str:
    return ", ".join(actions) or "no action"
