"""What settings require of a design."""

import pytest

from iot_dr.generate.expectation import design_expectation
from stacks.platform_graph import platform_graph
from stacks.rollout import RolloutError, RolloutWaves
from tests.support.settings import settings

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
