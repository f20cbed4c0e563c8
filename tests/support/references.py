"""Expressions in synthesized stacks, followed to the block that they refer to."""

import re
from dataclasses import dataclass
from typing import Any

from tests.support.template import Template

_OUTPUT = re.compile(r"data\.terraform_remote_state\.(\w+)\.outputs\.(\w+)")
_ATTRIBUTE = re.compile(r"(data\.)?(aws_\w+)\.(\w+)\.(\w+)")


@dataclass(frozen=True)
class Found:
    """A resource or data source, and its stack."""

    stack: Template
    type: str
    body: dict[str, Any]

    @property
    def region(self) -> str:
        """The region of its provider."""
        alias = self.body["provider"].removeprefix("aws.")
        return self.stack.providers[alias]["region"]


@dataclass(frozen=True)
class Stacks:
    """All stacks of an environment, which read each other's outputs through remote state."""

    by_name: dict[str, Template]

    def follow(self, stack: Template, expression: str) -> Found:
        """Follow an expression, through the outputs of other stacks, to its block."""
        if output := _OUTPUT.search(expression):
            upstream = self._upstream(stack, output[1])
            return self.follow(upstream, upstream.outputs[output[2]])
        reference = _ATTRIBUTE.search(expression)
        assert reference, f"{stack.name}: {expression} refers to nothing"
        is_data, type_, logical_id, _ = reference.groups()
        blocks = stack.data(type_) if is_data else stack.resources(type_)
        return Found(stack, type_, blocks[logical_id])

    def _upstream(self, stack: Template, logical_id: str) -> Template:
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
