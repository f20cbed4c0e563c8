"""A drill as a page of its own."""

import base64
import hashlib
import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as how

from iot_dr.drill.outages.expectation import Effect
from iot_dr.drill.report.page import page as pages
from iot_dr.drill.report.page.canvas import NARROW, WIDE
from iot_dr.drill.report.page.page import page
from iot_dr.drill.report.report import DrillReport
from tests.iot_dr.drill.report.parsed_page import Element, parsed, text
from tests.iot_dr.drill.report.reports import changed, report
from tests.support.drill_recordings import calm, kill, never_back, rehearsed
from tests.support.examples import examples
from tests.support.hostile_text import hostile
from tests.support.settings import settings

STYLE = Path(pages.__file__).with_name("page.css").read_text(encoding="utf-8")
LIGHT, DARK = STYLE.split("prefers-color-scheme: dark")
GROUNDS = {"light": "#ffffff", "dark": "#0d1117"}


def written(made: DrillReport) -> str:
    return page(made.environment, made.outages)


SOME = written(report())
TREE = parsed(SOME)
# The regions of all of these are not those of the settings.
PLAIN = parsed(written(report(*changed(lambda text: f"x{text}"))))


def outlined(tree: Element) -> list[tuple[str, tuple[str, ...]]]:
    """Return the elements in order, without those that a text's backticks may make."""
    return [(each.tag, tuple(sorted(each.attrib))) for each in tree.iter() if each.tag != "code"]


def test_the_page_has_a_language_and_a_title_that_shows_the_verdict() -> None:
    assert TREE.get("lang") == "en"
    assert TREE.findtext("head/title") == "missed: failover drill of dev"


def test_the_page_is_shown_by_itself_and_runs_nothing() -> None:
    tags = {each.tag for each in TREE.iter()}
    assert not tags & {"script", "link", "img", "iframe", "form", "object", "base", "use", "image"}
    attributes = [item for each in TREE.iter() for item in each.attrib.items()]
    assert not [name for name, _ in attributes if name.startswith("on") or name == "style"]
    links = [value for name, value in attributes if name in {"href", "src"}]
    assert links == [f"#outage-{number}" for number in range(1, 8)]
    assert "url(" not in STYLE
    assert "@import" not in STYLE


