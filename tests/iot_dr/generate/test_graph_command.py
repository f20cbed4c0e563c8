"""`iot-dr graph` as a user runs it."""

from typing import Any

import pytest

from environments.loader import load, names
from stacks.graph import StackNode
from stacks.platform_graph import platform_graph, regional_stacks
from stacks.rollout import RolloutWaves
from tests.support.command import iot_dr_here
from tests.support.json_output import result_of

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
