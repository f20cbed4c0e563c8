"""Commands as an acceptance run starts them: in processes of their own."""

import signal
import subprocess
import sys
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from types import FrameType

import pytest

from iot_dr.acceptance.command import run_command


class _Interrupting(StringIO):
    """Standard error that gets Ctrl-C with its first line."""

    def write(self, text: str) -> int:
        if not self.getvalue():
            signal.raise_signal(signal.SIGINT)
        return super().write(text)


def test_a_command_gives_its_document() -> None:
    ran = run_command("env", "show", "dev")
    assert ran.status == 0
    assert ran.document["environment"] == "dev"


def test_a_command_runs_no_code_of_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "iot_dr").mkdir()
    for name in ("iot_dr/__init__.py", "iot_dr/__main__.py", "json.py", "typing.py"):
        (tmp_path / name).write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    monkeypatch.chdir(tmp_path)
    assert run_command("rto", "--env", "nowhere").status == 2
    assert not (tmp_path / "ran").exists()


def test_a_command_that_fails_gives_its_words_which_the_user_sees_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    ran = run_command("rto", "--env", "nowhere")
    assert (ran.status, ran.document) == (2, {})
    assert "nowhere" in ran.text
    assert "nowhere" in capsys.readouterr().err


def test_ctrl_c_ends_the_command_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    heard = _Interrupting()
    with redirect_stderr(heard), pytest.raises(KeyboardInterrupt):
        run_command("deploy", "--env", "dev", "--provider", "standin")
    assert heard.getvalue().startswith("    Provider: STAND-IN")
    assert not [*tmp_path.rglob("*.tfstate")]


def test_ctrl_c_that_comes_while_a_command_starts_leaves_no_command_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[str]] = []

    def interrupt(frame: FrameType, event: str, _: object) -> None:
        # The process is there, and its caller does not have it yet.
        if event == "return" and frame.f_code.co_name == "_execute_child":
            sys.setprofile(None)
            started.append(frame.f_locals["self"])
            signal.raise_signal(signal.SIGINT)

    monkeypatch.chdir(tmp_path)
    sys.setprofile(interrupt)
    with pytest.raises(KeyboardInterrupt):
        run_command("synth", "--env", "dev", "--out", "out")
    assert started[0].returncode is not None
    assert not Path("out").exists()


def test_a_command_goes_on_when_nobody_reads_its_words() -> None:
    class Unread(StringIO):
        def write(self, _text: str) -> int:
            raise BrokenPipeError

    with redirect_stderr(Unread()):
        ran = run_command("rto", "--env", "nowhere")
    assert ran.status == 2
    assert "nowhere" in ran.text
