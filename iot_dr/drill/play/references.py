"""Expressions in synthesized stacks, followed to the block that they refer to."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from iot_dr.common.user_error import UserError

_OUTPUT = re.compile(r"data\.terraform_remote_state\.(\w+)\.outputs\.(\w+)")
_ATTRIBUTE = re.compile(r"(data\.)?(aws_\w+)\.(\w+)\.(\w+)")


ONLY_OURS: Final = "an account is made only for stacks of the platform, not for own stacks"


class UnknownValueError(UserError):
    """An argument of Terraform has no value in the made-up account."""


@dataclass(frozen=True)
class Stack:
    """The parsed `cdk.tf.json` of one stack."""

    name: str
    document: dict[str, Any]

    @classmethod
    def read(cls, file: Path) -> Self:
        """Parse a stack's file; its folder names the stack."""
        return cls(file.parent.name, json.loads(file.read_text(encoding="utf-8")))

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


@dataclass(frozen=True)
class Found:
    """A resource or data source, and its stack."""

    stack: Stack
    type: str
    body: dict[str, Any]

    @property
    def region(self) -> str:
        """The region of its provider."""
        alias = self.body["provider"].removeprefix("aws.")
        return self.stack.providers[alias]["region"]


@dataclass(frozen=True)
class LinkedStacks:
    """All stacks of an environment, which read each other's outputs through remote state."""

    by_name: Mapping[str, Stack]

    def follow(self, stack: Stack, expression: str) -> Found:
        """Follow an expression, through the outputs of other stacks, to its block."""
        if output := _OUTPUT.search(expression):
            upstream = self._upstream(stack, output[1])
            return self.follow(upstream, upstream.outputs[output[2]])
        reference = _ATTRIBUTE.search(expression)
        if reference is None:
            raise UnknownValueError(f"{stack.name}: {expression} refers to nothing; {ONLY_OURS}")
        is_data, type_, logical_id, _ = reference.groups()
        blocks = stack.data(type_) if is_data else stack.resources(type_)
        return Found(stack, type_, blocks[logical_id])

    def _upstream(self, stack: Stack, logical_id: str) -> Stack:
        """Return the stack whose state is read, identified by the location of that state."""
        read = stack.data("terraform_remote_state")[logical_id]["config"]
        place = read["bucket"], read["key"], read["region"]
        (result,) = [
            source
            for source in self.by_name.values()
            if "s3" in source.document["terraform"]["backend"]
            and (source.backend["bucket"], source.backend["key"], source.backend["region"]) == place
        ]
        return result
