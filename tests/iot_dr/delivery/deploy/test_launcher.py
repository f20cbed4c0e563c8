"""Terraform as cdktf starts it; here a script is in Terraform's place."""

import fcntl
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
from io import RawIOBase
from pathlib import Path

import pytest

from iot_dr.delivery.deploy.folder import DeployFolderError, deploy_folder
from iot_dr.delivery.deploy.launcher import RunFile, launcher
from iot_dr.terraform.engine import Engine
from tests.support.executable import executable

# Notes each interrupt, and ends with its standard input. One that comes just before a read begins
# would only be noted at the read's end, hence the short waits.
COUNTING = """\
import os, select, signal, sys
signal.signal(signal.SIGINT, lambda *_: os.write(1, b"interrupted\\n"))
print(sys.argv[1:], flush=True)
while not select.select([0], [], [], 0.05)[0]:
    pass
sys.stdin.buffer.read()
sys.exit(7)
"""
# Ends with its first interrupt, and leaves a note of it.
WAITING = """\
import pathlib, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
print("ready", flush=True)
if signal.sigtimedwait([signal.SIGINT], 20):
    pathlib.Path(sys.argv[1]).write_text("interrupted")
"""
# Heeds no interrupt, and has a child that holds what it holds.
HANGING = """\
import signal, subprocess, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
child = "import sys; print('ready', flush=True); sys.stdin.read()"
subprocess.run([sys.executable, "-c", child], close_fds=False)
"""
SETSID = shutil.which("setsid") or "setsid"
OWN_SESSION = "import os; print(os.getsid(0) == os.getpid())"
KILLED = "import os; os.kill(os.getpid(), 9)"


def engine(folder: Path, script: str) -> Engine:
    program = executable(folder / "program", f"#!{sys.executable} -IS\n{script}")
    return Engine(program=str(program))


def start(program: Path, *arguments: str) -> subprocess.Popen[bytes]:
    pipe = subprocess.PIPE
    return subprocess.Popen([program, *arguments], stdin=pipe, stdout=pipe, stderr=pipe)


def start_at_terminal(program: Path, *arguments: str) -> tuple[subprocess.Popen[bytes], int]:
    """Start as cdktf does, at a terminal made for it; give the terminal's other end."""
    terminal, side = pty.openpty()
    process = subprocess.Popen(
        [SETSID, "--ctty", program, *arguments], stdin=side, stdout=side, stderr=side
    )
    os.close(side)
    return process, terminal


def read_until(screen: RawIOBase, text: bytes) -> bytes:
    shown = b""
    while text not in shown:
        shown += screen.read(1) or b""
    return shown


def line(process: subprocess.Popen[bytes]) -> bytes:
    assert process.stdout is not None
    assert select.select([process.stdout], [], [], 20)[0], "Terraform is silent"
    return process.stdout.readline()


def test_arguments_and_status_pass_through(tmp_path: Path) -> None:
    with launcher(engine(tmp_path, COUNTING)) as made:
        process = start(made.program, "apply", "a b", "")
        output, _ = process.communicate(timeout=30)
    assert output == b"['apply', 'a b', '']\n"
    assert process.returncode == 7


@pytest.mark.parametrize("status", [0, 7])
def test_what_a_command_prints_on_a_stack_goes_into_a_file_of_its_own(
    tmp_path: Path, status: int
) -> None:
    stack, runs = tmp_path / "iot-dev-state", tmp_path / "runs"
    stack.mkdir()
    runs.mkdir()
    script = f"import os, sys; os.write(2, b'whole\\n'); print(sys.argv[1:]); sys.exit({status})"
    with launcher(engine(tmp_path, script), runs) as made:
        for arguments in (["apply", "-no-color"], ["output", "-no-color"]):
            done = subprocess.run(
                [made.program, *arguments], cwd=stack, capture_output=True, text=True, check=False
            )
            assert done.returncode == status
            if arguments[0] == "apply":
                lines = f"program apply begins\nprogram apply ended with status {status}\n"
                assert done.stdout == lines
    assert done.stdout == "['output', '-no-color']\n"
    (run,) = RunFile.all_in(runs)
    assert (run.stack, run.command, run.status) == ("iot-dev-state", "apply", status)
    assert run.path.read_text() == "whole\n['apply']\n"
    assert run.path.stat().st_mode & 0o777 == 0o600


def test_a_killed_terraform_has_the_status_that_a_shell_gives_it(tmp_path: Path) -> None:
    with launcher(engine(tmp_path, KILLED)) as made:
        process = start(made.program)
        process.communicate(timeout=30)
    assert process.returncode == 128 + signal.SIGKILL


