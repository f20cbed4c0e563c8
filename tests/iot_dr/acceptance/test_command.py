"""Commands as an acceptance run starts them: in processes of their own."""

import signal
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path

import pytest

from iot_dr.acceptance.command import run_command


class _Interrupting(StringIO):
    """Standard error that gets Ctrl-C with its first line."""

    def write(self, text: str) -> int:
        if not self.getvalue():
            signal.raise_signal(signal.SIGINT)
        return super().write(text)


def test_a_command_gives_its_document(tmp_path: Path) -> None:
    ran = run_command("synth", "--env", "dev", "--out", str(tmp_path / "out"))
    assert ran.status == 0
    assert ran.document["out"] == str(tmp_path / "out")


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
