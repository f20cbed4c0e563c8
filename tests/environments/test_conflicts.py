"""Conflicts with other environments' files, which may be broken, endless or huge."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from environments.bounded_file import LARGEST_SETTINGS
from environments.errors import Mistake, SettingsError
from environments.loader import load, load_without_cross_checks
from environments.selection import load_all
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
def test_an_unreadable_file_does_not_affect_other_environments(
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
def test_a_mistake_in_promotion_stops_rollouts_but_not_outage_commands(
    tmp_path: Path, others: dict[str, str]
) -> None:
    folder_with(tmp_path, dev=with_pipeline("dev", "staging"), **others)
    with pytest.raises(SettingsError, match=r"pipeline\.promoted_from"):
        load("dev", {}, tmp_path)
    assert load_without_cross_checks("dev", {}, tmp_path).environment == "dev"


def test_a_mistake_in_the_file_itself_stops_every_command(tmp_path: Path) -> None:
    folder_with(tmp_path, dev=VALID.replace("ttl: 60", "ttl: 0"))
    for read in (load, load_without_cross_checks):
        with pytest.raises(SettingsError, match=r"endpoint\.ttl"):
            read("dev", {}, tmp_path)


def test_control_characters_of_a_file_do_not_reach_the_terminal(tmp_path: Path) -> None:
    hostile = r"{" + r'"eu-west-1\e]0;mine\a": "x", eu-central-1: "y", eu-west-2: "z"' + "}"
    text = with_pipeline("dev", "null").replace(str(dict(PIPELINE["connections"])), hostile)
    folder_with(tmp_path, dev=text)
    with pytest.raises(SettingsError) as refused:
        load("dev", {}, tmp_path)
    shown = str(refused.value)
    assert r"eu-west-1\x1b]0;mine\x07" in shown
    assert shown.replace("\n", "").isprintable()


def test_a_mistake_is_one_line_whatever_its_message_quotes() -> None:
    mistake = Mistake("environments/dev.yaml", 1, "key", "a\nb", "is not among c\r\n\u2028d\u202e")
    assert str(mistake) == r"environments/dev.yaml:1: key: 'a\nb' is not among c\r\n\u2028d\u202e"


DATA = "data: {}\n"


def file(name: str, block: str = DATA, **lines: str) -> str:
    """Return the file of an environment, with lines replaced by their keys."""
    text = VALID.replace("environment: dev", f"environment: {name}")
    for key, value in lines.items():
        text = "\n".join(
            f"{key}: {value}" if line.startswith(f"{key}:") else line for line in text.split("\n")
        )
    return text + block


def mistakes(folder: Path, name: str) -> tuple[Mistake, ...]:
    with pytest.raises(SettingsError) as refusal:
        load(name, {}, folder)
    return refusal.value.mistakes


def test_both_are_refused_with_file_line_key_and_what_to_do(tmp_path: Path) -> None:
    folder_with(tmp_path, dev=file("dev"), staging=file("staging"))
    for name, other in (("dev", "staging"), ("staging", "dev")):
        (mistake,) = mistakes(tmp_path, name)
        assert str(mistake) == (
            f"environments/{name}.yaml:14: data: is also in environments/{other}.yaml,"
            " in the same account (111111111111) and"
            " eu-west-1, eu-central-1: AWS IoT has one device registry per account and region, so"
            f" {name} and {other} would copy each other's devices; expected another account, other"
            " regions, or data: null in one of them"
        )


def test_a_single_shared_region_is_a_conflict(tmp_path: Path) -> None:
    regions = "[eu-north-1, eu-central-1]"
    other = file("staging", regions=regions, home_region="eu-north-1", primary_region="eu-north-1")
    folder_with(tmp_path, dev=file("dev"), staging=other)
    (mistake,) = mistakes(tmp_path, "dev")
    assert "(111111111111) and eu-central-1: AWS" in mistake.message


def test_a_region_that_is_leaving_still_has_its_registry(tmp_path: Path) -> None:
    there = "[eu-north-1, us-east-2]"
    other = file("staging", regions=there, home_region="eu-north-1", primary_region="eu-north-1")
    folder_with(tmp_path, dev=file("dev", f"leaving_regions: [us-east-2]\n{DATA}"), staging=other)
    (mistake,) = mistakes(tmp_path, "dev")
    assert "and us-east-2: AWS" in mistake.message


@pytest.mark.parametrize(
    "other",
    [
        file("staging", ""),
        file("staging", "data: null\n"),
        file("staging", account_id='"222222222222"'),
        file(
            "staging",
            regions="[eu-north-1, us-east-2]",
            home_region="eu-north-1",
            primary_region="eu-north-1",
        ),
    ],
    ids=["without data", "data is null", "another account", "other regions"],
)
def test_environments_without_a_shared_registry_are_valid(other: str, tmp_path: Path) -> None:
    folder_with(tmp_path, dev=file("dev"), staging=other)
    assert [each.environment for each in load_all("all", {}, tmp_path)] == ["dev", "staging"]


def test_every_conflict_is_reported_with_other_mistakes(tmp_path: Path) -> None:
    dev = file("dev").replace("ttl: 60", "ttl: -1")
    folder_with(tmp_path, dev=dev, prod=file("prod"), staging=file("staging"))
    found_mistakes = mistakes(tmp_path, "dev")
    places = [(each.line, each.key) for each in found_mistakes]
    assert places == [(10, "endpoint.ttl"), (14, "data"), (14, "data")]
    assert "environments/prod.yaml" in found_mistakes[1].message
    assert "environments/staging.yaml" in found_mistakes[2].message


@pytest.mark.parametrize("content", [b"", b"\xff", b"data: 1\n", b"data: {}\nregions: 5\n", b"- 1"])
def test_an_invalid_file_is_only_reported_for_its_own_environment(
    content: bytes, tmp_path: Path
) -> None:
    folder_with(tmp_path, dev=file("dev"), other=content)
    assert load("dev", {}, tmp_path).data is not None


def test_a_chain_of_environments_is_accepted(tmp_path: Path) -> None:
    folder_with(
        tmp_path,
        dev=with_pipeline("dev", "null"),
        staging=with_pipeline("staging", "dev"),
        prod=with_pipeline("prod", "staging"),
    )
    found_mistakes = [each.pipeline for each in load_all("all", {}, tmp_path)]
    assert [each and each.promoted_from for each in found_mistakes] == [None, "staging", "dev"]


def test_an_environment_that_is_not_there_is_refused_with_file_line_and_key(
    tmp_path: Path,
) -> None:
    folder_with(
        tmp_path, dev=with_pipeline("dev", "stagin"), staging=with_pipeline("staging", "null")
    )
    (mistake,) = mistakes(tmp_path, "dev")
    assert (mistake.file, mistake.line, mistake.key) == (
        "environments/dev.yaml",
        19,
        "pipeline.promoted_from",
    )
    assert mistake.message == (
        "is not an environment; did you mean 'staging'? existing environments: staging"
    )


def test_an_environment_without_a_pipeline_has_no_branch(tmp_path: Path) -> None:
    folder_with(tmp_path, dev=VALID, staging=with_pipeline("staging", "dev"))
    (mistake,) = mistakes(tmp_path, "staging")
    assert mistake.message == "has no pipeline, and so no branch to be promoted from"


@pytest.mark.parametrize("chain", [["dev"], ["dev", "staging"], ["dev", "staging", "prod"]])
def test_environments_that_wait_for_each_other_are_named(chain: list[str], tmp_path: Path) -> None:
    for name, earlier in zip(chain, [*chain[1:], chain[0]], strict=True):
        folder_with(tmp_path, **{name: with_pipeline(name, earlier)})
    (mistake,) = mistakes(tmp_path, "dev")
    cycle = " <- ".join([*chain, "dev"])
    assert mistake.message == (
        f"depends on this environment: {cycle}; expected null in the first of them"
    )


def test_a_cycle_of_other_environments_is_not_reported_here(tmp_path: Path) -> None:
    folder_with(
        tmp_path,
        dev=with_pipeline("dev", "a"),
        a=with_pipeline("a", "b"),
        b=with_pipeline("b", "a"),
    )
    assert load("dev", {}, tmp_path).environment == "dev"


def test_it_is_reported_together_with_all_else(tmp_path: Path) -> None:
    folder_with(tmp_path, dev=with_pipeline("dev", "nowhere").replace("ttl: 60", "ttl: -1"))
    found_mistakes = mistakes(tmp_path, "dev")
    assert [each.key for each in found_mistakes] == ["endpoint.ttl", "pipeline.promoted_from"]


@pytest.mark.parametrize("given", ["[dev]", "1", "../dev", "Dev", "'a\\nb'"])
def test_promoted_from_must_be_a_name(given: str, tmp_path: Path) -> None:
    folder_with(tmp_path, dev=with_pipeline("dev", given))
    assert "pipeline.promoted_from" in {each.key for each in mistakes(tmp_path, "dev")}


def test_two_environments_cannot_have_the_same_branch_of_a_repository(tmp_path: Path) -> None:
    of_dev = with_pipeline("demo", "null").replace("of-demo", "of-dev")
    staging = with_pipeline("staging", "dev").replace("of-staging", "of-dev")
    elsewhere = of_dev.replace("demo", "other").replace("example/iot", "example/another")
    folder_with(
        tmp_path, dev=with_pipeline("dev", "null"), demo=of_dev, other=elsewhere, staging=staging
    )
    for name, others in (("demo", "dev and staging"), ("staging", "demo and dev"), ("dev", "demo")):
        (mistake,) = mistakes(tmp_path, name)
        assert (mistake.key, mistake.value, mistake.line) == ("pipeline.branch", "of-dev", 16)
        assert mistake.message.startswith(f"is also the branch of {others}, so every push")
    assert load("other", {}, tmp_path).environment == "other"


def test_no_name_in_the_account_begins_as_those_that_a_pipeline_may_change(tmp_path: Path) -> None:
    longer = VALID.replace("environment: dev", "environment: dev-eu")
    folder_with(tmp_path, **{"dev": with_pipeline("dev", "null"), "dev-eu": longer})
    (mistake,) = mistakes(tmp_path, "dev")
    assert (mistake.key, mistake.line) == ("pipeline", 14)
    assert mistake.message.startswith("can change resources of dev-eu, which is in the same")
    assert load("dev-eu", {}, tmp_path).environment == "dev-eu"
    assert load_without_cross_checks("dev", {}, tmp_path).environment == "dev"
    for valid in (
        longer.replace("111111111111", "222222222222"),
        longer.replace("project: example", "project: another"),
    ):
        folder_with(tmp_path, **{"dev-eu": valid})
        assert load("dev", {}, tmp_path).environment == "dev"


@pytest.mark.parametrize("key", ["pipeline", "data"])
def test_an_empty_block_is_not_null(key: str, tmp_path: Path) -> None:
    folder_with(tmp_path, dev=f"{VALID}{key}: # later\n")
    (mistake,) = mistakes(tmp_path, "dev")
    assert str(mistake) == (
        f"environments/dev.yaml:14: {key}: is empty; expected its block, or {key}: null"
    )
    folder_with(tmp_path, dev=f"{VALID}{key}: null\n")
    assert load("dev", {}, tmp_path).pipeline is None
