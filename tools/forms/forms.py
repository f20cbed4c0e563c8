"""The forms of a design: Terraform's JSON before, during and after an apply by real Terraform."""

import json
import re
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Final

from environments.settings import Settings
from iot_dr.delivery.session import RunLimits, standin_session
from iot_dr.emit.hcl.document import to_hcl
from iot_dr.generate.synthesis import synthesize
from iot_dr.terraform.commands import Commands
from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.terraform import Terraform
from iot_dr.terraform_json.json_value import Json
from stacks.platform_graph import platform_graph

_SECONDS: Final = 300
_LIMITS: Final = RunLimits(jobs=1, timeout=_SECONDS)
# The same change of every stack: a longer TTL where there is one, else a slower check or alarm.
_CHANGES: Final = (
    re.compile(r"(\bttl\"?\s*[=:]\s*)(\d+)"),
    re.compile(r"(\b(?:failure_threshold|evaluation_periods)\"?\s*[=:]\s*)(\d+)"),
)
_CONFIGURED: Final = (".tf", ".tf.json")


class Form(StrEnum):
    """What one command of Terraform reads or writes."""

    CONFIGURATION = "configuration"
    FIRST_PLAN = "first plan"
    STATE = "state"
    UNCHANGED = "plan without changes"
    CHANGED = "plan of one change"


Forms = dict[Form, dict[str, bytes]]
"""The JSON of each stack by its name, in each form."""


def stack_forms(
    settings: Settings, folder: Path, edit: Callable[[dict[str, Json]], object] = lambda _: None
) -> Forms:
    """Return the forms of an environment's stacks, applied one after another in a sandbox.

    `edit` changes their configuration before, which it gets by the name of the stack.
    """
    out, forms = folder / "out", dict[Form, dict[str, bytes]]()
    synthesize([settings], out)
    stacks, sandbox = out / "stacks", folder / "sandbox"
    files = {file.parent.name: file for file in stacks.glob("*/cdk.tf.json")}
    documents = {name: json.loads(file.read_bytes()) for name, file in files.items()}
    edit(documents)
    for name, file in files.items():
        file.write_text(json.dumps(documents[name]))
    with standin_session(settings, stacks, sandbox, folder / "work", _LIMITS) as session:
        for node in platform_graph(settings).nodes:
            content = (stacks / node.name / "cdk.tf.json").read_bytes()
            forms.setdefault(Form.CONFIGURATION, {})[node.name] = content
            with session.initialized(node.name) as terraform:
                _add(forms, node.name, terraform)
    return forms


def module_forms(folder: Path, commands: Commands) -> Forms:
    """Return the forms of a root module, or of those in its folders `1-...`, which are one design.

    A configuration is JSON alone, and only without module calls: another file is part of it.
    """
    forms = dict[Form, dict[str, bytes]]()
    for root in sorted(folder.glob("[0-9]-*")) or [folder]:
        (file, *more) = sorted(root.glob("*.tf*"))
        if file.suffix == ".json" and not more:
            forms.setdefault(Form.CONFIGURATION, {})[root.name] = file.read_bytes()
        terraform = Terraform(root, commands, _SECONDS)
        terraform.init(backend=True)
        _add(forms, root.name, terraform)
    return forms


def as_hcl(folder: Path) -> None:
    """Replace JSON configuration by the same in HCL, of whose plans expressions are unknown."""
    for file in folder.rglob("*.tf.json"):
        text = to_hcl(json.loads(file.read_bytes()), SchemaCache.default().block)
        file.with_suffix("").write_text(text)
        file.unlink()


def _add(forms: Forms, name: str, terraform: Terraform) -> None:
    for form, document in _steps(terraform):
        forms.setdefault(form, {})[name] = json.dumps(document).encode()


def _steps(terraform: Terraform) -> Iterator[tuple[Form, object]]:
    plan = terraform.folder / "forms.tfplan"
    terraform.plan(plan)
    yield Form.FIRST_PLAN, terraform.show(plan)
    terraform.apply(plan)
    yield Form.STATE, terraform.show()
    terraform.plan(plan)
    yield Form.UNCHANGED, terraform.show(plan)
    _change(terraform.folder)
    terraform.plan(plan)
    yield Form.CHANGED, terraform.show(plan)


def _change(folder: Path) -> None:
    files = [file for file in folder.rglob("*") if file.name.endswith(_CONFIGURED)]
    for pattern in _CHANGES:
        changed = {file: pattern.subn(_longer, file.read_text()) for file in files}
        if any(count for _, count in changed.values()):
            for file, (text, _) in changed.items():
                file.write_text(text)
            return


def _longer(match: re.Match[str]) -> str:
    return f"{match.group(1)}{int(match.group(2)) + 1}"
