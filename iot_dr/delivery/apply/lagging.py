"""Standbys that are behind while the region that serves is changed."""

import json
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from typing import Any

from environments.settings import Settings
from iot_dr.common.user_error import UserError
from iot_dr.delivery.state.objects import Objects
from iot_dr.terraform.stack_document import StackDocument
from iot_dr.terraform_json.listing import listing
from stacks.graph import StackNode
from stacks.platform_graph import platform_graph
from stacks.rollout import Rollout
from stacks.state_location import state_location


def lagging(
    settings: Settings,
    names: Collection[str],
    objects: Objects,
    document: Callable[[str], StackDocument],
) -> Iterator[str]:
    """Tell the standbys that were never applied, or lack what this code has, before a primary is.

    `names` are the stacks that are about to be applied, `document` gives what was synthesized. Only
    which resources there are is compared. A state that cannot be read is passed over: its region
    may be lost, and whoever applies another region need not be allowed to read it.
    """
    rollout = Rollout(platform_graph(settings))
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
    found = objects.find(state_location(settings, node))
    if found is None:
        return "has never been applied"
    there = set(_applied(found.content))
    resources: dict[str, Any] = document(node.name).content.get("resource", {})
    wanted = [f"{kind}.{name}" for kind, named in resources.items() for name in named]
    lacking = [address for address in wanted if address not in there]
    return f"lacks {listing(lacking)}" if lacking else ""


def _applied(state: bytes) -> Iterator[str]:
    try:
        for each in json.loads(state)["resources"]:
            if each["mode"] == "managed" and each["instances"]:
                yield f"{each['type']}.{each['name']}"
    except (ValueError, TypeError, KeyError):
        return
