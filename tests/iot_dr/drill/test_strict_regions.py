"""Regions of the drill are as strict as AWS: wrong APIs, checks, permissions and roles fail.

Each design is read from changed Terraform. `make test` asks the primary's health API about those
that tests/iot_dr/drill/rig has no test of; the others and whole rehearsals are in `make test-all`.
"""

import asyncio
import json
import tempfile
from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from iot_dr.drill.report.verdict import DrillVerdict
from iot_dr.drill.rig.dns.probe import HealthCheckProber
from iot_dr.drill.rig.world.reading import read_world
from iot_dr.drill.rig.world.world import World
from iot_dr.generate.synthesis import stack_file
from tests.iot_dr.rules.designs import ENTRY_POINT, IRELAND, Documents
from tests.support.drill import in_loop, needs_mosquitto
from tests.support.drill_cloud import PRIMARY, standing
from tests.support.drill_rehearsal import quick_settings, rehearsed
from tests.support.synthesis import Synthesis

pytestmark = needs_mosquitto

Change = Callable[[Documents], object]
SETTINGS = quick_settings()
WATCHER = "watcher_eu_central_1"
TOPIC = "arn:aws:iot:eu-west-1:111111111111:topic/iot-dr/dev"


def changed(stack: str, type_: str, id_: str, values: Mapping[str, Any]) -> Change:
    return lambda documents: documents[stack]["resource"][type_][id_].update(values)


def in_policy(stack: str, id_: str, old: str, new: str) -> Change:
    """Replace a text in the policy of a function's role."""

    def change(documents: Documents) -> None:
        policy = documents[stack]["resource"]["aws_iam_role_policy"][id_]
        assert old in policy["policy"]
        policy["policy"] = policy["policy"].replace(old, new)

    return change


@cache
def _documents() -> Documents:
    with tempfile.TemporaryDirectory() as folder:
        stacks = Synthesis(Path(folder))(SETTINGS)
        return {name: stack.document for name, stack in stacks.items()}


def world_of(folder: Path, change: Change) -> World:
    documents = deepcopy(_documents())
    change(documents)
    for name, document in documents.items():
        file = stack_file(folder, name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(document), encoding="utf-8")
    return read_world(folder, SETTINGS)


def permission(values: Mapping[str, Any]) -> Change:
    return changed(IRELAND, "aws_lambda_permission", "health", values)


def check(values: Mapping[str, Any]) -> Change:
    return changed(IRELAND, "aws_route53_health_check", "deep", values)


def function(values: Mapping[str, Any]) -> Change:
    return changed(IRELAND, "aws_lambda_function", "canary", values)


ROUTE = "aws_apigatewayv2_route"
API = "${aws_apigatewayv2_api.health.execution_arn}"


@pytest.mark.parametrize(
    ("change", "is_well"),
    [
        (permission({"source_arn": f"{API}/*/GET/other/*"}), False),
        (permission({"principal": "events.amazonaws.com"}), False),
        (permission({"source_arn": f"{API}/*"}), True),
        (in_policy(IRELAND, "canary", "iot:eu-west-1", "iot:eu-central-1"), False),
        (function({"handler": "functions.canary.handler.missing"}), False),
        (function({"reserved_concurrent_executions": 0}), False),
        *(
            pytest.param(*case, marks=pytest.mark.exhaustive)
            for case in (
                (changed(IRELAND, ROUTE, "health", {"route_key": "GET /x"}), False),
                (changed(IRELAND, "aws_apigatewayv2_stage", "health", {"name": "live"}), False),
                (in_policy(IRELAND, "canary", "iot:Publish", "iot:Connect"), False),
                (in_policy(IRELAND, "canary", f"{TOPIC}/canary", f"{TOPIC}/*"), True),
            )
        ),
    ],
)
@in_loop
async def test_a_check_is_healthy_only_if_aws_would_answer_it(
    tmp_path: Path, change: Change, is_well: bool
) -> None:
    world = world_of(tmp_path / "stacks", change)
    async with standing(tmp_path, 1, PRIMARY, world=world) as region, asyncio.timeout(60):
        assert await is_healthy(HealthCheckProber(region.cloud), world, is_well=is_well) is is_well


async def is_healthy(prober: HealthCheckProber, world: World, *, is_well: bool) -> bool:
    """Probe the deep check of a world; a busy machine may answer the first probes late."""
    assert world.not_understood == ()
    deep = next(each for id_, each in world.checks.items() if id_.endswith(".deep"))
    return [await prober.probe(deep) for _ in range(20 if is_well else 1)][-1]


@in_loop
async def test_a_check_passes_only_if_it_asks_as_the_region_answers(tmp_path: Path) -> None:
    cases: list[tuple[dict[str, Any], bool]] = [
        ({}, True),
        ({"resource_path": "/health"}, False),
        ({"enable_sni": False}, False),
        ({"enable_sni": None}, True),
        ({"type": "HTTPS_STR_MATCH", "search_string": '"outcome": "ok"'}, True),
        ({"type": "HTTPS_STR_MATCH", "search_string": "healthy"}, False),
    ]
    world = world_of(tmp_path / "stacks", check({}))
    async with standing(tmp_path, 1, PRIMARY, world=world) as region, asyncio.timeout(60):
        prober = HealthCheckProber(region.cloud)
        for number, (values, is_well) in enumerate(cases):
            changed_world = world_of(tmp_path / str(number), check(values))
            assert await is_healthy(prober, changed_world, is_well=is_well) is is_well, values


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    "change",
    [
        check({"resource_path": "/health"}),
        in_policy(IRELAND, "canary", "iot:eu-west-1", "iot:eu-central-1"),
    ],
    ids=["path", "role"],
)
def test_a_check_that_never_passes_is_not_a_failover(tmp_path: Path, change: Change) -> None:
    report = rehearsed(SETTINGS, world_of(tmp_path, change), "kill")
    assert report.verdict is DrillVerdict.MISSED, report.judgement
    assert report.diagnoses[0].id == "primary-unhealthy-before", report.diagnoses


@pytest.mark.exhaustive
def test_a_watcher_that_may_not_put_the_switch_latches_nothing(tmp_path: Path) -> None:
    change = in_policy(ENTRY_POINT, WATCHER, "IotDr/Switch/dev", "IotDr/Switch/prod")
    report = rehearsed(SETTINGS, world_of(tmp_path, change), "kill")
    assert report.verdict is DrillVerdict.MISSED, report.judgement
    assert "watcher" not in [put.by for put in report.recording.switch_puts]


@pytest.mark.exhaustive
def test_a_design_that_is_not_understood_is_invalid(tmp_path: Path) -> None:
    report = rehearsed(SETTINGS, world_of(tmp_path, function({"layers": ["arn"]})), "kill")
    assert report.verdict is DrillVerdict.INVALID, report.judgement
    assert "layers is not read" in report.judgement.reasons[0]
