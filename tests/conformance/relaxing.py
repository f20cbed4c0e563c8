"""Stacks adapted to an official provider of another version than the pinned one."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from iot_dr.terraform_json.files import STACK_FILE

# developer.hashicorp.com/terraform/language/meta-arguments; `//` is a comment in JSON.
_META: Final = frozenset(
    (
        *("//", "connection", "count", "depends_on", "dynamic", "for_each", "lifecycle"),
        *("provider", "provisioner"),
    )
)
PROTECTION: Final = "deletion_protection_enabled"
"""The argument with which a table refuses its deletion."""

_SECTIONS: Final = (("resource", "resource_schemas", ""), ("data", "data_source_schemas", "data."))


def relax(stacks: Path, version: str, schema: dict[str, Any]) -> set[str]:
    """Pin the stacks in a folder to a version, and remove the arguments that its schema lacks.

    Returns the removed arguments, in the form `aws_x.block.name`.
    """
    removed: set[str] = set()
    for file in stacks.glob(f"*/{STACK_FILE}"):
        document = json.loads(file.read_text(encoding="utf-8"))
        document["terraform"]["required_providers"]["aws"]["version"] = version
        removed |= _relaxed(document, schema)
        file.write_text(json.dumps(document), encoding="utf-8")
    return removed


def unprotect(stacks: Path) -> None:
    """Let the resources of the stacks in a folder be destroyed, as a person would before it."""
    for file in stacks.glob(f"*/{STACK_FILE}"):
        document = json.loads(file.read_text(encoding="utf-8"))
        for bodies in document.get("resource", {}).values():
            for body in bodies.values():
                body.get("lifecycle", {}).pop("prevent_destroy", None)
                for protected in (body, *body.get("replica", ())):
                    if PROTECTION in protected:
                        protected[PROTECTION] = False
        file.write_text(json.dumps(document), encoding="utf-8")


def _relaxed(document: dict[str, Any], schema: dict[str, Any]) -> set[str]:
    return {
        name
        for section, schemas, lead in _SECTIONS
        for type_, bodies in document.get(section, {}).items()
        if type_ in schema[schemas]
        for body in bodies.values()
        for name in _pruned(f"{lead}{type_}", body, schema[schemas][type_]["block"])
    }


def _pruned(at: str, body: dict[str, Any], block: dict[str, Any]) -> Iterator[str]:
    blocks = block.get("block_types", {})
    for name in sorted(body.keys() - block.get("attributes", {}).keys() - _META):
        if name not in blocks:
            del body[name]
            yield f"{at}.{name}"
            continue
        inner = body[name] if isinstance(body[name], list) else [body[name]]
        for member in inner:
            yield from _pruned(f"{at}.{name}", member, blocks[name]["block"])
