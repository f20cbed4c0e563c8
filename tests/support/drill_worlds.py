"""Worlds of the drill, read from synthesized stacks."""

import json
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from environments.settings import Settings
from iot_dr.drill.rig.world.reading import read_world
from iot_dr.drill.rig.world.world import World
from iot_dr.generate.synthesis import stack_file
from tests.support.synthesis import Synthesis
from tests.support.template import Template


def write_stacks(stacks: Mapping[str, Template], folder: Path) -> Path:
    """Write stacks as a synthesis would, and return the folder."""
    for name, stack in stacks.items():
        file = stack_file(folder, name)
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(stack.document), encoding="utf-8")
    return folder


def world(chosen: Settings) -> World:
    """Return the world of settings; a process synthesizes equal settings once."""
    return _world(chosen.model_dump_json())


@cache
def _world(document: str) -> World:
    chosen = Settings.model_validate_json(document)
    with tempfile.TemporaryDirectory() as folder:
        stacks = Synthesis(Path(folder))(chosen)
        return read_world(write_stacks(stacks, Path(folder) / "written"), chosen)
