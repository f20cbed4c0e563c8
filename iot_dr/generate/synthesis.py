"""Synthesis of environments into a folder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any

from environments.settings import Settings
from iot_dr.common.output_folder import merging_folder, replacing_folder
from iot_dr.common.signals import deferred_signals
from stacks.graph import StackNode
from stacks.platform_graph import platform_graph


@dataclass(frozen=True, kw_only=True)
class SynthesizedStack:
    """A synthesized stack: its file, the size in bytes, and the number of its blocks."""

    node: StackNode
    resources: int
    data_sources: int
    file: str
    size: int


def synthesize(environments: Sequence[Settings], out: Path) -> tuple[SynthesizedStack, ...]:
    """Write the Terraform JSON of every stack into `out`, which is replaced as a whole.

    Raises OutputFolderError if `out` cannot be written or is not an earlier output, and
    BlockedError if a rule blocks the result; `out` is then left as it was.
    """
    # Deferred, since Node would go on writing into a folder that is being removed.
    with deferred_signals(lambda: None) as signals, replacing_folder(out) as folder:
        designs = _designs(environments, folder, signals)
        return tuple(
            _described(folder, node, design[node.name])
            for settings, design in designs
            for node in platform_graph(settings).nodes
        )


def synthesize_over(environments: Sequence[Settings], out: Path) -> None:
    """Write the Terraform JSON into `out`, and keep the files that Terraform has there.

    This is what cdktf's command line expects of an app: it reads `out` and runs Terraform in it.
    Raises OutputFolderError if `out` cannot be written, and BlockedError if a rule blocks the
    result; `out` is then left as it was.
    """
    with deferred_signals(lambda: None) as signals, merging_folder(out) as folder:
        _designs(environments, folder, signals)


def _designs(
    environments: Sequence[Settings], folder: Path, signals: Sequence[int]
) -> Sequence[tuple[Settings, Mapping[str, Any]]]:
    """Synthesize into an empty folder, and refuse what a rule blocks.

    Raises BlockedError, and KeyboardInterrupt if a signal arrived during the synthesis.
    """
    loading_rules()
    # Importing the engine waits for Node; commands that only read settings or graphs skip it.
    from iot_dr.generate.app import write  # noqa: PLC0415 - see above

    write(environments, folder)
    if signals:
        raise KeyboardInterrupt
    from iot_dr.generate.gate import documents, refuse_blocked  # noqa: PLC0415 - see above

    designs = [(settings, documents(settings, folder)) for settings in environments]
    refuse_blocked(designs)
    return designs


def loading_rules() -> None:
    """Import the rules in another thread, while the engine works in Node and does not need them."""
    Thread(target=import_module, args=(f"{__package__}.gate",)).start()


def stack_file(folder: Path, name: str) -> Path:
    """Return the file that CDKTF writes for a stack."""
    return folder / "stacks" / name / "cdk.tf.json"


def _described(folder: Path, node: StackNode, document: Mapping[str, Any]) -> SynthesizedStack:
    file = stack_file(folder, node.name)
    return SynthesizedStack(
        node=node,
        resources=_count(document.get("resource", {})),
        data_sources=_count(document.get("data", {})),
        file=str(file.relative_to(folder)),
        size=file.stat().st_size,
    )


def _count(by_type: dict[str, dict[str, Any]]) -> int:
    return sum(len(blocks) for blocks in by_type.values())
