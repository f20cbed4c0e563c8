"""`make bench-page`: each table has its place on the page, and only that is written."""

from pathlib import Path

import pytest

from iot_dr.common.page_section import PageError
from tools.benchmarks.page import PAGE, TABLES, main, write

TEXT = PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_replaced_and_the_page_around_it_is_kept(name: str, tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    page.write_text(TEXT, encoding="utf-8")
    write(page, name, "measured\n")
    begin, end = f"<!-- {name}: written by `make bench-page` -->\n", f"<!-- end of {name} -->\n"
    before, rest = TEXT.split(begin)
    assert page.read_text(encoding="utf-8") == f"{before}{begin}measured\n{end}{rest.split(end)[1]}"


def test_a_page_without_a_place_for_the_table_is_left(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    page.write_text("no table", encoding="utf-8")
    with pytest.raises(PageError, match="the section synth needs"):
        write(page, "synth", "measured\n")
    assert page.read_text(encoding="utf-8") == "no table"


def test_a_table_that_there_is_not_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--only", "synth,speed"])
    assert "speed: no such table; there are: synth, plan" in capsys.readouterr().err
