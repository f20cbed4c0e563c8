"""A stack's synthesized JSON, in a form for tests."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from iot_dr.drill.play.references import Stack


@dataclass(frozen=True)
class Block:
    """One resource or data source."""

    kind: str
    type: str
    logical_id: str
    body: dict[str, Any]


@dataclass(frozen=True)
class Template(Stack):
    """The parsed `cdk.tf.json` of one stack."""

    def blocks(self, kind: str = "resource") -> Iterator[Block]:
        """Return every resource, or every data source (`data`)."""
        for type_, by_id in self.document.get(kind, {}).items():
            for logical_id, body in by_id.items():
                yield Block(kind, type_, logical_id, body)
