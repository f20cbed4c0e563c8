import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from environments.project import ROOT_VARIABLE
from iot_dr.delivery.deploy.cdktf import Cdktf, CdktfMissingError, cdktf_program
from iot_dr.delivery.deploy.launcher import launcher
from iot_dr.terraform.engine import Engine
from tests.environments.files import project_with
from tests.support.command import ROOT, plain_environment
from tests.support.executable import executable

# In the place of cdktf: heeds no signal, and holds a pipe open, for as long as no test takes.
HANGING_CDKTF = """\
for (const name of ["SIGHUP", "SIGINT", "SIGTERM"]) process.on(name, () => {});
require("fs").openSync("{lock_pipe}", "w");
console.log("ready");
setTimeout(() => {}, 60000);
"""
# Ends at once, but for a Terraform that heeds no interrupt and holds a pipe open.
HANGING_TERRAFORM = """\
const { spawn } = require("child_process");
spawn(process.env.TERRAFORM_BINARY_NAME, ["apply"], { stdio: "inherit", detached: true }).unref();
setTimeout(() => {}, 60000);
"""
DYING_CDKTF = HANGING_TERRAFORM.replace("setTimeout(() => {}, 60000);", "")
LASTING_TERRAFORM = f"""\
#!{sys.executable} -IS
import pathlib
import time
print("ready", flush=True)
time.sleep(0.3)
pathlib.Path("{{ended}}").touch()
"""
TERRAFORM = f"""\
#!{sys.executable} -IS
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.alarm(60)
lock_pipe = open("{{lock_pipe}}", "wb")
print("ready", flush=True)
signal.pause()
"""
RUN = """\
import sys
from pathlib import Path
from iot_dr.delivery.deploy.cdktf import Cdktf
from iot_dr.delivery.deploy.launcher import launcher
from iot_dr.terraform.engine import Engine
folder = Path(sys.argv[1])
with launcher(Engine(program=str(folder / "terraform"))) as made:
    cdktf = Cdktf(program=folder / "cdktf.js", launcher=made, out=folder, variables={})
    cdktf.run("deploy", ["*"], lambda line: print(line, flush=True))
"""


@pytest.fixture
def lock_pipe(tmp_path: Path) -> Iterator[int]:
    """The reading end of a pipe, which ends when nobody holds it any more."""
    os.mkfifo(tmp_path / "lock_pipe")
    handle = os.open(tmp_path / "lock_pipe", os.O_RDONLY | os.O_NONBLOCK)
    yield handle
    os.close(handle)


def begun(folder: Path, cdktf: str) -> subprocess.Popen[bytes]:
    """Run cdktf in a process of its own, until what hangs has begun."""
    for name, text in (("cdktf.js", cdktf), ("terraform", TERRAFORM)):
        executable(folder / name, text.replace("{lock_pipe}", str(folder / "lock_pipe")))
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, str(folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_cdktf_that_hangs_ends_at_the_first_signal_and_when_its_caller_is_killed(
    lock_pipe: int, tmp_path: Path, number: signal.Signals
) -> None:
    with begun(tmp_path, HANGING_CDKTF) as process:
        process.send_signal(number)
        assert select.select([lock_pipe], [], [], 30)[0]
        assert os.read(lock_pipe, 1) == b""
        process.communicate(timeout=30)
    assert process.returncode == -number


def test_a_second_signal_kills_a_terraform_that_hangs(lock_pipe: int, tmp_path: Path) -> None:
    with begun(tmp_path, HANGING_TERRAFORM) as process:
        assert process.stderr is not None
        process.send_signal(signal.SIGINT)
        assert process.stderr.readline() == b"\n"
        assert b"A second Ctrl-C kills it" in process.stderr.readline()
        assert not select.select([lock_pipe], [], [], 0)[0]
        # Within a second it would count as the same order.
        time.sleep(1.1)
        process.send_signal(signal.SIGINT)
        assert select.select([lock_pipe], [], [], 30)[0]
        assert os.read(lock_pipe, 1) == b""
        process.communicate(timeout=30)
    assert process.returncode == -signal.SIGINT


def test_terraform_has_ended_where_what_cdktf_prints_cannot_be_taken(tmp_path: Path) -> None:
    ended = tmp_path / "ended"
    program = executable(tmp_path / "cdktf.js", DYING_CDKTF)
    terraform = executable(tmp_path / "terraform", LASTING_TERRAFORM.format(ended=ended))

    def full(line: str) -> None:
        raise OSError(line)

    with launcher(Engine(program=str(terraform))) as made:
        cdktf = Cdktf(program=program, launcher=made, out=tmp_path, variables={})
        with pytest.raises(OSError, match="ready"):
            cdktf.run("deploy", ["*"], full)
        assert ended.exists()


def test_a_missing_command_line_is_reported_with_what_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(ROOT_VARIABLE)
    monkeypatch.chdir(project_with(tmp_path))
    with pytest.raises(CdktfMissingError, match=r"\.bin/cdktf: .* run `make cdktf-cli`"):
        cdktf_program()


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


def test_what_cdktf_says_on_either_stream_is_a_line(tmp_path: Path) -> None:
    program, lines = tmp_path / "cdktf.js", list[str]()
    program.write_text('console.log("one"); console.error("two");')
    with launcher(Engine(program="terraform")) as made:
        cdktf = Cdktf(program=program, launcher=made, out=tmp_path, variables={})
        assert cdktf.run("deploy", ["*"], lines.append) == 0
    assert lines == ["one", "two"]