def test_the_policy_allows_the_pages_own_style_and_nothing_else() -> None:
    (style,) = re.findall("<style>(.*?)</style>", SOME, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    metas = [each.get("content") for each in TREE.iter("meta") if each.get("http-equiv")]
    assert metas == [policy]


def test_headings_are_in_order() -> None:
    levels = [int(each.tag[1]) for each in TREE.iter() if re.fullmatch("h[1-6]", each.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_each_link_leads_to_its_outage() -> None:
    ids = [each.get("id") for each in TREE.iter("section")]
    assert [f"#{each}" for each in ids] == [each.get("href") for each in TREE.iter("a")]


def test_each_plot_is_reported_in_words_for_a_phone_and_for_the_rest() -> None:
    for figure in TREE.iter("figure"):
        wide, narrow = figure.findall("svg")
        assert wide.get("aria-label") == narrow.get("aria-label")
        assert len(wide.get("aria-label") or "") > 30
        assert {wide.get("role"), narrow.get("role")} == {"img"}
        assert (wide.get("viewbox") or "").split()[2] == str(WIDE)
        assert (narrow.get("viewbox") or "").split()[2] == str(NARROW)


def test_nothing_is_drawn_outside_of_a_plot() -> None:
    for svg in TREE.iter("svg"):
        _, _, width, height = map(float, (svg.get("viewbox") or "").split())
        for child in svg:
            for name, most in (("x", width), ("x1", width), ("x2", width), ("cx", width)):
                assert -1 <= float(child.get(name, "0")) <= most
            for name in ("y", "y1", "y2", "cy"):
                assert -1 <= float(child.get(name, "0")) <= height


def test_the_summary_has_each_outage_with_what_was_measured_next_to_what_was_predicted() -> None:
    rows = [text(row) for row in TREE.findall("body/main/div/table/tbody/tr")]
    assert len(rows) == 8
    assert re.fullmatch(
        r"kill in eu-west-1 passed 1\d\d s 139 s 1\d\d s 166 s 1\d\d s 360 s 0 0", rows[0]
    )
    assert rows[2] == "kill in eu-west-1 missed never 139 s never 166 s never 360 s 40 0"
    assert rows[3] == "kill in eu-central-1 passed 360 s 0 0"
    assert rows[7] == "drop in eu-west-1 not rehearsed"


def test_tables_scroll_in_a_box_of_their_own() -> None:
    boxes = [each for each in TREE.iter("div") if each.get("class") == "scroll"]
    assert len(boxes) == len(list(TREE.iter("table")))
    assert all(each.get("tabindex") == "0" and each.get("aria-label") for each in boxes)


def test_the_speed_is_said() -> None:
    assert "ran 10 times faster than real time (--speed)" in text(TREE)
    true = parsed(written(report(rehearsed(kill(20, speed=1.0)))))
    assert "ran in real time" in text(true)


def test_what_is_assumed_and_what_was_left_out_is_said() -> None:
    whole = text(TREE)
    assert "aggregation: 5 to 10 s from the checkers' verdict" in whole
    assert "aws_kinesis_stream.telemetry: messages end at the broker" in whole
    assert "drop in eu-west-1: no packet reaches the region any more. packets can only" in whole


def test_why_a_target_was_missed_stands_in_its_section() -> None:
    section = TREE.findall("body/main/section")[2]
    assert "18,406 connects were refused as not authorized" in text(section)
    assert [each.text for each in section.iter("code")] == ["iot-dr registry diff"]


def test_what_buffers_dropped_stands_apart_from_what_was_lost() -> None:
    section = text(TREE.findall("body/main/section")[0])
    assert "lost acknowledged but never received 0" in section
    assert "280 messages were dropped by full buffers of 6 messages" in section


def test_a_fleet_that_never_lost_a_link_has_no_recovery_to_draw() -> None:
    tree = parsed(written(report(rehearsed(calm(20), Effect.STAYS))))
    labels = " ".join(each.get("aria-label") or "" for each in tree.iter("svg"))
    assert "Share of" not in labels
    assert "No connect was accepted" in text(tree)


def test_a_report_without_outages_says_so() -> None:
    tree = parsed(written(DrillReport.of([], settings())))
    assert tree.findtext("body/main/h1") == "Failover drill of dev: nothing rehearsed"


def test_a_page_with_2000_devices_in_each_of_15_outages_stays_below_1_mb() -> None:
    drill = [rehearsed(kill(2000)), rehearsed(never_back(2000))]
    one = [len(written(report(each)).encode()) for each in drill]
    assert 15 * max(one) < 1_000_000


@how(max_examples=examples(12))
@given(hostile)
def test_no_text_changes_an_element_of_the_page(words: str) -> None:
    tree = parsed(written(report(*changed(lambda text: f"x{text}{words}"))))
    assert hostile_outline(tree) == hostile_outline(PLAIN)
    assert all(line.isprintable() for each in tree.itertext() for line in each.split("\n"))


def hostile_outline(tree: Element) -> list[tuple[str, tuple[str, ...]]]:
    """Leave out the texts of drawings: a longer name may have no room in one."""
    return [each for each in outlined(tree) if each[0] not in {"text", "line"}]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_colours_of_text_stand_out_from_the_page(scheme: str) -> None:
    rules = LIGHT if scheme == "light" else DARK
    ground = GROUNDS[scheme]
    for name in ("r0", "r1", "r2", "r3", "r4", "other"):
        assert contrast(colour(rules, name), ground) >= 4.5
    assert contrast(colour(rules, "void"), colour(rules, "void-page")) >= 4.5
    # Parts other than text need only be visible: WCAG 2.2, 1.4.11.
    assert contrast(colour(rules, "spread"), ground) >= 3


def colour(rules: str, name: str) -> str:
    match = re.search(rf"--{name}: (#[0-9a-f]{{6}})", rules)
    assert match
    return match[1]


def contrast(one: str, two: str) -> float:
    """Return the ratio of WCAG 2.2."""
    lighter, darker = sorted((luminance(one), luminance(two)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(value: str) -> float:
    parts = [int(value[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
