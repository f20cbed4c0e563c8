"""`iot-dr synth` and `main.py` as a user runs them: processes of their own."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
IOT_DR = (sys.executable, "-m", "iot_dr")


def run(
    *command: str, env: Mapping[str, str] | None = None, cwd: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    plain = {name: value for name, value in os.environ.items() if name != "PRIMARY_REGION"}
    return subprocess.run(
        command,
        env={**plain, "PYTHONPATH": str(ROOT), **(env or {})},
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def digests(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def test_synth_prints_each_stack_with_region_role_counts_and_file(tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run(*IOT_DR, "synth", "--env", "dev", "--out", str(out))
    assert (done.returncode, done.stderr) == (0, "")
    rows = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines() if line}
    assert rows["iot-dev-iot-eu-central-1"][:2] == ["eu-central-1", "standby"]
    for name, row in rows.items():
        if name.startswith("iot-dev-"):
            document = json.loads(Path(row[-1]).read_text(encoding="utf-8"))
            for column, kind in ((2, "resource"), (3, "data")):
                assert int(row[column]) == sum(map(len, document.get(kind, {}).values()))


def test_synth_for_machines_names_the_same_stacks_as_the_folder_has(tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run(*IOT_DR, "synth", "--env", "all", "--out", str(out), "--json")
    report = json.loads(done.stdout)
    names = {stack["name"] for stack in report["stacks"]}
    assert names == {folder.name for folder in (out / "stacks").iterdir()}
    assert {name.split("-")[1] for name in names} == {"dev", "staging", "prod"}
    for stack in report["stacks"]:
        assert (out / stack["file"]).stat().st_size == stack["bytes"]
        assert set(stack["depends_on"]) <= names


def test_two_synths_are_identical_whatever_the_process_around_them(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    one, other = tmp_path / "one", tmp_path / "deeper" / "other"
    first = run(*IOT_DR, "synth", "--out", str(one), env={"PYTHONHASHSEED": "1", "TZ": "UTC"})
    second = run(
        *IOT_DR,
        "synth",
        "--out",
        str(other),
        cwd=elsewhere,
        env={"PYTHONHASHSEED": "2", "TZ": "Asia/Tokyo", "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR"},
    )
    assert (first.returncode, second.returncode) == (0, 0), second.stderr
    assert digests(one)
    assert digests(one) == digests(other)


def test_main_gives_what_the_command_gives_and_takes_the_environment_from_env(
    tmp_path: Path,
) -> None:
    by_command, by_main = tmp_path / "command", tmp_path / "main"
    run(*IOT_DR, "synth", "--env", "staging", "--out", str(by_command))
    done = run(sys.executable, "main.py", env={"ENV": "staging", "CDKTF_OUTDIR": str(by_main)})
    assert (done.returncode, done.stderr) == (0, "")
    assert digests(by_main) == digests(by_command)


@pytest.mark.parametrize("name", ["../x", "nowhere", "", "/etc/passwd", "DEV"])
def test_an_environment_that_is_none_is_refused_and_the_earlier_output_stays(
    name: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "manifest.json").write_text("earlier", encoding="utf-8")
    done = run(*IOT_DR, "synth", "--env", name, "--out", str(out))
    assert done.returncode == 2
    assert "dev, prod, staging" in done.stderr
    assert "Traceback" not in done.stderr
    assert (out / "manifest.json").read_text(encoding="utf-8") == "earlier"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("command", [(*IOT_DR, "synth"), (sys.executable, "main.py")], ids=len)
def test_a_primary_region_that_is_none_is_refused_by_its_variables_name(
    command: tuple[str, ...],
) -> None:
    done = run(*command, env={"PRIMARY_REGION": "mars-1"})
    assert done.returncode == 2
    assert "PRIMARY_REGION" in done.stderr
    assert "mars-1" in done.stderr
    assert "Traceback" not in done.stderr


def test_primary_region_swaps_the_roles(tmp_path: Path) -> None:
    done = run(
        *IOT_DR, "synth", "--json", "--out", str(tmp_path / "out"),
        env={"PRIMARY_REGION": "eu-central-1"},
    )  # fmt: skip
    roles = {stack["name"]: stack["role"] for stack in json.loads(done.stdout)["stacks"]}
    assert roles["iot-dev-iot-eu-central-1"] == "primary"
    assert roles["iot-dev-iot-eu-west-1"] == "standby"


def test_graph_of_every_environment_is_printed_without_synthesis() -> None:
    done = run(*IOT_DR, "graph", "--env", "all", "--format", "mermaid")
    assert done.returncode == 0
    assert done.stdout.count("flowchart TD") == 3
