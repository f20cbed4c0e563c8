import json
import subprocess
from pathlib import Path

import pytest

from iot_dr.deploy.cdktf import Cdktf, CdktfMissingError, cdktf_program
from iot_dr.deploy.launcher import launcher
from iot_dr.terraform.engine import Engine
from tests.support.command import ROOT, plain_environment


def test_a_missing_command_line_is_told_with_what_installs_it(tmp_path: Path) -> None:
    with pytest.raises(CdktfMissingError, match=r"\.bin/cdktf: .* run `make install`"):
        cdktf_program(tmp_path)


def test_stacks_that_stay_are_neither_in_the_manifest_nor_what_another_one_waits_for(
    tmp_path: Path,
) -> None:
    stacks: dict[str, dict[str, object]] = {
        "zone": {"name": "zone", "dependencies": []},
        "iot": {"name": "iot", "dependencies": ["zone"]},
        "entry-point": {"name": "entry-point", "dependencies": ["zone", "iot"]},
        "pipeline": {"name": "pipeline", "dependencies": ["entry-point"]},
    }
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"version": "0.21.0", "stacks": stacks}), encoding="utf-8")
    with launcher(Engine.chosen({})) as made:
        Cdktf(program=tmp_path, launcher=made, out=tmp_path, variables={}).leave_out(
            ["zone", "pipeline"]
        )
    left = json.loads(manifest.read_bytes())
    assert left["version"] == "0.21.0"
    assert {name: each["dependencies"] for name, each in left["stacks"].items()} == {
        "iot": [],
        "entry-point": ["iot"],
    }


@pytest.mark.parametrize(("given", "option"), [({"CONFIRM": "dev"}, " --confirm dev"), ({}, "")])
@pytest.mark.parametrize("target", ["deploy", "destroy"])
def test_make_hands_a_confirmation_on(target: str, given: dict[str, str], option: str) -> None:
    made = (".venv/.app-installed", "node_modules/.cdktf-installed")
    done = subprocess.run(
        ["make", "--silent", "IOT_DR=echo", *(f"--old-file={each}" for each in made), target],  # noqa: S607 - the user's
        cwd=ROOT,
        env={**plain_environment(), **given},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, f"{target}{option}\n")
