"""`iot-dr synth` and `main.py` as a user runs them: processes of their own."""

import hashlib
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from environments.loader import load, names
from environments.selection import load_all
from stacks.platform_graph import platform_graph
from tests.support.command import ROOT, iot_dr, iot_dr_here, plain_environment
from tests.support.json_output import result_of

DEV = load("dev", {})
_INTERRUPT = Path(__file__).with_name("interrupt.cjs")


@dataclass(frozen=True)
class Synthesized:
    """A finished run of the command, and the folder that it wrote."""

    done: subprocess.CompletedProcess[str]
    out: Path


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Synthesized:
    """The environment `dev`, once for all tests that only read it."""
    out = tmp_path_factory.mktemp("dev") / "out"
    return Synthesized(iot_dr_here("synth", "--env", "dev", "--out", str(out)), out)


@pytest.fixture(scope="module")
def staging(tmp_path_factory: pytest.TempPathFactory) -> Synthesized:
    """The environment `staging`, which has every kind of stack, selected by the variable ENV.

    The process has everything around it that could make its output different.
    """
    folder = tmp_path_factory.mktemp("staging")
    (folder / "elsewhere").mkdir()
    out = folder / "deeper" / "out"
    done = iot_dr(
        *("synth", "--json", "--out", str(out)),
        cwd=folder / "elsewhere",
        ENV="staging",
        IOT_DR_BINDINGS="fast",
        PYTHONHASHSEED="2",
        TZ="Asia/Tokyo",
        LC_ALL="tr_TR.UTF-8",
        LANG="tr_TR",
    )
    return Synthesized(done, out)


def main_py(**env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "main.py"],
        env={**plain_environment(), **env},
        cwd=ROOT,
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


def test_synth_prints_each_stack_with_region_role_counts_and_file(dev: Synthesized) -> None:
    done = dev.done
    assert (done.returncode, done.stderr) == (0, "")
    rows = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines() if line}
    for region in DEV.regions:
        assert rows[f"iot-dev-iot-{region}"][:2] == [region, DEV.role(region)]
    for name, row in rows.items():
        if name.startswith("iot-dev-"):
            file = Path(done.stdout.split()[-1].replace("STACK", name))
            document = json.loads(file.read_text(encoding="utf-8"))
            for column, kind in ((2, "resource"), (3, "data")):
                assert int(row[column]) == sum(map(len, document.get(kind, {}).values()))


