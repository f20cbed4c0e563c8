"""Synthesis for tests: settings in, parsed stacks out."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from cdktf import App, TerraformStack, Testing

from environments.settings import Settings
from iot_dr.generate.app import build
from tests.support.made_once import made_once
from tests.support.template import Template

_numbers = count()
_done: dict[str, dict[str, str]] = {}


@dataclass(frozen=True)
class Synthesis:
    """Synthesizes into folders below the test's own.

    The same settings give the same bytes (checked by tests/scenarios/test_synth_command.py), so
    each are synthesized once for all test processes, and parsed again for every test.
    """

    folder: Path

    def __call__(self, *environments: Settings) -> dict[str, Template]:
        """Synthesize environments and return their stacks by name."""
        key = " ".join(each.model_dump_json() for each in environments)
        if key not in _done:
            _done[key] = made_once(f"synthesis {key}", lambda: self._texts(environments))
        return {name: Template(name, json.loads(text)) for name, text in _done[key].items()}

    def _texts(self, environments: Sequence[Settings]) -> dict[str, str]:
        out = self.folder / f"out-{next(_numbers)}"
        build(environments, out).synth()
        files = sorted(out.glob("stacks/*/cdk.tf.json"))
        return {file.parent.name: file.read_text(encoding="utf-8") for file in files}


def empty_stack() -> TerraformStack:
    """Return a stack for a module."""
    # Not of `Testing.app`, which leaves a folder for each app in the temporary directory.
    app = App()
    return TerraformStack(app, "stack")


def template(stack: TerraformStack) -> Template:
    """Synthesize one stack, validations included, and parse it."""
    return Template(stack.node.id, json.loads(Testing.synth(stack, True)))
