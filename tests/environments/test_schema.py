"""The JSON schema that editors use."""

import json
from pathlib import Path

import pytest

from environments import schema
from environments.settings import Settings


def test_the_committed_schema_is_current() -> None:
    assert schema.FILE.read_text(encoding="utf-8") == schema.text(), "run make schema"


def test_it_describes_every_key_and_allows_only_these() -> None:
    content = json.loads(schema.text())
    for block in (content, *content["$defs"].values()):
        assert block["additionalProperties"] is False
        assert all(each["description"] for each in block["properties"].values())
    old_names = [key for key, value in content["properties"].items() if "deprecated" in value]
    assert list(content["properties"]) == [*Settings.model_fields, *old_names]
    assert old_names == ["leaving"]
    assert content["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_it_is_written_as_a_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "schema.json"
    schema.write(path)
    assert path.read_text(encoding="utf-8") == schema.text()

    def interrupt(*_: object) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupt)
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt):
        schema.write(path)
    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {"schema.json": "old"}
