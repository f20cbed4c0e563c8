"""Repositories of users who write HCL, in three styles, each with the plans of its root modules.

`flat` has one root module, `children` calls modules with `for_each`, and `terragrunt` has a state
for each folder below `live`, whose module and inputs its `terragrunt.hcl` names.
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tests.support.command import ROOT
from tests.support.emitted import Opened, plain_terraform
from tests.support.made_once import copied

SOURCES: Final = ROOT / "tests" / "workflows" / "hcl_users"
PLANS: Final = {
    "flat": ("plan.json",),
    "children": ("plan.json",),
    "terragrunt": tuple(
        f"live/prod/{unit}/plan.json"
        for unit in ("eu-west-1/iot", "eu-central-1/iot", "global/entry")
    ),
}
"""The plans of each repository, below its folder."""

_ROLES: Final = {"eu-west-1": "PRIMARY", "eu-central-1": "SECONDARY"}
_PROVIDER: Final = 'provider "aws" {\n  region = "eu-west-1"\n}\n'


def hcl_users(folder: Path) -> Path:
    """Plan the repositories in a new folder, once for all test processes, and return it."""
    copied("users of HCL", _planned, folder)
    return folder


def _planned(folder: Path) -> None:
    shutil.copytree(SOURCES, folder, dirs_exist_ok=True)
    with plain_terraform() as opened:
        for name in ("flat", "children"):
            _plan(opened, folder / name)
        targets: dict[str, Any] = {}
        for region, role in _ROLES.items():
            outputs = _unit(opened, folder, f"{region}/iot", "region", {"region": region})
            targets[region] = {"role": role, "endpoint": outputs["endpoint"]["value"]}
        _unit(opened, folder, "global/entry", "entry", {"targets": targets})


def _unit(
    opened: Opened, folder: Path, unit: str, module: str, inputs: Mapping[str, Any]
) -> dict[str, Any]:
    """Plan a unit as Terragrunt does, in a copy of its module; return the planned outputs."""
    place = folder / "terragrunt/live/prod" / unit
    cache = place / ".terragrunt-cache"
    shutil.copytree(folder / "children/modules" / module, cache)
    (cache / "provider.tf").write_text(_PROVIDER, encoding="utf-8")
    (cache / "inputs.auto.tfvars.json").write_text(json.dumps(inputs), encoding="utf-8")
    plan = _plan(opened, cache)
    shutil.move(cache / "plan.json", place)
    shutil.rmtree(cache)
    return plan["planned_values"].get("outputs", {})


def _plan(opened: Opened, folder: Path) -> dict[str, Any]:
    terraform = opened(folder)
    out = folder / "plan.tfplan"
    terraform.plan(out)
    plan = terraform.show(out)
    (folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    for made in (out, folder / ".terraform.lock.hcl"):
        made.unlink(missing_ok=True)
    shutil.rmtree(folder / ".terraform", ignore_errors=True)
    return plan
