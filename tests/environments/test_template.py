"""A new settings file is valid and commented, and never replaces a file."""

import re
import threading
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from environments import template
from environments.blocks import Health, Recovery
from environments.data import Data
from environments.errors import SettingsError
from environments.loader import load, parse

REGIONS = ["us-east-1", "us-west-2"]


def text(
    environment: str = "test",
    project: str = "example",
    domain: str = "example.org",
    account_id: str = "012345678901",
) -> str:
    """Return a new file with these values."""
    return template.text(
        environment, project=project, domain=domain, account_id=account_id, regions=REGIONS
    )


def test_what_is_written_loads_with_the_values_that_were_given(tmp_path: Path) -> None:
    path = template.create("test", text(), tmp_path)
    assert path == tmp_path / "test.yaml"
    settings = load("test", {}, tmp_path)
    assert settings.account_id == "012345678901"
    assert settings.failover_order == ("us-east-1", "us-west-2")
    assert (settings.health, settings.recovery) == (Health(), Recovery())
    assert settings.home_region == "us-east-1"
    assert settings.device_name == "mqtt.iot-test.example.org"
    assert settings.state_bucket("us-west-2") == "example-iot-test-us-west-2"


def test_it_is_short_and_commented_and_names_its_schema() -> None:
    first, *rest = text().splitlines()
    lines = [line for line in rest if not line.startswith("#")]
    assert first == "# yaml-language-server: $schema=settings.schema.json"
    assert len(lines) == 14
    assert sum(" # " in line for line in lines) >= 6


def test_the_commented_blocks_are_valid() -> None:
    assert parse(text().encode(), "test").data == Data()
    bare = template.text(
        "test", project="a", domain="b.c", account_id="1" * 12, regions=REGIONS, has_data=False
    )
    assert parse(bare.encode(), "test").data is None
    settings = parse(re.sub(r"(?m)^# (?=(data|pipeline):|  )", "", bare).encode(), "test")
    assert settings.data == Data()
    pipeline = settings.pipeline
    assert pipeline is not None
    assert (pipeline.active_region, *pipeline.connections, pipeline.branch) == (
        REGIONS[0],
        *REGIONS,
        "test",
    )


@pytest.mark.parametrize("word", ["true", "null", "no", "on"])
def test_a_name_that_yaml_takes_for_something_else_is_put_in_quotes(word: str) -> None:
    content = text(environment=word, project=word)
    settings = parse(content.encode(), word)
    assert (settings.project, settings.environment) == (word, word)
    assert f'project: "{word}"' in content


def test_invalid_values_are_reported_without_lines() -> None:
    with pytest.raises(SettingsError) as caught:
        template.text(
            "test", project="A", domain="b", account_id="5", regions=["mars-1", "eu-west-1"]
        )
    by_key = {mistake.key: mistake for mistake in caught.value.mistakes}
    assert list(by_key) == ["project", "domain", "account_id", "regions[0]", "state.bucket_prefix"]
    assert {(each.file, each.line) for each in by_key.values()} == {("new environment", None)}
    with pytest.raises(SettingsError, match="is a list of 0; expected 2 to 5"):
        template.text("test", project="a", domain="b.c", account_id="1" * 12, regions=[])


@example("", "\ud800", "account_id")
@given(st.text(), st.text(st.characters()), st.sampled_from(["project", "domain", "account_id"]))
def test_values_are_read_back_unchanged(before: str, after: str, key: str) -> None:
    for value in (before, f"{before}\ntags: {after}", f'"{before}', f"{before} # {after}"):
        try:
            content = text(**{key: value})
        except SettingsError:
            continue
        assert getattr(parse(content.encode(), "test"), key) == value


@pytest.mark.parametrize("region", ["\ud800", "eu-west-1\ntags: {a: b}"])
def test_a_region_that_would_break_the_file_is_refused(region: str) -> None:
    with pytest.raises(SettingsError, match="new environment"):
        template.text(
            "test", project="a", domain="b.c", account_id="1" * 12, regions=[region, "eu-west-1"]
        )


def test_a_file_that_exists_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "test.yaml"
    path.write_text("mine")
    with pytest.raises(SettingsError, match=r"test\.yaml: the file exists; edit it"):
        template.create("test", text(), tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["test.yaml"]
    assert path.read_text() == "mine"


def test_of_concurrent_writers_exactly_one_succeeds(tmp_path: Path) -> None:
    barrier = threading.Barrier(8)
    written: list[str] = []

    def run(content: str) -> None:
        barrier.wait()
        try:
            template.create("test", content, tmp_path)
        except SettingsError:
            return
        written.append(content)

    contents = [text(project=f"project{number}") for number in range(8)]
    threads = [threading.Thread(target=run, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(tmp_path / "test.yaml").read_text()] == written
    assert [each.name for each in tmp_path.iterdir()] == ["test.yaml"]


def test_a_folder_that_is_not_there_is_reported(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be written: No such file or directory"):
        template.create("test", text(), tmp_path / "missing")
