"""Other environments' files, which are broken, endless or huge while this one's is right."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from environments.bounded_file import LARGEST_SETTINGS
from environments.errors import Mistake, SettingsError
from environments.loader import load, load_alone
from tests.environments.files import VALID, folder_with, with_pipeline
from tests.support.pipeline import PIPELINE

_BREAKS: dict[str, Callable[[Path], object]] = {
    "not YAML": lambda file: file.write_text("a: [", encoding="utf-8"),
    "not UTF-8": lambda file: file.write_bytes(b"\xff"),
    "a FIFO": os.mkfifo,
    "a device without end": lambda file: file.symlink_to("/dev/zero"),
    "a folder": lambda file: file.mkdir(),
    "too large": lambda file: file.write_bytes(b"#" * LARGEST_SETTINGS + b"\n"),
    "a link to nothing": lambda file: file.symlink_to("nowhere"),
}


@pytest.mark.usefixtures("bounded")
@pytest.mark.parametrize("break_", _BREAKS.values(), ids=_BREAKS)
def test_a_file_that_cannot_be_read_stops_no_other_environment_and_is_not_judged(
    tmp_path: Path, break_: Callable[[Path], object]
) -> None:
    folder_with(tmp_path, dev=with_pipeline("dev", "staging"))
    break_(tmp_path / "staging.yaml")
    assert load("dev", {}, tmp_path).environment == "dev"


@pytest.mark.parametrize(
    "others",
    [
        {"staging": VALID.replace("environment: dev", "environment: staging")},
        {},
    ],
    ids=["an environment without a pipeline", "no environment"],
)
def test_a_mistake_in_the_promotion_stops_a_rollout_and_no_command_for_an_outage(
    tmp_path: Path, others: dict[str, str]
) -> None:
    folder_with(tmp_path, dev=with_pipeline("dev", "staging"), **others)
    with pytest.raises(SettingsError, match=r"pipeline\.promoted_from"):
        load("dev", {}, tmp_path)
    assert load_alone("dev", {}, tmp_path).environment == "dev"


def test_a_mistake_in_the_file_itself_stops_every_command(tmp_path: Path) -> None:
    folder_with(tmp_path, dev=VALID.replace("ttl: 60", "ttl: 0"))
    for read in (load, load_alone):
        with pytest.raises(SettingsError, match=r"endpoint\.ttl"):
            read("dev", {}, tmp_path)


def test_what_a_file_holds_cannot_command_the_terminal_that_shows_it(tmp_path: Path) -> None:
    hostile = r"{" + r'"eu-west-1\e]0;mine\a": "x", eu-central-1: "y", eu-west-2: "z"' + "}"
    text = with_pipeline("dev", "null").replace(str(dict(PIPELINE["connections"])), hostile)
    folder_with(tmp_path, dev=text)
    with pytest.raises(SettingsError) as refused:
        load("dev", {}, tmp_path)
    shown = str(refused.value)
    assert r"eu-west-1\x1b]0;mine\x07" in shown
    assert shown.replace("\n", "").isprintable()


def test_a_mistake_is_one_line_whatever_its_message_quotes() -> None:
    mistake = Mistake("dev.yaml", 1, "key", "a\nb", "is not among c\r\n\u2028d\u202e")
    assert str(mistake) == r"dev.yaml:1: key: 'a\nb' is not among c\r\n\u2028d\u202e"
