"""Plans with very many changes: real ones by Terraform, and larger generated ones."""

import json
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from iot_dr.terraform.commands import GRACE_SECONDS, ProcessCommands
from iot_dr.terraform.engine import Engine
from iot_dr.terraform.environment import terraform_environment
from iot_dr.terraform.process_output import OUTPUT_LIMIT
from iot_dr.terraform.terraform import Terraform

_ONCE: Final = Path(__file__).with_name("terraform_once.py")
_INSTANCES: Final = 100
"""Instances of one block."""
_PLAN: Final = "plan.tfplan"


def terraform(*arguments: str) -> list[str]:
    """Return the command that runs Terraform in a process of its own."""
    return [sys.executable, "-I", "-S", str(_ONCE), str(Engine.chosen({}).library), *arguments]


def make_plan(folder: Path, changes: int) -> Path:
    """Plan the creation of so many `terraform_data`, in blocks of a hundred instances each."""
    folder.mkdir(parents=True)
    blocks = {
        f"block_{number:05}": {"count": _INSTANCES, "input": _values(f"{number}-${{count.index}}")}
        for number in range(changes // _INSTANCES)
    }
    document = {"resource": {"terraform_data": blocks}}
    (folder / "main.tf.json").write_text(json.dumps(document), encoding="utf-8")
    environment = terraform_environment({})
    with closing(
        ProcessCommands(terraform(), environment, limit=OUTPUT_LIMIT, grace=GRACE_SECONDS)
    ) as commands:
        runner = Terraform(folder, commands)
        runner.init(backend=False)
        runner.plan(folder / _PLAN)
    return folder / _PLAN


def write_generated(file: Path, changes: int) -> None:
    """Write a plan's JSON of so many updates, without keeping it in memory."""
    with file.open("w", encoding="utf-8") as opened:
        opened.write('{"format_version":"1.2","terraform_version":"1.15.0"')
        opened.write(',"planned_values":{"root_module":{"resources":[')
        opened.writelines(_joined(_planned(number) for number in range(changes)))
        opened.write(']}},"resource_changes":[')
        opened.writelines(_joined(_changed(number) for number in range(changes)))
        opened.write('],"configuration":{"root_module":{}},"complete":true,"errored":false}')


def _values(name: str, ttl: int = 60) -> dict[str, Any]:
    return {"name": f"resource-{name}", "ttl": ttl, "zone": "iot.example.com", "tags": {"a": "b"}}


def _entry(number: int) -> dict[str, Any]:
    address = f"terraform_data.block_{number // _INSTANCES:05}"
    return {
        "address": f"{address}[{number % _INSTANCES}]",
        "mode": "managed",
        "type": "terraform_data",
        "name": address.partition(".")[2],
        "index": number % _INSTANCES,
        "provider_name": "terraform.io/builtin/terraform",
    }


def _planned(number: int) -> dict[str, Any]:
    values = {"id": f"{number:032x}", "input": _values(str(number), 300)}
    return {**_entry(number), "schema_version": 0, "values": values, "sensitive_values": {}}


def _changed(number: int) -> dict[str, Any]:
    before, after = (
        {"id": f"{number:032x}", "input": _values(str(number), ttl)} for ttl in (60, 300)
    )
    change: dict[str, Any] = {
        "actions": ["update"],
        "before": before,
        "after": after,
        "after_unknown": {},
    }
    masks: dict[str, Any] = {"before_sensitive": {}, "after_sensitive": {}}
    return {**_entry(number), "change": {**change, **masks}}


def _joined(entries: Iterator[dict[str, Any]]) -> Iterator[str]:
    separator = ""
    for entry in entries:
        yield separator + json.dumps(entry, separators=(",", ":"))
        separator = ","
