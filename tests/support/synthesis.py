"""Synthesis for tests: settings in, parsed stacks out."""

import json
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from cdktf import App, TerraformStack, Testing

from environments.settings import Settings
from iot_dr.app import build
from tests.support.template import Template

_numbers = count()


@dataclass(frozen=True)
class Synthesis:
    """Synthesizes into folders below one of the test's own."""

    folder: Path

    def __call__(self, *environments: Settings) -> dict[str, Template]:
        """Synthesize environments and give their stacks by name."""
        out = self.folder / f"out-{next(_numbers)}"
        build(environments, out).synth()
        stacks = (Template.read(file) for file in sorted(out.glob("stacks/*/cdk.tf.json")))
        return {stack.name: stack for stack in stacks}


def empty_stack() -> TerraformStack:
    """Give a stack for a module to stand in."""
    app: App = Testing.app()
    return TerraformStack(app, "stack")


def template(stack: TerraformStack) -> Template:
    """Synthesize one stack, validations included, and parse it."""
    return Template(stack.node.id, json.loads(Testing.synth(stack, True)))