def test_terraform_hears_of_ctrl_c_once_however_often_it_comes(tmp_path: Path) -> None:
    with launcher(engine(tmp_path, COUNTING)) as made:
        process = start(made.program)
        line(process)
        process.send_signal(signal.SIGINT)
        assert line(process) == b"interrupted\n"
        for again in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            process.send_signal(again)
        output, _ = process.communicate(timeout=30)
    assert output == b""
    assert process.returncode == 7


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_whatever_would_end_it_reaches_terraform_as_an_interrupt(
    tmp_path: Path, number: signal.Signals
) -> None:
    with launcher(engine(tmp_path, COUNTING)) as made:
        process = start(made.program)
        line(process)
        process.send_signal(number)
        try:
            assert line(process) == b"interrupted\n"
        finally:
            process.communicate(timeout=30)


def test_terraform_ends_by_itself_when_its_terminal_is_closed(tmp_path: Path) -> None:
    note = tmp_path / "note"
    with launcher(engine(tmp_path, WAITING)) as made:
        process, terminal = start_at_terminal(made.program, str(note))
        os.read(terminal, 1)
        os.close(terminal)
        made.wait()
        process.wait(timeout=30)
    assert note.read_text() == "interrupted"


def test_ctrl_c_at_its_terminal_reaches_terraform_once(tmp_path: Path) -> None:
    with launcher(engine(tmp_path, COUNTING)) as made:
        process, terminal = start_at_terminal(made.program)
        with os.fdopen(terminal, "r+b", buffering=0) as screen:
            shown = read_until(screen, b"]")
            screen.write(b"\x03")
            shown += read_until(screen, b"interrupted")
            # The end of its input.
            screen.write(b"\x04")
            process.wait(timeout=30)
            shown += screen.read(4096) if select.select([screen], [], [], 0)[0] else b""
    assert shown.count(b"interrupted") == 1
    assert process.returncode == 7


def test_the_terminals_own_signals_do_not_reach_terraform_a_second_time(tmp_path: Path) -> None:
    with launcher(engine(tmp_path, OWN_SESSION)) as made:
        process = start(made.program)
        assert line(process) == b"True\n"
        process.communicate(timeout=30)


def test_a_run_is_waited_for_although_its_caller_is_gone(tmp_path: Path) -> None:
    with launcher(engine(tmp_path, COUNTING)) as made:
        process = start(made.program)
        line(process)
        process.kill()
        process.wait(timeout=30)
        with (
            made.program.with_name("running").open("rb") as running,
            pytest.raises(BlockingIOError),
        ):
            fcntl.flock(running, fcntl.LOCK_EX | fcntl.LOCK_NB)
        process.communicate(timeout=30)
        made.wait()


def test_a_terraform_that_hangs_is_killed_with_what_it_started(tmp_path: Path) -> None:
    with launcher(engine(tmp_path, HANGING)) as made:
        process = start(made.program)
        assert line(process) == b"ready\n"
        process.send_signal(signal.SIGINT)
        made.kill()
        made.wait()
        assert process.wait(timeout=30) == 128 + signal.SIGKILL
        process.communicate()


def test_what_has_ended_is_not_killed_again(tmp_path: Path) -> None:
    with launcher(engine(tmp_path, OWN_SESSION)) as made:
        start(made.program).communicate(timeout=30)
        assert [path.name for path in made.program.parent.glob("[0-9]*")] == []


def test_no_deploy_begins_while_terraform_of_one_that_was_killed_runs(tmp_path: Path) -> None:
    (tmp_path / "dev" / "runs").mkdir(parents=True)
    with launcher(engine(tmp_path, COUNTING), tmp_path / "dev" / "runs") as made:
        process = start(made.program, "output")
        line(process)
        process.kill()
        process.wait(timeout=30)
        refused = pytest.raises(DeployFolderError, match="/dev: Terraform still ends")
        with refused, deploy_folder("dev", tmp_path):
            pytest.fail("its folders would be cleared")
        process.communicate(timeout=30)
        made.wait()
    with deploy_folder("dev", tmp_path):
        pass


def test_nothing_begins_once_it_is_stopped(tmp_path: Path) -> None:
    with launcher(engine(tmp_path, COUNTING)) as made:
        assert made.stop()
        assert not made.stop()
        process = start(made.program)
        output, errors = process.communicate(timeout=30)
    assert (output, errors) == (b"", b"interrupted: no command is started any more\n")
    assert process.returncode == 1


def test_terraform_out_of_the_library_runs(tmp_path: Path) -> None:
    with launcher(Engine.chosen({})) as made:
        done = subprocess.run(
            [made.program, "version"], cwd=tmp_path, capture_output=True, text=True, check=True
        )
    assert done.stdout.startswith("Terraform v1.")


def test_a_run_file_that_is_renamed_while_the_folder_is_listed_is_left_out(tmp_path: Path) -> None:
    # Its name is there, and what it leads to is not.
    (tmp_path / "iot-dev-iot-eu-west-1.apply").symlink_to("renamed")
    (tmp_path / "iot-dev-state.apply.0").touch()
    assert [run.stack for run in RunFile.all_in(tmp_path)] == ["iot-dev-state"]
