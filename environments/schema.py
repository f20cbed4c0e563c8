"""The JSON schema of settings files, for editors; `python -m environments.schema`."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from environments.document import Steps
from environments.renamed_settings import REMOVED_IN, RENAMED_SETTINGS
from environments.settings import Settings

FILE: Final = Path(__file__).with_name("settings.schema.json")
"""The committed schema, which the first line of each settings file names."""


def text() -> str:
    """Return the schema (draft 2020-12) of the settings as they are now."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    schema |= Settings.model_json_schema()
    for steps, new_name in RENAMED_SETTINGS.items():
        for pointer in _pointers(schema, "#", steps[:-1]):
            _add_old_name(_block(schema, pointer), pointer, str(steps[-1]), new_name)
    return json.dumps(schema, indent=2) + "\n"


def _pointers(schema: dict[str, Any], pointer: str, steps: Steps) -> Iterator[str]:
    """Yield the JSON pointers to the schemas of a block, of which there may be several kinds."""
    if not steps:
        yield pointer
        return
    for kind in _block(schema, pointer)["properties"][steps[0]]["anyOf"]:
        if "$ref" in kind:
            yield from _pointers(schema, kind["$ref"], steps[1:])


def _block(schema: dict[str, Any], pointer: str) -> dict[str, Any]:
    return schema if pointer == "#" else schema["$defs"][pointer.removeprefix("#/$defs/")]


def _add_old_name(block: dict[str, Any], pointer: str, old_name: str, new_name: str) -> None:
    """Allow the old name of a setting, as deprecated, in place of its new name."""
    block["properties"][old_name] = {
        "$ref": f"{pointer}/properties/{new_name}",
        "deprecated": True,
        "description": f"renamed to {new_name}; the old name is accepted until {REMOVED_IN}",
    }
    if new_name in block.get("required", ()):
        block["required"].remove(new_name)
        block["oneOf"] = [{"required": [new_name]}, {"required": [old_name]}]


def write(path: Path = FILE) -> None:
    """Write the schema to `path`, whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(text(), encoding="utf-8")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


if __name__ == "__main__":
    write()
