"""Real Terraform as the judge of many values in one run."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from environments.regions import IOT_REGIONS
from iot_dr.emit.contract import Variable
from iot_dr.emit.variables.rules import REGIONS_VALUE
from iot_dr.terraform.commands import Commands
from iot_dr.terraform.diagnostic import TerraformError
from iot_dr.terraform.terraform import Terraform

Case = Mapping[str, Any]
"""A value for each variable."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """Whether all `conditions` hold, asked of each case; `types` are those of its variables."""

    types: Mapping[str, str]
    conditions: Sequence[str]
    cases: Sequence[Case]


class Judge:
    """Runs modules without resources, each in a new folder."""

    def __init__(self, commands: Commands, new_folder: Callable[[], Path]) -> None:
        self._commands = commands
        self._new_folder = new_folder

    def verdicts(self, questions: Mapping[str, Question]) -> dict[str, list[bool]]:
        """Answer each question for each of its cases."""
        return {
            name: list(map(all, each)) for name, each in self.verdicts_of_each(questions).items()
        }

    def verdicts_of_each(self, questions: Mapping[str, Question]) -> dict[str, list[list[bool]]]:
        """Return for each case of each question which conditions hold."""
        module = {
            "variable": {name: {"type": _type(asked)} for name, asked in questions.items()},
            "output": {name: {"value": _answer(name, asked)} for name, asked in questions.items()},
        }
        terraform = self._written(module, {name: each.cases for name, each in questions.items()})
        plan = terraform.folder / "planned.tfplan"
        terraform.plan(plan)
        outputs = terraform.show(plan)["planned_values"]["outputs"]
        return {name: outputs[name]["value"] for name in questions}

    def refusals(self, variables: Iterable[Variable], values: Case) -> list[str]:
        """Return the messages with which a module of these variables refuses values, sorted."""
        module = {"variable": {each.name: _block(each) for each in variables}}
        terraform = self._written(module, values)
        try:
            terraform.plan(terraform.folder / "planned.tfplan")
        except TerraformError as error:
            # Below a message stands where its rule is.
            return sorted(each.detail.partition("\n")[0] for each in error.diagnostics)
        return []

    def _written(self, module: Mapping[str, Any], values: Mapping[str, Any]) -> Terraform:
        folder = self._new_folder()
        known = {"locals": {REGIONS_VALUE.removeprefix("local."): list(IOT_REGIONS)}}
        (folder / "main.tf.json").write_text(json.dumps({**module, **known}, indent=1))
        (folder / "terraform.tfvars.json").write_text(json.dumps(values))
        return Terraform(folder, self._commands)


def _type(asked: Question) -> str:
    attributes = ", ".join(f"{name} = {kind}" for name, kind in asked.types.items())
    return f"list(object({{{attributes}}}))"


def _answer(name: str, asked: Question) -> str:
    every = ", ".join(re.sub(r"\bvar\.", "case.", each) for each in asked.conditions)
    return f"${{[for case in var.{name} : [{every}]]}}"


def _block(variable: Variable) -> dict[str, Any]:
    rules = [
        {"condition": f"${{{rule.condition}}}", "error_message": rule.error}
        for rule in variable.validations
    ]
    default = {} if variable.is_required else {"default": variable.default}
    block = {"type": variable.type, "nullable": variable.nullable, "validation": rules}
    return block | default
