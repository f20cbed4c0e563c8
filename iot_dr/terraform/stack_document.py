"""A stack's synthesized JSON."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iot_dr.terraform.workspace import StackNotFoundError
from iot_dr.terraform_json.files import STACK_FILE
from stacks.state_location import StateLocation

# References are parts of expressions, anywhere in the document.
_HAND_OVER = re.compile(r"data\.terraform_remote_state\.(\w+)\.outputs\.(\w+)")


@dataclass(frozen=True, slots=True)
class StackDocument:
    """A parsed `cdk.tf.json`."""

    content: dict[str, Any]

    @classmethod
    def read(cls, folder: Path) -> "StackDocument":
        """Read a stack's file; raises StackNotFoundError if it is missing."""
        try:
            return cls(json.loads((folder / STACK_FILE).read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise StackNotFoundError(f"{folder}: no {STACK_FILE} here; synthesize first") from None

    @property
    def backend(self) -> tuple[str, dict[str, Any]]:
        """The type of the backend, `local` if none is set, and its settings."""
        backends: dict[str, dict[str, Any]] = self.content.get("terraform", {}).get("backend", {})
        for kind, settings in backends.items():
            return kind, settings
        return "local", {}

    @property
    def location(self) -> StateLocation:
        """The location of the state in S3; raises KeyError for another backend."""
        _, backend = self.backend
        return StateLocation(bucket=backend["bucket"], key=backend["key"], region=backend["region"])

    @property
    def reads(self) -> dict[str, dict[str, Any]]:
        """The backend settings of the states that this stack reads, keyed by data source."""
        states = self.content.get("data", {}).get("terraform_remote_state", {})
        return {name: state["config"] for name, state in states.items()}

    @property
    def hand_overs(self) -> list[tuple[str, str]]:
        """The outputs of other stacks that this one reads: key of the state, name of the output."""
        keys = {name: config["key"] for name, config in self.reads.items()}
        references = dict.fromkeys(_HAND_OVER.findall(json.dumps(self.content)))
        return [(keys[name], output) for name, output in references]

    def construct_path(self, address: str | None) -> str | None:
        """Return the path of the construct behind a resource address; None if unknown."""
        return dict(self._paths()).get(address or "")

    def _paths(self) -> Iterator[tuple[str, str]]:
        for kind, lead in (("resource", ""), ("data", "data.")):
            for type_, by_id in self.content.get(kind, {}).items():
                for name, body in by_id.items():
                    path = body.get("//", {}).get("metadata", {}).get("path")
                    if path:
                        yield f"{lead}{type_}.{name}", path
