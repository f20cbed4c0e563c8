"""The page about failover shows what the function gives."""

from pathlib import Path

import pytest

from tests.support.failover_page import TABLES, table
from tests.support.lost_regions import COUNTS, lost_regions_table
from tests.support.region_health import RegionHealth, answer

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "failover.md"


@pytest.mark.parametrize("heading", TABLES)
def test_the_page_shows_the_computed_table(heading: str) -> None:
    expected = f"### {heading}\n\n{table(TABLES[heading])}\n"
    hint = "failover.md lacks this (`python -m tests.support.failover_page` prints it)"
    assert expected in PAGE.read_text(encoding="utf-8"), f"{hint}:\n{expected}"


def test_the_page_shows_no_table_that_is_not_computed() -> None:
    page = PAGE.read_text(encoding="utf-8")
    rows = {line for line in page.splitlines() if line.startswith("| region")}
    assert rows <= {line for config in TABLES.values() for line in table(config).splitlines()}


@pytest.mark.parametrize("count", COUNTS)
def test_the_page_shows_what_is_left_with_regions_lost(count: int) -> None:
    expected = f"### {count} regions\n\n{lost_regions_table(count)}\n"
    hint = "failover.md lacks this (`python -m tests.support.failover_page` prints it)"
    assert expected in PAGE.read_text(encoding="utf-8"), f"{hint}:\n{expected}"


@pytest.mark.parametrize("count", [3, 4, 5])
def test_with_any_one_region_lost_every_switch_moves_devices_away(count: int) -> None:
    for row in lost_regions_table(count).splitlines()[2:]:
        gone, _, whole, half = (cell.strip() for cell in row.strip("|").split("|"))
        usable = {*whole.split(", "), *half.split(", ")} - {"none"}
        if " and " not in gone:
            assert usable == {str(number) for number in range(1, count + 1)}


def test_the_page_shows_the_decisions_of_the_function() -> None:
    health = {"region 1": RegionHealth(deep=False), "region 2": RegionHealth(tcp=False)}
    expected = answer(TABLES["Three regions, fail-back latched"], health, frozenset()).lines()
    assert "\n".join(["```text", *expected, "```"]) in PAGE.read_text(encoding="utf-8")
