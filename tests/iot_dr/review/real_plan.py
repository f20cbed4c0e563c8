"""A plan made by Terraform, with every action on resources."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

from iot_dr.terraform.engine import Engine
from iot_dr.terraform.terraform import Terraform

SECRET = "hunter2-of-the-variable"
OLD_SECRET = "hunter2-of-last-year"

_BOTH: dict[str, Any] = {
    "variable": {"secret": {"sensitive": True, "default": SECRET}},
    "output": {
        "secret": {"value": "${var.secret}", "sensitive": True},
        "stays": {"value": "same"},
    },
}
_BEFORE: dict[str, Any] = {
    "updated": {"input": {"ttl": 60, "names": ["a", "b"], "note": "stays"}},
    "replaced": {"triggers_replace": [1], "input": "x"},
    "made_first": {"triggers_replace": [1], "lifecycle": {"create_before_destroy": True}},
    "destroyed": {"input": {"name": "gone"}},
    "forgotten": {"input": "left standing"},
    "old_name": {"input": "moved"},
    "changed_and_old": {"input": "moved"},
    "each": {"for_each": '${toset(["a", "b.c"])}', "input": "${each.key}"},
    "stays": {"input": "as it is"},
    "secret": {"input": {"user": "admin", "password": f'${{sensitive("{OLD_SECRET}")}}'}},
}
_AFTER: dict[str, Any] = {
    "created": {"input": {"tags": {"a": "b"}}},
    "updated": {"input": {"ttl": 300, "names": ["a", "c", "b"], "note": "stays"}},
    "replaced": {"triggers_replace": [2], "input": "x"},
    "made_first": {"triggers_replace": [2], "lifecycle": {"create_before_destroy": True}},
    "new_name": {"input": "moved"},
    "changed_and_new": {"input": "moved and changed"},
    "each": {"for_each": '${toset(["a", "d"])}', "input": "${each.key}"},
    "stays": {"input": "as it is"},
    "imported": {"input": None},
    "secret": {"input": {"user": "root", "password": "${var.secret}"}},
}
_MOVES = {"old_name": "new_name", "changed_and_old": "changed_and_new"}


def real_plan(folder: Path) -> Path:
    """Apply a configuration, change it and plan the change; return the file with its JSON."""
    with closing(Engine.chosen({}).commands({})) as commands:
        terraform = Terraform(folder, commands, timeout=100)
        _write(folder, {"resource": {"terraform_data": _BEFORE}})
        terraform.init(backend=False)
        terraform.plan(folder / "first.tfplan")
        terraform.apply(folder / "first.tfplan")
        _write(folder, _change())
        terraform.plan(folder / "second.tfplan")
        shown = folder / "plan.json"
        shown.write_text(json.dumps(terraform.show(folder / "second.tfplan")), encoding="utf-8")
    return shown


def _change() -> dict[str, Any]:
    return {
        "resource": {"terraform_data": _AFTER},
        "moved": [
            {"from": f"terraform_data.{old}", "to": f"terraform_data.{new}"}
            for old, new in _MOVES.items()
        ],
        "removed": [{"from": "terraform_data.forgotten", "lifecycle": {"destroy": False}}],
        "import": [{"to": "terraform_data.imported", "id": "there-already"}],
    }


def _write(folder: Path, document: dict[str, Any]) -> None:
    folder.mkdir(exist_ok=True)
    text = json.dumps({**_BOTH, **document})
    (folder / "main.tf.json").write_text(text, encoding="utf-8")
