"""The Mermaid flowchart of a chart, read line by line."""

import re
from html import unescape

import pytest
from hypothesis import given

from iot_dr.common.plain_text import plain
from iot_dr.generate.graph import Chart, dependency_chart, environment_chart, mermaid
from stacks.graph import StackGraph, StackNode
from tests.iot_dr.generate.charts import HOSTILE, charts
from tests.support.pipeline import PIPELINE
from tests.support.settings import settings

LABEL = r"(?:[A-Za-z0-9 :,._-]|#[0-9]+;|<br/>)*"
ID = r"(?:[A-Za-z0-9_]|-(?=[A-Za-z0-9]))+"
BOX = re.compile(rf' +({ID})\["({LABEL})"\]')
FRAME = re.compile(rf'    subgraph wave_\d+\["({LABEL})"\]')
ARROW = re.compile(rf"    ({ID}) (-->|-\.->) ({ID})")


def label_text(label: str) -> str:
    return unescape(label.partition("<br/>")[0].replace("#", "&#"))


@given(charts())
def test_every_name_stays_inside_its_label_and_has_an_id_of_its_own(chart: Chart) -> None:
    first, *lines = mermaid(chart).splitlines()
    assert first == "flowchart TD"
    boxes = [match for line in lines if (match := BOX.fullmatch(line))]
    frames = [match for line in lines if (match := FRAME.fullmatch(line))]
    arrows = [match for line in lines if (match := ARROW.fullmatch(line))]
    ends = lines.count("    end")
    assert len(boxes) + len(frames) + len(arrows) + ends == len(lines)
    names = [node.name for row in chart.rows for node in row.nodes]
    assert [label_text(match[2]) for match in boxes] == [plain(name) for name in names]
    ids = {name: match[1] for name, match in zip(names, boxes, strict=True)}
    assert len(set(ids.values())) == len(ids)
    assert [(match[1], match[2], match[3]) for match in arrows] == [
        (ids[arrow.upstream], "-.->" if arrow.is_dotted else "-->", ids[arrow.downstream])
        for arrow in chart.arrows
    ]
    titles = [row.title for row in chart.rows if row.title is not None]
    assert ([label_text(match[1]) for match in frames], ends) == (titles, len(titles))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_is_mermaid_itself_changes_nothing_else(name: str) -> None:
    node = StackNode(name=name, what="state", region="eu-west-1", role=None, depends_on=())
    lines = mermaid(dependency_chart(StackGraph([node]))).splitlines()
    assert len(lines) == 2
    assert BOX.fullmatch(lines[1])


def test_a_wave_is_a_frame_and_what_only_goes_later_has_a_dotted_arrow() -> None:
    drawn = mermaid(environment_chart(settings(pipeline=PIPELINE), in_waves=True))
    frame = (
        '    subgraph wave_4["wave 4: eu-west-1"]\n'
        '        iot-dev-iot-eu-west-1["iot-dev-iot-eu-west-1<br/>eu-west-1<br/>primary"]\n'
        "    end\n"
    )
    assert frame in drawn
    assert "    iot-dev-hosted-zone --> iot-dev-iot-eu-west-1\n" in drawn
    assert "    iot-dev-iot-eu-central-1 -.-> iot-dev-iot-eu-west-1\n" in drawn


def test_what_each_stack_needs_is_drawn_without_frames_and_without_the_order_of_regions() -> None:
    drawn = mermaid(environment_chart(settings(pipeline=PIPELINE), in_waves=False))
    assert "subgraph" not in drawn
    assert "-.->" not in drawn
    assert drawn.count("-->") == 6
