"""The move of an existing environment from cdktf to cdktn, as docs/how-to/engine.md shows it."""

import json
import shlex
from pathlib import Path
from typing import Any

from tests.support.command import iot_dr
from tests.support.runbook import Walk, commands


def _states(folder: Path) -> dict[str, list[Any]]:
    """Return each resource of each state, without attributes that only a newer provider has."""
    files = sorted(folder.rglob("*.tfstate"))
    resources = {file.stem: json.loads(file.read_bytes())["resources"] for file in files}
    return {
        name: [
            (resource["mode"], resource["type"], resource["name"], instance["attributes"].get("id"))
            for resource in of_state
            for instance in resource["instances"]
        ]
        for name, of_state in resources.items()
    }


def test_resources_applied_by_cdktf_are_unchanged_under_cdktn(tmp_path: Path) -> None:
    def run(command: str) -> str:
        *assigned, _make, target, environment = shlex.split(command)
        assert target == "sandbox"
        engine = {"ENGINE": "cdktf", **dict(each.split("=") for each in (*assigned, environment))}
        done = iot_dr("sandbox", "up", cwd=tmp_path, **engine)
        assert done.returncode == 0, done.stderr
        return done.stdout

    walk = Walk(commands("../how-to/engine.md", "Move an existing environment"))
    walk.step(run, "make")
    before = _states(tmp_path)
    assert before["iot-staging-entry-point"]
    walk.step(run, "ENGINE=cdktn make")
    assert _states(tmp_path) == before
    assert walk.left == []
