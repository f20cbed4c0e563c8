"""Why a plan is not all that is to be told of a stack."""

from collections import Counter
from typing import Final

from iot_dr.resources.listing import listing
from iot_dr.review.plan_document import PlanDocument

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
    if document.put_off:
        names = listing([each.resource_change.address for each in document.put_off])
        counts = Counter(_REASONS.get(each.reason, "") for each in document.put_off)
        why = "; ".join(each for each in counts if each)
        told = "Terraform puts these changes off until this plan is applied"
        return f"{told}: {names}" + (f" ({why})" if why else "")
    if not document.is_complete:
        return (
            "Terraform says that this plan is not all (`complete` is false), as with -target: plan"
            " again after it is applied"
        )
    return ""
