"""The dashboard of a platform."""

import json
from typing import Any

from environments.settings import Settings
from tests.support.settings import REGIONS, settings
from tests.support.synthesis import Synthesis

THREE = list(REGIONS[:3])


def widgets(synthesis: Synthesis, platform: Settings) -> dict[str, dict[str, Any]]:
    stack = synthesis(platform)["iot-dev-entry-point"]
    (dashboard,) = stack.resources("aws_cloudwatch_dashboard").values()
    assert dashboard["dashboard_name"] == "example-dev-platform"
    body = json.loads(dashboard["dashboard_body"])["widgets"]
    places = {(each["x"], each["y"]) for each in body}
    assert len(places) == len(body), "widgets lie over each other"
    return {each["properties"]["title"]: each["properties"] for each in body}


def test_it_shows_each_question_with_each_pair_of_regions(synthesis: Synthesis) -> None:
    shown = widgets(synthesis, settings(regions=THREE, data={}))
    assert [title.partition(":")[0] for title in shown] == [
        "Answer", "Switches", "Checks", "Connected devices", "Recovery point",
        "Replication of the tables (ms)", "Messages that were not processed",
    ]  # fmt: skip
    recovery = shown["Recovery point: age of what has arrived (ms)"]["metrics"]
    pairs = {(name, source, place["region"]) for _, name, *_, source, place in recovery}
    assert len(pairs) == len(recovery) == 12
    assert all(source != region for _, source, region in pairs)
    latency = shown["Replication of the tables (ms)"]["metrics"]
    assert ["AWS/DynamoDB", "ReplicationLatency", "TableName", "example-dev-device-state"] in [
        each[:4] for each in latency
    ]


def test_health_checks_are_read_where_route_53_publishes_them(synthesis: Synthesis) -> None:
    shown = widgets(synthesis, settings(regions=THREE))
    checks = [each for title in shown for each in shown[title]["metrics"] if "Route53" in each[0]]
    assert {each[-1]["region"] for each in checks} == {"us-east-1"}
    ids = {check[3] for check in checks}
    assert all("health_check" in id_ or "deep_check_id" in id_ for id_ in ids), ids


def test_an_environment_without_data_has_nothing_of_it(synthesis: Synthesis) -> None:
    shown = widgets(synthesis, settings(regions=THREE, health={"mode": "shallow"}))
    assert len(shown) == 4
    assert "registry" not in json.dumps(shown)
