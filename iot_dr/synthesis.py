"""Synthesis of environments into a folder, and what came out of it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from environments.settings import Settings
from iot_dr.output_folder import replaced
from iot_dr.signals import deferred_signals
from stacks.graph import StackNode
from stacks.platform_graph import platform_graph

_STACK_FILE = "cdk.tf.json"


@dataclass(frozen=True, kw_only=True)
class SynthesizedStack:
    """One stack's file and what it holds."""

    node: StackNode
    resources: int
    data_sources: int
    file: str
    size: int


def synthesize(environments: Sequence[Settings], out: Path) -> tuple[SynthesizedStack, ...]:
    """Write the Terraform JSON of every stack into `out`, which is replaced as a whole.

    Raises OutputFolderError when `out` cannot be written or is not an earlier output.
    """
    # The engine's import waits for Node; whoever only reads settings or graphs never pays it.
    from iot_dr.app import build  # noqa: PLC0415 - see above

    # Deferred, since Node would go on writing into a folder that is being removed.
    with deferred_signals(lambda: None) as signals, replaced(out) as folder:
        build(environments, folder).synth()
        if signals:
            raise KeyboardInterrupt
        return tuple(
            _read(folder, node)
            for settings in environments
            for node in platform_graph(settings).nodes
        )


def _read(folder: Path, node: StackNode) -> SynthesizedStack:
    file = Path("stacks", node.name, _STACK_FILE)
    text = (folder / file).read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return SynthesizedStack(
        node=node,
        resources=_count(document.get("resource", {})),
        data_sources=_count(document.get("data", {})),
        file=str(file),
        size=len(text.encode()),
    )


def _count(by_type: dict[str, dict[str, Any]]) -> int:
    return sum(len(blocks) for blocks in by_type.values())
