"""The JSON schema of an environment's file, for editors; `python -m environments.schema`."""

import json
import os
from pathlib import Path
from typing import Final

from environments.settings import Settings

FILE: Final = Path(__file__).with_name("settings.schema.json")
"""The committed schema, which the first line of each environment's file names."""


def text() -> str:
    """Return the schema (draft 2020-12) of the settings as they are now."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return json.dumps(schema | Settings.model_json_schema(), indent=2) + "\n"


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
