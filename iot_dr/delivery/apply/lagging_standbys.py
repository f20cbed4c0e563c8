"""Standbys that would be behind a primary that is about to be changed."""

from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from typing import Any

from environments.settings import Settings
from iot_dr.common.user_error import UserError
from iot_dr.delivery.state.objects import Objects
from iot_dr.terraform.stack_document import StackDocument
from iot_dr.terraform_json.listing import listing
from iot_dr.terraform_json.state_file import StateFile
from stacks.graph import StackNode
from stacks.platform_graph import platform_graph
from stacks.rollout import RolloutWaves
from stacks.state_location import state_location


def lagging_standbys(
    settings: Settings,
    names: Collection[str],
    objects: Objects,
    document: Callable[[str], StackDocument],
) -> Iterator[str]:
    """Yield a warning for each standby that is behind, if a primary is about to be changed.

    A standby is behind if it was never applied or lacks resources of this code; attributes are not
    compared. `names` are the stacks about to be applied, `document` returns a stack's synthesized
    JSON. A state that cannot be read is skipped: its region may be lost, or the operator may not be
    allowed to read it.
    """
    rollout = RolloutWaves(platform_graph(settings))
    nodes = rollout.graph.nodes
    primaries = [node.name for node in nodes if node.name in names and node.role == "primary"]
    for node in nodes if primaries else ():
        if node.role != "standby" or node.name in names:
            continue
        with suppress(UserError):
            if behind := _behind(settings, node, objects, document):
                yield (
                    f"{node.name} ({node.region}, standby) {behind}, and {listing(primaries)} is"
                    f" changed before it: wave {rollout.numbers[node.name]} goes first"
                )


def _behind(
    settings: Settings,
    node: StackNode,
    objects: Objects,
    document: Callable[[str], StackDocument],
) -> str:
    stored = objects.find(state_location(settings, node))
    if stored is None:
        return "has never been applied"
    state = StateFile.or_empty(stored.content)
    applied = {each.address for each in state.managed if each.instances}
    resources: dict[str, Any] = document(node.name).content.get("resource", {})
    wanted = [f"{kind}.{name}" for kind, named in resources.items() for name in named]
    lacking = [address for address in wanted if address not in applied]
    return f"lacks {listing(lacking)}" if lacking else ""
