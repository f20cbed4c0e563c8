"""Whether plans that change nothing are still true."""

from collections.abc import Iterable

import msgspec

from environments.settings import Settings
from iot_dr.common.user_error import UserError
from iot_dr.delivery.rollout.turn import turn_location
from iot_dr.delivery.state.objects import Objects
from iot_dr.terraform_json.plan_manifest import PlannedStack, StateVersion
from stacks.graph import StackNode
from stacks.platform_graph import platform_graph
from stacks.state_location import state_location


class MovedStateError(UserError):
    """A state is not the one any more that a plan without changes was made on, or half of one."""


def refuse_moved_states(
    settings: Settings, objects: Objects, stacks: Iterable[PlannedStack]
) -> None:
    """Raise MovedStateError unless each stack is whole, and its state what it was planned on.

    Terraform refuses a plan that was overtaken when it is applied; one without changes is not. Such
    as that of a commit which takes another one back, planned while that one waited for its
    approval: it would be taken for rolled out.

    Raises UserError, which says why, where a state cannot be read.
    """
    nodes = {node.name: node for node in platform_graph(settings).nodes}
    for stack in stacks:
        node = nodes[stack.name]
        # What fails early may leave its turn, and the state as it was.
        if node.is_regional and objects.find(turn_location(settings, node)):
            message = f"{stack.name}: is being changed, or was left half-changed, since this plan"
            raise MovedStateError(f"{message} was made: start a new execution")
        if _now(settings, objects, node) != stack.state:
            message = f"{stack.name}: its state has moved on since this plan was made"
            raise MovedStateError(f"{message}: start a new execution")


def _now(settings: Settings, objects: Objects, node: StackNode) -> StateVersion:
    found = objects.find(state_location(settings, node))
    try:
        return StateVersion.read(found.content if found else None)
    except (msgspec.DecodeError, UnicodeDecodeError):
        message = f"{node.name}: what is stored as its state is none (`iot-dr state status`)"
        raise MovedStateError(message) from None
