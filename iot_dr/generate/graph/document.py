"""The stacks of an environment for machines."""

from typing import Any

from environments.settings import Settings
from stacks.graph import StackNode
from stacks.platform_graph import platform_graph
from stacks.rollout import Rollout


def document(settings: Settings, *, in_waves: bool) -> dict[str, Any]:
    """Give the stacks, or the waves in order with the stacks of each."""
    graph = platform_graph(settings)
    if not in_waves:
        stacks = [_stack(node) for node in graph.nodes]
        return {"environment": settings.environment, "stacks": stacks}
    waves = [
        {
            "number": wave.number,
            "scope": wave.scope,
            "stacks": [
                {**_stack(node), "goes_after": list(node.goes_after)} for node in wave.nodes
            ],
        }
        for wave in Rollout(graph).waves
    ]
    return {"environment": settings.environment, "waves": waves}


def _stack(node: StackNode) -> dict[str, Any]:
    return {
        "name": node.name,
        "what": node.what,
        "region": node.region,
        "role": node.role,
        "depends_on": list(node.depends_on),
    }