@pytest.mark.parametrize("env", ["staging", pytest.param("all", marks=pytest.mark.exhaustive)])
def test_the_json_of_synth_names_the_same_stacks_as_the_folder_has(
    env: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    done = iot_dr_here("synth", "--env", env, "--out", str(out), "--json")
    report = result_of(done.stdout)
    stacks = {stack["name"] for stack in report["stacks"]}
    assert stacks == {folder.name for folder in (out / "stacks").iterdir()}
    assert stacks == {
        node.name for settings in load_all(env, {}) for node in platform_graph(settings).nodes
    }
    for stack in report["stacks"]:
        assert (out / stack["file"]).stat().st_size == stack["bytes"]
        assert set(stack["depends_on"]) <= stacks


def test_two_synths_are_identical_whatever_the_process_around_them(
    staging: Synthesized, tmp_path: Path
) -> None:
    assert (staging.done.returncode, staging.done.stderr) == (0, "")
    other = tmp_path / "other"
    assert iot_dr_here("synth", "--env", "staging", "--out", str(other)).returncode == 0
    assert digests(other)
    assert digests(staging.out) == digests(other)


@pytest.mark.exhaustive
def test_main_writes_the_output_of_the_command_and_reads_the_environment_from_env(
    staging: Synthesized, tmp_path: Path
) -> None:
    by_main = tmp_path / "main"
    done = main_py(ENV="staging", CDKTF_OUTDIR=str(by_main))
    assert (done.returncode, done.stderr) == (0, "")
    assert digests(by_main) == digests(staging.out)


def test_env_names_the_environment_for_the_command_too(staging: Synthesized) -> None:
    stacks = result_of(staging.done.stdout)["stacks"]
    assert {stack["name"].split("-")[1] for stack in stacks} == {"staging"}


@pytest.mark.parametrize("name", ["../x", "nowhere", "/etc/passwd", "DEV", " "])
def test_an_unknown_environment_is_refused_and_the_earlier_output_stays(
    name: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    earlier = '{"version": "0.21.0", "stacks": {}}'
    (out / "manifest.json").write_text(earlier, encoding="utf-8")
    done = iot_dr_here("synth", "--env", name, "--out", str(out))
    assert done.returncode == 2
    assert ", ".join(names()) in done.stderr
    assert "Traceback" not in done.stderr
    assert (out / "manifest.json").read_text(encoding="utf-8") == earlier
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_unknown_primary_region_is_refused_by_its_variables_name() -> None:
    for done in (iot_dr("synth", PRIMARY_REGION="mars-1"), main_py(PRIMARY_REGION="mars-1")):
        assert done.returncode == 2
        assert "PRIMARY_REGION" in done.stderr
        assert "mars-1" in done.stderr
        assert "Traceback" not in done.stderr


def test_primary_region_swaps_the_roles(tmp_path: Path) -> None:
    primary = DEV.standbys[0]
    done = iot_dr_here("synth", "--json", "--out", str(tmp_path / "out"), PRIMARY_REGION=primary)
    stacks = result_of(done.stdout)["stacks"]
    roles = {stack["region"]: stack["role"] for stack in stacks if stack["kind"] == "iot"}
    assert roles[primary] == "primary"
    assert roles[DEV.primary_region] == "standby"


def test_graph_of_every_environment_is_printed_without_starting_node() -> None:
    done = iot_dr("graph", "--env", "all", "--format", "mermaid", JSII_NODE="/nowhere")
    assert done.returncode == 0
    assert done.stdout.count("flowchart TD") == len(names())


@pytest.mark.exhaustive
def test_two_synths_into_one_folder_leave_one_complete_output(tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = [sys.executable, "-m", "iot_dr", "synth", "--out", str(out), "--env"]
    runs = [
        subprocess.Popen(
            [*command, name], cwd=ROOT, env=plain_environment(), stdout=subprocess.PIPE
        )
        for name in ("dev", "staging")
    ]
    for run in runs:
        run.communicate(timeout=120)
        assert run.returncode == 0
    stacks = {folder.name for folder in (out / "stacks").iterdir()}
    assert len({name.split("-")[1] for name in stacks}) == 1
    assert set(json.loads((out / "manifest.json").read_bytes())["stacks"]) == stacks
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


_STATUS = {"SIGINT": 130, "SIGTERM": 143}
# Of some 510 texts that node parses for dev: packages, requests, and those of the synthesis.
_MOMENTS = [("SIGINT", 500)]
_MORE_MOMENTS = [
    ("SIGINT", 3),
    ("SIGINT", 250),
    ("SIGTERM", 500),
    *((name, at) for name in _STATUS for at in range(1, 500, 27)),
]


@pytest.mark.parametrize(
    ("name", "at"),
    [
        *_MOMENTS,
        *(pytest.param(*moment, marks=pytest.mark.exhaustive) for moment in _MORE_MOMENTS),
    ],
)
def test_a_signal_in_the_middle_leaves_the_earlier_output_and_nothing_next_to_it(
    dev: Synthesized, tmp_path: Path, name: str, at: int
) -> None:
    out, pid = tmp_path / "out", tmp_path / "pid"
    shutil.copytree(dev.out, out)
    before = digests(out)
    with subprocess.Popen(
        [sys.executable, "-m", "iot_dr", "synth", "--env", "dev", "--out", str(out)],
        cwd=ROOT,
        env={
            **plain_environment(),
            "NODE_OPTIONS": f'--require "{_INTERRUPT}"',
            "NODE_PID": str(pid),
            "SIGNAL": name,
            "SIGNAL_AT": str(at),
        },
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as run:
        _, said = run.communicate(timeout=120)
    assert (run.returncode, said) == (_STATUS[name], "")
    assert digests(out) == before
    assert not Path("/proc", pid.read_text("utf-8")).exists()
    assert sorted(tmp_path.iterdir()) == [out, pid]


@pytest.mark.parametrize(
    "program",
    [
        pytest.param("tests.scenarios.support.stock_synthesis", id="modules in use"),
        pytest.param("iot_dr", id="all modules", marks=pytest.mark.exhaustive),
    ],
)
def test_stock_bindings_give_the_same_bytes_for_every_kind_of_stack(
    staging: Synthesized, tmp_path: Path, program: str
) -> None:
    stock = tmp_path / "stock"
    done = iot_dr(
        *("synth", "--env", "staging", "--out", str(stock)),
        program=program,
        IOT_DR_BINDINGS="stock",
    )
    for run in (staging.done, done):
        assert (run.returncode, run.stderr) == (0, "")
    assert any("device-registry" in file for file in digests(stock))
    assert digests(staging.out) == digests(stock)
