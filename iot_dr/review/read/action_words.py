"""What a plan says that happens to a resource, and why, in words."""

from collections.abc import Mapping
from typing import Final

# The words of internal/command/jsonplan/plan.go of Terraform 1.15; others may come.
_REASONS: Final = {
    "replace_because_cannot_update": "it cannot be changed in place",
    "replace_because_tainted": "it is tainted: an earlier run left it unfinished",
    "replace_by_request": "-replace asks for it",
    "replace_by_triggers": "replace_triggered_by: something that it depends on changes",
    "delete_because_no_resource_config": "its block is no longer in the configuration",
    "delete_because_wrong_repetition": "its block has count or for_each now, or no longer has it",
    "delete_because_count_index": "its index is beyond count",
    "delete_because_each_key": "its key is no longer in for_each",
    "delete_because_no_module": "its module is no longer in the configuration",
    "delete_because_no_move_target": "it was moved to an address that is not in the configuration",
}
_ORDERS: Final[Mapping[tuple[str, ...], str]] = {
    ("create", "delete"): "the new one is made first",
    ("create", "forget"): "the old one is left standing and forgotten",
}


def reason(actions: tuple[str, ...], action_reason: str | None) -> str:
    """Say why, and for a replacement in which order; empty where the plan tells neither."""
    words = (_REASONS.get(action_reason or ""), _ORDERS.get(actions))
    return "; ".join(each for each in words if each)
