"""Charts of made-up stacks, whose names may be anything."""

from hypothesis import strategies as st

from iot_dr.common.plain_text import plain
from iot_dr.generate.graph import Chart, dependency_chart, wave_chart
from stacks.graph import StackGraph, StackNode
from stacks.rollout import RolloutWaves

HOSTILE = (
    'a"]; click x "javascript:alert(1)" --> b',
    "<script>alert(1)</script>&amp;",
    "<br/>",
    "a--->b",
    "a -.-> b",
    'a#35;"`**bold**`',
    "%%{init}%%\n    evil --> worse",
    "wave_1",
    "end",
    "subgraph",
    "\u202etxt",
    "\x00\x1b[31m",
)


@st.composite
def graphs(draw: st.DrawFn) -> StackGraph:
    """Draw stacks that wait, for either reason, for earlier ones."""
    some = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(), min_size=1, max_size=20))
    names = draw(st.lists(some, min_size=1, max_size=9, unique_by=plain))
    nodes: list[StackNode] = []
    for index, name in enumerate(names):
        waits = st.lists(st.sampled_from(names[:index]), unique=True, max_size=4)
        depends_on, goes_after = (tuple(draw(waits)) if index else () for _ in range(2))
        # Without a role any two may go together.
        nodes.append(
            StackNode(
                name=name,
                what="state",
                region=draw(st.sampled_from(("eu-west-1", '<eu "1">'))),
                role=None,
                depends_on=depends_on,
                goes_after=goes_after,
            )
        )
    return StackGraph(nodes)


def charts() -> st.SearchStrategy[Chart]:
    """Return charts of both kinds."""
    return st.one_of(
        graphs().map(lambda graph: wave_chart(RolloutWaves(graph))),
        graphs().map(dependency_chart),
    )
