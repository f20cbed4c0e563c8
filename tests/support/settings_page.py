"""The table of the page on settings, from their JSON schema; run as a module to write it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from environments.schema import text
from iot_dr.common.page_section import with_section

PAGE: Final = Path(__file__).parents[2] / "docs" / "reference" / "settings.md"
_LONG: Final = 5
"""More allowed values than this are not listed: the regions."""

Schema = dict[str, Any]


def page(before: str) -> str:
    """Return the page with a row for each setting; names that were renamed are left out."""
    schema: Schema = json.loads(text())
    rows = ["| setting | meaning | values | default |", "|---|---|---|---|"]
    rows += _rows(schema, schema, "")
    return with_section(PAGE, before, "settings", "docs", "\n".join([*rows, ""]))


def _rows(schema: Schema, block: Schema, path: str) -> Iterator[str]:
    # A setting with an old name is required under one of the two.
    either = [name for names in block.get("oneOf", ()) for name in names["required"]]
    required = {*block.get("required", ()), *either}
    for name, setting in block["properties"].items():
        if setting.get("deprecated"):
            continue
        key, kinds = f"{path}{name}", [*_kinds(setting)]
        is_list = any("items" in kind for kind in kinds)
        parts = [
            schema["$defs"][pointer.removeprefix("#/$defs/")]
            for kind in kinds
            if (pointer := kind.get("items", kind).get("$ref"))
        ]
        values = "" if parts else ", ".join(filter(None, map(_values, kinds)))
        default = "required" if name in required else _default(setting)
        meaning = setting["description"].replace("|", "\\|")
        shown = "" if parts and setting.get("default") else default
        yield f"| `{key}` | {meaning} | {values} | {shown} |"
        for part in parts:
            yield from _rows(schema, part, f"{key}[]." if is_list else f"{key}.")


def _kinds(setting: Schema) -> list[Schema]:
    kinds: list[Schema] = setting.get("anyOf", [setting])
    allowed = {"enum": setting["enum"]} if "enum" in setting else {}
    return [kind if kind.get("type") == "null" else kind | allowed for kind in kinds]


def _values(kind: Schema) -> str:
    """Return what a setting may be: its values, its range, or its type."""
    if "const" in kind or len(kind.get("enum", [])) > _LONG:
        return f"`{json.dumps(kind['const'])}`" if "const" in kind else "an AWS region"
    if "enum" in kind:
        return ", ".join(f"`{value}`" for value in kind["enum"])
    if kind.get("type") == "integer" and "maximum" in kind:
        return f"{kind.get('minimum', '')} to {kind['maximum']}"
    names = {"array": "list", "object": "keys and values", "null": "null", "boolean": "true, false"}
    name = str(kind.get("type", ""))
    return names.get(name, name)


def _default(setting: Schema) -> str:
    """Return a default; one that depends on other settings is in their meaning."""
    return f"`{json.dumps(setting['default'])}`" if "default" in setting else "see the meaning"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
