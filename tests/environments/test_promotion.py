"""The order in which environments take a commit over from each other."""

from pathlib import Path

import pytest

from environments.errors import Mistake, SettingsError
from environments.loader import load
from environments.selection import load_all
from tests.environments.files import VALID, folder_with, with_pipeline


def mistakes(folder: Path, name: str) -> tuple[Mistake, ...]:
    with pytest.raises(SettingsError) as refusal:
        load(name, {}, folder)
    return refusal.value.mistakes


def test_a_chain_of_environments_is_accepted(tmp_path: Path) -> None:
    folder_with(
        tmp_path,
        dev=with_pipeline("dev", "null"),
        staging=with_pipeline("staging", "dev"),
        prod=with_pipeline("prod", "staging"),
    )
    found = [each.pipeline for each in load_all("all", {}, tmp_path)]
    assert [each and each.promoted_from for each in found] == [None, "staging", "dev"]


def test_an_environment_that_is_not_there_is_refused_with_file_line_and_key(
    tmp_path: Path,
) -> None:
    folder_with(
        tmp_path, dev=with_pipeline("dev", "stagin"), staging=with_pipeline("staging", "null")
    )
    (mistake,) = mistakes(tmp_path, "dev")
    assert (mistake.file, mistake.line, mistake.key) == ("dev.yaml", 19, "pipeline.promoted_from")
    assert mistake.message == ("is no environment here; did you mean 'staging'? there are: staging")


def test_an_environment_without_a_pipeline_has_no_branch(tmp_path: Path) -> None:
    folder_with(tmp_path, dev=VALID, staging=with_pipeline("staging", "dev"))
    (mistake,) = mistakes(tmp_path, "staging")
    assert mistake.message == "has no pipeline, and so no branch to be promoted from"


@pytest.mark.parametrize("chain", [["dev"], ["dev", "staging"], ["dev", "staging", "prod"]])
def test_environments_that_wait_for_each_other_are_named(chain: list[str], tmp_path: Path) -> None:
    for name, earlier in zip(chain, [*chain[1:], chain[0]], strict=True):
        folder_with(tmp_path, **{name: with_pipeline(name, earlier)})
    (mistake,) = mistakes(tmp_path, "dev")
    circle = " <- ".join([*chain, "dev"])
    assert mistake.message == (
        f"waits for this one: {circle}; set null in the one whose commits come first"
    )


def test_one_that_leads_into_a_circle_of_others_is_theirs_to_mend(tmp_path: Path) -> None:
    folder_with(
        tmp_path,
        dev=with_pipeline("dev", "a"),
        a=with_pipeline("a", "b"),
        b=with_pipeline("b", "a"),
    )
    assert load("dev", {}, tmp_path).environment == "dev"


def test_it_is_told_together_with_all_else(tmp_path: Path) -> None:
    folder_with(tmp_path, dev=with_pipeline("dev", "nowhere").replace("ttl: 60", "ttl: -1"))
    found = mistakes(tmp_path, "dev")
    assert [each.key for each in found] == ["endpoint.ttl", "pipeline.promoted_from"]


@pytest.mark.parametrize("given", ["[dev]", "1", "../dev", "Dev", "'a\\nb'"])
def test_what_is_no_name_is_refused(given: str, tmp_path: Path) -> None:
    folder_with(tmp_path, dev=with_pipeline("dev", given))
    assert "pipeline.promoted_from" in {each.key for each in mistakes(tmp_path, "dev")}


def test_no_two_environments_have_the_same_branch_of_a_repository(tmp_path: Path) -> None:
    of_dev = with_pipeline("demo", "null").replace("of-demo", "of-dev")
    staging = with_pipeline("staging", "dev").replace("of-staging", "of-dev")
    elsewhere = of_dev.replace("demo", "other").replace("example/iot", "example/another")
    folder_with(
        tmp_path, dev=with_pipeline("dev", "null"), demo=of_dev, other=elsewhere, staging=staging
    )
    for name, others in (("demo", "dev and staging"), ("staging", "demo and dev"), ("dev", "demo")):
        (mistake,) = mistakes(tmp_path, name)
        assert (mistake.key, mistake.value, mistake.line) == ("pipeline.branch", "of-dev", 16)
        assert mistake.message.startswith(f"is the branch of {others} too, and every push")
    assert load("other", {}, tmp_path).environment == "other"


@pytest.mark.parametrize("key", ["pipeline", "data"])
def test_a_block_with_nothing_in_it_is_not_taken_for_none(key: str, tmp_path: Path) -> None:
    folder_with(tmp_path, dev=f"{VALID}{key}: # later\n")
    (mistake,) = mistakes(tmp_path, "dev")
    assert str(mistake) == (
        f"dev.yaml:14: {key}: is empty; write its block below it, or {key}: null for none"
    )
    folder_with(tmp_path, dev=f"{VALID}{key}: null\n")
    assert load("dev", {}, tmp_path).pipeline is None
