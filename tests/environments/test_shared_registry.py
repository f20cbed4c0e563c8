"""Two environments whose device registries would be one in AWS."""

from pathlib import Path

import pytest

from environments.errors import Mistake, SettingsError
from environments.loader import load
from environments.selection import load_all
from tests.environments.files import VALID, folder_with

DATA = "data: {}\n"


def file(name: str, block: str = DATA, **lines: str) -> str:
    """Give the file of an environment, with lines replaced by their keys."""
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
            f"{name}.yaml:14: data: is in {other}.yaml too, in the same account (111111111111) and"
            " eu-west-1, eu-central-1: AWS IoT has one device registry for an account and region,"
            f" and {name} and {other} would copy each other's devices; give one of them an account"
            " or regions of its own, or set data: null in it"
        )


def test_one_region_in_common_is_enough(tmp_path: Path) -> None:
    regions = "[eu-north-1, eu-central-1]"
    other = file("staging", regions=regions, home_region="eu-north-1", primary_region="eu-north-1")
    folder_with(tmp_path, dev=file("dev"), staging=other)
    (mistake,) = mistakes(tmp_path, "dev")
    assert "(111111111111) and eu-central-1: AWS" in mistake.message


def test_a_region_that_is_leaving_still_has_its_registry(tmp_path: Path) -> None:
    there = "[eu-north-1, us-east-2]"
    other = file("staging", regions=there, home_region="eu-north-1", primary_region="eu-north-1")
    folder_with(tmp_path, dev=file("dev", f"leaving: [us-east-2]\n{DATA}"), staging=other)
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
def test_what_is_no_registry_in_common_passes(other: str, tmp_path: Path) -> None:
    folder_with(tmp_path, dev=file("dev"), staging=other)
    assert [each.environment for each in load_all("all", {}, tmp_path)] == ["dev", "staging"]


def test_every_other_one_is_named_together_with_all_else(tmp_path: Path) -> None:
    dev = file("dev").replace("ttl: 60", "ttl: -1")
    folder_with(tmp_path, dev=dev, prod=file("prod"), staging=file("staging"))
    found = mistakes(tmp_path, "dev")
    places = [(each.line, each.key) for each in found]
    assert places == [(10, "endpoint.ttl"), (14, "data"), (14, "data")]
    assert "prod.yaml" in found[1].message
    assert "staging.yaml" in found[2].message


@pytest.mark.parametrize("content", [b"", b"\xff", b"data: 1\n", b"data: {}\nregions: 5\n", b"- 1"])
def test_a_file_that_is_wrong_tells_it_itself(content: bytes, tmp_path: Path) -> None:
    folder_with(tmp_path, dev=file("dev"), other=content)
    assert load("dev", {}, tmp_path).data is not None
