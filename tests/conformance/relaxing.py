"""A stack made fit for an official provider of another version than the pinned one."""

import json
from pathlib import Path
from typing import Any, Final

_OLD: Final = "5."
# From version 6 on: github.com/hashicorp/terraform-provider-aws, CHANGELOG.md.
_NEWER: Final = {"aws_dynamodb_table": {"replica": ("deletion_protection_enabled",)}}


def relax(file: Path, version: str) -> dict[str, Any]:
    """Give a stack's document with the version named, and without arguments that it has not."""
    document = json.loads(file.read_text(encoding="utf-8"))
    document["terraform"]["required_providers"]["aws"]["version"] = version
    for type_, blocks in _NEWER.items() if version.startswith(_OLD) else ():
        for body in document.get("resource", {}).get(type_, {}).values():
            for block, names in blocks.items():
                for member in body.get(block, []):
                    for name in names:
                        member.pop(name, None)
    return document
