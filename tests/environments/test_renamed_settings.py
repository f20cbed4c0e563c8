"""Settings under their old names, which a file may use for one version."""

from pathlib import Path

import pytest

from environments.errors import SettingsError
from environments.loader import load, parse
from tests.environments.files import VALID, folder_with, mistakes, with_pipeline

OLD = f"""\
{with_pipeline("dev", "null").replace("active_region:", "active:")}\
  bake: 20
leaving: [eu-north-1]
data:
  provisioning: {{by: fleet-provisioning}}
"""
NEW = (
    OLD.replace("active:", "active_region:")
    .replace("bake:", "bake_minutes:")
    .replace("leaving:", "leaving_regions:")
    .replace("by:", "method:")
)


def line_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


def test_old_names_give_the_same_settings_and_are_warned_about_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # On lines of its own: a process warns about a line once, and other tests read `OLD` too.
    old = "\n" * 100 + OLD
    folder_with(tmp_path, dev=old)
    assert load("dev", {}, tmp_path) == load("dev", {}, tmp_path) == parse(NEW.encode(), "dev")
    assert capsys.readouterr().err.splitlines() == [
        f"environments/dev.yaml:{line_of(old, f'{key}:')}: {path}{key}: renamed to {new};"
        " the old name is accepted until 0.3"
        for path, key, new in (
            ("", "leaving", "leaving_regions"),
            ("pipeline.", "active", "active_region"),
            ("pipeline.", "bake", "bake_minutes"),
            ("data.provisioning.", "by", "method"),
        )
    ]


def test_the_version_after_refuses_old_names_and_names_the_new_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    about = tmp_path / "iot_dr-0.3.1.dist-info/METADATA"
    about.parent.mkdir()
    about.write_text("Metadata-Version: 2.1\nName: iot-dr\nVersion: 0.3.1\n")
    monkeypatch.syspath_prepend(tmp_path)
    refused = {str(each.line): each.message for each in mistakes(OLD)}
    for part, new in (("leaving:", "leaving_regions"), ("bake:", "bake_minutes")):
        message = f"is the old name of {new}, since 0.3: write {new}"
        assert refused[str(line_of(OLD, part))] == message
    assert len(refused) == 4
    folder_with(tmp_path, dev=OLD)
    with pytest.raises(SettingsError):
        load("dev", {}, tmp_path)
    folder_with(tmp_path, dev=NEW)
    load("dev", {}, tmp_path)
    assert not capsys.readouterr().err


@pytest.mark.parametrize(
    ("setting", "old", "new", "value"),
    [
        ("leaving", "leaving", "leaving_regions", "[]"),
        ("pipeline.bake", "bake", "  bake_minutes", "20"),
        ("pipeline.active", "active", "  active_region", "eu-west-1"),
    ],
)
def test_both_names_are_one_mistake(setting: str, old: str, new: str, value: str) -> None:
    line, name = line_of(OLD, f"{old}:"), new.strip()
    lines = OLD.splitlines()
    lines.insert(line, f"{new}: {value}")
    (mistake,) = mistakes("\n".join([*lines, ""]))
    message = f"is the old name of {name}, which is given too; expected only {name}"
    assert (mistake.line, mistake.key, mistake.message) == (line, setting, message)


def test_a_mistake_in_an_old_setting_has_its_line() -> None:
    (mistake,) = mistakes(f"{VALID}leaving: [eu-nort-1]\n")
    assert (mistake.line, mistake.key) == (14, "leaving_regions[0]")
    (mistake,) = mistakes(f"{VALID}leaving: !!set {{}}\n")
    assert (mistake.line, "tag" in mistake.message) == (14, True)


@pytest.mark.parametrize("first", ["wrong", "[]", "{branch: main}"])
def test_a_block_that_is_given_twice_stays_a_mistake(first: str) -> None:
    found_mistakes = mistakes(
        f"{VALID}pipeline: {first}\npipeline: {{active: eu-west-1, bake: 5}}\n"
    )
    assert "is given twice; it is already in line 14" in [each.message for each in found_mistakes]
