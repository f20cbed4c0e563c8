"""A change of primary goes alone, or the region that serves would be changed before the others."""

import json
from typing import Any, Final

from environments.settings import Settings
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UserError
from iot_dr.delivery.rollout.neighbours import Neighbours
from stacks.platform_graph import platform_graph
from stacks.state_copy import handover_location

# The entry point's output that names the region that serves.
_OUTPUT: Final = "primary_region"


class PrimaryChangesTooError(UserError):
    """The settings change which region is primary, and a region with it."""


def refuse_primary_changes(settings: Settings, neighbours: Neighbours) -> None:
    """Raise PrimaryChangesTooError unless devices are served by the primary of the settings.

    Where nobody is known to serve, or home does not tell, nothing is refused.
    """
    served_by = _served_by(settings, neighbours)
    if served_by in {None, settings.primary_region}:
        return
    message = (
        f"nothing is applied: primary_region: {settings.primary_region}: devices are served by"
        f" {plain(str(served_by))}, and this changes a region too. A change of primary goes alone:"
        " take it back, roll the regions out, then change the primary (docs/runbooks/primary.md)"
    )
    raise PrimaryChangesTooError(message)


def _served_by(settings: Settings, neighbours: Neighbours) -> str | None:
    nodes = platform_graph(settings).nodes
    entry_point = next(node for node in nodes if node.what == "entry-point")
    found = neighbours.asked(handover_location(settings, entry_point))
    try:
        state: Any = json.loads(found.content if found else b"{}")
        primary = state["outputs"][_OUTPUT]["value"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return primary if isinstance(primary, str) else None
