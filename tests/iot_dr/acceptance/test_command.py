"""Commands as an acceptance run starts them: in processes of their own."""

from pathlib import Path

import pytest

from iot_dr.acceptance.command import run_command


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
