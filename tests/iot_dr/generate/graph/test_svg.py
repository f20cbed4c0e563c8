"""The picture of a chart, read back from the file."""

from collections.abc import Iterator
from itertools import combinations, pairwise

import pytest
from hypothesis import given

from iot_dr.common.plain_text import plain
from iot_dr.generate.graph.chart import Chart, environment_chart
from iot_dr.generate.graph.svg import svg
from tests.iot_dr.generate.graph.charts import charts
from tests.iot_dr.generate.graph.picture import SVG, Picture, Rectangle
from tests.support.pipeline import PIPELINE
from tests.support.settings import REGIONS, settings

FIVE = settings(regions=list(REGIONS), pipeline=PIPELINE)


def upright(picture: Picture) -> Iterator[tuple[float, float, float]]:
    """Give the upright parts of the arrows: where, from, to."""
    for _, way in picture.arrows:
        for (x, y), (u, v) in pairwise(way):
            if x == u:
                yield x, y, v


@given(charts())
def test_each_stack_has_a_box_of_its_own_and_no_two_overlap(chart: Chart) -> None:
    picture = Picture(svg(chart))
    assert [*picture.boxes] == [plain(node.name) for node in chart.nodes]
    for one, other in combinations(picture.boxes.values(), 2):
        assert not one.overlaps(other)


@given(charts())
def test_everything_is_inside_the_picture_and_texts_are_inside_their_boxes(chart: Chart) -> None:
    picture = Picture(svg(chart))
    shapes = [*picture.boxes.values(), *picture.bands]
    shapes += [Rectangle(x, y, x, y) for _, way in picture.arrows for x, y in way]
    assert all(picture.view.holds(shape) for shape in shapes)
    for told, place, box in picture.texts:
        assert (box or picture.view).holds(place), told


@given(charts())
def test_each_arrow_leads_from_its_upper_box_down_to_its_lower_one(chart: Chart) -> None:
    picture = Picture(svg(chart))
    assert len(picture.arrows) == len(chart.arrows)
    for arrow, (kind, way) in zip(chart.arrows, picture.arrows, strict=True):
        upper, lower = (picture.boxes[plain(name)] for name in (arrow.upstream, arrow.downstream))
        (x, y), (u, v) = way[0], way[-1]
        assert y == upper.bottom
        assert upper.left < x < upper.right
        assert v == lower.top
        assert lower.left < u < lower.right
        assert [y for _, y in way] == sorted(y for _, y in way)
        assert ("dotted" in kind) is arrow.is_dotted


@given(charts())
def test_no_arrow_goes_through_a_box_or_lies_on_another_arrow(chart: Chart) -> None:
    picture = Picture(svg(chart))
    for _, way in picture.arrows:
        for box in picture.boxes.values():
            assert not any(box.has_inside(point) for point in way)
    ends = [way[place] for _, way in picture.arrows for place in (0, -1)]
    assert len(set(ends)) == len(ends)
    for (x, top, bottom), (u, upper, lower) in combinations(upright(picture), 2):
        assert x != u or bottom <= upper or lower <= top


@given(charts())
def test_a_screen_reader_gets_a_title_and_every_stack(chart: Chart) -> None:
    root = Picture(svg(chart)).root
    assert root.get("role") == "img"
    named = {each.get("id"): each.text or "" for each in root if each.get("id")}
    assert root.get("aria-labelledby", "").split() == [*named]
    title, description = named.values()
    assert title == plain(chart.title)
    assert all(plain(node.name) in description for node in chart.nodes)


@given(charts())
def test_the_same_chart_is_always_the_same_file(chart: Chart) -> None:
    assert svg(chart) == svg(chart)


def test_names_are_text_and_colours_follow_the_page() -> None:
    text = svg(environment_chart(FIVE, in_waves=True))
    root = Picture(text).root
    shown = "\n".join(each.text or "" for each in root.iter(f"{SVG}text"))
    for told in ("iot-dev-iot-us-east-2", "us-east-2, standby", "wave 9: pipeline"):
        assert told in shown
    light, dark = text.partition("@media (prefers-color-scheme: dark)")[::2]
    for colour in ("fill: #1f2933", ".ground, .box rect { fill: #ffffff }"):
        assert colour in light
    assert ".ground, .box rect { fill: #0d1117 }" in dark
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize(
    ("in_waves", "told"),
    [(True, ["needs the upper", "rolled out later"]), (False, ["needs the upper"])],
)
def test_the_legend_tells_of_the_arrows_that_there_are(in_waves: bool, told: list[str]) -> None:
    picture = Picture(svg(environment_chart(FIVE, in_waves=in_waves)))
    legend = [text for text, _, box in picture.texts if box is None and "wave" not in text]
    assert len(legend) == len(told)
    assert all(part in text for part, text in zip(told, legend, strict=True))


def test_what_a_zone_hands_over_goes_at_the_left_and_what_an_entry_point_reads_at_the_right() -> (
    None
):
    picture = Picture(svg(environment_chart(FIVE, in_waves=True)))
    left = min(box.left for box in picture.boxes.values())
    right = max(box.right for box in picture.boxes.values())
    ways = [[x for x, _ in way] for _, way in picture.arrows]
    assert sum(min(way) < left for way in ways) == 5
    assert sum(max(way) > right for way in ways) == 4
    assert not any(min(way) < left and max(way) > right for way in ways)
