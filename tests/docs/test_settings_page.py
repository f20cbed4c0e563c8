"""The table of all settings: it is what the model says."""

import json

import pytest

from environments.schema import text
from iot_dr.common.page_section import PageError
from tests.support.settings_page import PAGE, page

TEXT = PAGE.read_text(encoding="utf-8")


def test_the_table_is_current() -> None:
    assert page(TEXT) == TEXT, "run `make docs`"


def test_it_has_the_settings_of_each_block_and_no_old_name() -> None:
    for name, setting in json.loads(text())["properties"].items():
        assert (f"| `{name}` |" in TEXT) != setting.get("deprecated", False), name
    rows = {line.split(" | ")[0]: line.split(" | ")[2:] for line in TEXT.splitlines()}
    assert rows["| `data.stream_shards`"] == ["1 to 1000, null", "`null` |"]
    assert rows["| `health.mode`"] == ["`deep`, `shallow`", '`"deep"` |']
    assert rows["| `state.bucket_prefix`"] == ["string", "required |"]


def test_a_page_without_a_place_for_the_table_is_refused() -> None:
    with pytest.raises(PageError, match="settings needs"):
        page(TEXT.replace("<!-- end of settings -->", ""))
