"""The Mermaid flowchart of a chart, read line by line."""

import re
from html import unescape
from typing import Any

import pytest
from hypothesis import given

from environments.loader import load, names
from iot_dr.common.plain_text import plain
from iot_dr.generate.expectation import design_expectation
from iot_dr.generate.graph import Chart, dependency_chart, environment_chart, mermaid
from stacks.graph import StackGraph, StackNode
from stacks.platform_graph import platform_graph, regional_stacks
from stacks.rollout import RolloutError, RolloutWaves
from tests.iot_dr.generate.charts import HOSTILE, charts
from tests.support.command import iot_dr_here
from tests.support.json_output import result_of
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


GRAPHS = {name: platform_graph(load(name, {})) for name in names()}
PRIMARY, STANDBY = "eu-west-1", "eu-central-1"


def printed(*arguments: str, primary: str = "") -> str:
    done = iot_dr_here("graph", *arguments, PRIMARY_REGION=primary)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def stack(node: StackNode) -> dict[str, Any]:
    return {
        "name": node.name,
        "kind": node.what,
        "what": node.what,
        "region": node.region,
        "role": node.role,
        "depends_on": list(node.depends_on),
    }


def test_json_has_the_waves_of_the_rollout() -> None:
    assert result_of(printed("--env", "all", "--waves", "--json")) == [
        {
            "environment": name,
            "waves": [
                {
                    "number": wave.number,
                    "scope": wave.scope,
                    "stacks": [
                        {**stack(node), "goes_after": list(node.goes_after)} for node in wave.nodes
                    ],
                }
                for wave in RolloutWaves(graph).waves
            ],
        }
        for name, graph in GRAPHS.items()
    ]


def test_json_has_the_stacks_and_their_dependencies() -> None:
    (document,) = result_of(printed("--env", "prod", "--json"))
    assert document == {
        "environment": "prod",
        "stacks": [stack(node) for node in GRAPHS["prod"].nodes],
    }


def test_text_has_the_scope_region_role_and_upstream_stacks_of_waves() -> None:
    lines = printed("--env", "dev", "--waves").splitlines()
    wave = next(each for each in RolloutWaves(GRAPHS["dev"]).waves if each.scope == PRIMARY)
    place = lines.index(f"wave {wave.number}: {PRIMARY}")
    before = ", ".join(regional_stacks(load("dev", {}), STANDBY))
    assert lines[place + 1] == (
        f"  iot-dev-iot-{PRIMARY} ({PRIMARY}, primary)  needs iot-dev-hosted-zone; after {before}"
    )


def test_text_without_waves_has_only_dependencies() -> None:
    text = printed()
    assert f"iot-dev-iot-{PRIMARY} ({PRIMARY}, primary)  needs iot-dev-hosted-zone\n" in text
    assert "wave" not in text
    assert "after" not in text


def test_another_primary_by_its_variable_is_tried_last() -> None:
    (document,) = result_of(printed("--waves", "--json", primary=STANDBY))
    scopes = [wave["scope"] for wave in document["waves"]]
    assert scopes.index(PRIMARY) < scopes.index(STANDBY)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--json", "--format", "text"], "--json and --format text: pass only one of them"),
        (["--env", "nowhere", "--waves"], "nowhere"),
        (["--format", "svg"], "svg"),
    ],
    ids=["two forms", "no environment", "no form"],
)
def test_conflicting_options_are_refused(options: list[str], message: str) -> None:
    done = iot_dr_here("graph", *options)
    assert done.returncode == 2
    assert (done.stdout == "") == ("--json" not in options)
    assert message in done.stderr
    assert "Traceback" not in done.stderr


CHAIN = [
    {"name": "dashboard", "scope": "global", "inputs": {"zone": "${hosted-zone.zone_id}"}},
    {"name": "report", "scope": "global", "inputs": {"from": "${dashboard.arn}"}},
    {"name": "rows"},
]


def test_a_design_whose_waves_break_a_rule_of_the_rollout_is_judged() -> None:
    chosen = settings(
        regions=["eu-west-1", "eu-central-1", "eu-north-1"],
        leaving_regions=["us-east-1"],
        handover_region="eu-central-1",
        modules=[{"source": "./module", **module} for module in CHAIN],
    )
    graph = platform_graph(chosen)
    with pytest.raises(RolloutError, match="with one role"):
        RolloutWaves(graph)
    assert list(design_expectation(chosen).waves) == [node.name for node in graph.nodes]
