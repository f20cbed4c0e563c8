"""HANDOVER_REGION, the region whose state copies are read."""

from pathlib import Path

import pytest

from environments.errors import SettingsError
from environments.loader import load, parse
from tests.environments.files import VALID, only_mistake

CONTENT = VALID.encode()


def test_it_overrides_the_file_and_counts_as_unset_when_empty(tmp_path: Path) -> None:
    (tmp_path / "dev.yaml").write_bytes(CONTENT + b"handover_region: eu-west-1\n")
    given = {"HANDOVER_REGION": "eu-central-1"}
    assert load("dev", given, tmp_path).handover_region == "eu-central-1"
    assert load("dev", {"HANDOVER_REGION": ""}, tmp_path).handover_region == "eu-west-1"
    (tmp_path / "dev.yaml").write_bytes(CONTENT)
    assert load("dev", {}, tmp_path).handover_region is None


def test_it_changes_neither_home_nor_primary() -> None:
    plain = parse(CONTENT, "dev")
    chosen = parse(CONTENT, "dev", handover_region="eu-central-1")
    assert chosen.model_copy(update={"handover_region": None}) == plain


@pytest.mark.parametrize(
    ("region", "message"),
    [("eu-north-1", "is not among the regions"), ("eu-cntral-1", "did you mean 'eu-central-1'?")],
)
def test_an_invalid_variable_is_reported_by_its_name(region: str, message: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        parse(CONTENT, "dev", handover_region=region)
    (mistake,) = refusal.value.mistakes
    assert (mistake.file, mistake.line, mistake.value) == ("HANDOVER_REGION", None, region)
    assert message in mistake.message


def test_an_invalid_value_in_the_file_is_reported_with_its_line() -> None:
    text = CONTENT + b"handover_region: mars-1\n"
    mistake = only_mistake(text)
    assert (mistake.file, mistake.key) == ("environments/dev.yaml", "handover_region")
    assert mistake.line == text.count(b"\n")
