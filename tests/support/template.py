"""A stack's synthesized JSON, in a form for tests."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Block:
    """One resource or data source."""

    kind: str
    type: str
    logical_id: str
    body: dict[str, Any]


@dataclass(frozen=True)
class Template:
    """The parsed `cdk.tf.json` of one stack."""

    name: str
    document: dict[str, Any]

    @classmethod
    def read(cls, file: Path) -> "Template":
        """Parse a stack's file; its folder names the stack."""
        return cls(file.parent.name, json.loads(file.read_text(encoding="utf-8")))

    def blocks(self, kind: str = "resource") -> Iterator[Block]:
        """Return every resource, or every data source (`data`)."""
        for type_, by_id in self.document.get(kind, {}).items():
            for logical_id, body in by_id.items():
                yield Block(kind, type_, logical_id, body)

    def resources(self, type_: str) -> dict[str, dict[str, Any]]:
        """Return the resources of a type by logical id."""
        return self.document.get("resource", {}).get(type_, {})

    def data(self, type_: str) -> dict[str, dict[str, Any]]:
        """Return the data sources of a type by logical id."""
        return self.document.get("data", {}).get(type_, {})

    @property
    def backend(self) -> dict[str, Any]:
        """The S3 backend's block."""
        return self.document["terraform"]["backend"]["s3"]

    @property
    def providers(self) -> dict[str, dict[str, Any]]:
        """The AWS provider blocks by alias."""
        return {block["alias"]: block for block in self.document["provider"]["aws"]}

    @property
    def outputs(self) -> dict[str, Any]:
        """The values of the outputs by name."""
        return {name: body["value"] for name, body in self.document["output"].items()}
