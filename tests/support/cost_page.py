"""The quantities of the page on costs, counted in synthesized stacks; run it to write them."""

import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import iot_dr.api  # noqa: F401 - first, so that the provider's bindings load fast
from environments.settings import Settings
from iot_dr.common.page_section import with_section
from modules.function_limits import CHECKERS
from tests.support.settings import REGIONS, settings
from tests.support.synthesis import Synthesis
from tests.support.template import Template

PAGE: Final = Path(__file__).parents[2] / "docs" / "reference" / "cost.md"

_DAY: Final = 86400
_SECONDS: Final = {"minute": 60, "hour": 3600, "day": _DAY}
_CONNECTION: Final = (
    "arn:aws:codeconnections:{}:111111111111:connection/00000000-0000-4000-8000-000000000001"
)
_PIPELINE: Final = {
    "repository": "example/iot-platform",
    "branch": "main",
    "active_region": REGIONS[0],
    "connections": {region: _CONNECTION.format(region) for region in REGIONS[:2]},
}
_THREE: Final = [*REGIONS[:3]]
_ENDPOINT: Final = settings()
_DATA: Final = settings(data={})
COLUMNS: Final[Mapping[str, tuple[Settings, Settings | None]]] = {
    "endpoint": (_ENDPOINT, None),
    "a third region": (settings(regions=_THREE), _ENDPOINT),
    "`data`": (_DATA, _ENDPOINT),
    "a third region with `data`": (settings(regions=_THREE, data={}), _DATA),
    "`pipeline`": (settings(pipeline=_PIPELINE), _ENDPOINT),
}
"""Environments by column, each with the one whose quantities are subtracted."""

Stacks = Sequence[Template]


def _bodies(stacks: Stacks, type_: str) -> Iterator[dict[str, Any]]:
    return (body for stack in stacks for body in stack.resources(type_).values())


def _of(type_: str) -> Callable[[Stacks], float]:
    return lambda stacks: sum(1 for _ in _bodies(stacks, type_))


def _checks(*kinds: str) -> Callable[[Stacks], float]:
    return lambda stacks: sum(
        check["type"] in kinds for check in _bodies(stacks, "aws_route53_health_check")
    )


def _probes(*kinds: str) -> Callable[[Stacks], float]:
    """Return the probes a day of all checkers; how many there are is assumed."""
    return lambda stacks: sum(
        CHECKERS * _DAY / check["request_interval"]
        for check in _bodies(stacks, "aws_route53_health_check")
        if check["type"] in kinds
    )


def _scheduled_runs(stacks: Stacks) -> float:
    rates = (
        re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", rule.get("schedule_expression", ""))
        for rule in _bodies(stacks, "aws_cloudwatch_event_rule")
    )
    return sum(_DAY / (int(rate[1]) * _SECONDS[rate[2]]) for rate in rates if rate)


def _replicas(stacks: Stacks) -> float:
    return sum(1 + len(each["replica"]) for each in _bodies(stacks, "aws_dynamodb_table"))


def _concurrency(stacks: Stacks) -> float:
    functions = _bodies(stacks, "aws_lambda_function")
    return sum(each.get("reserved_concurrent_executions", 0) for each in functions)


def _builds(stacks: Stacks) -> float:
    """Return the builds of a rollout in which every wave changes something."""
    pipelines = [*_bodies(stacks, "aws_codepipeline")]
    actions = [
        action["provider"] for stage in (pipelines or [{"stage": []}])[0]["stage"]
        for action in stage["action"]
    ]  # fmt: skip
    return actions.count("CodeBuild")


QUANTITIES: Final[Mapping[str, tuple[Callable[[Stacks], float], str]]] = {
    "hosted zones": (_of("aws_route53_zone"), "`zone.create`"),
    "health checks of endpoints by TCP": (_checks("TCP"), "regions"),
    "health checks of endpoints by HTTPS": (_checks("HTTPS"), "regions, `health.mode`"),
    "calculated health checks, and checks of alarms": (
        _checks("CALCULATED", "CLOUDWATCH_METRIC"), "regions",
    ),
    "TCP probes a day": (_probes("TCP"), "regions, `health.interval`"),
    "requests to the health APIs, and runs of the canaries, a day": (
        _probes("HTTPS"), "regions, `health.interval`",
    ),
    "scheduled runs of functions, and pulses of the registry, a day": (
        _scheduled_runs,
        "regions, `fail_back: latched`, `data`; `data.reconcile_hours`",
    ),
    "KMS keys": (_of("aws_kms_key"), "regions, pipelines"),
    "alarms": (_of("aws_cloudwatch_metric_alarm"), "regions"),
    "Lambda functions": (_of("aws_lambda_function"), "regions"),
    "reserved concurrent executions": (
        _concurrency, "regions, `data.parallelization_factor`; not billed, but a quota",
    ),
    "Kinesis streams": (_of("aws_kinesis_stream"), "regions; billed by the hour, also idle"),
    "replicas of DynamoDB tables": (_replicas, "regions"),
    "SQS queues": (_of("aws_sqs_queue"), "regions; billed by request"),
    "CloudTrail trails": (
        _of("aws_cloudtrail"),
        "regions, `data.create_trail`; a region can have five, and AWS does not raise that",
    ),
    "S3 buckets": (_of("aws_s3_bucket"), "regions"),
    "log groups": (_of("aws_cloudwatch_log_group"), "regions; billed by GB"),
    "pipelines": (_of("aws_codepipeline"), "one is active, one stands by"),
    "builds of a rollout that changes every wave": (_builds, "waves: regions and blocks"),
}  # fmt: skip
"""What is counted, and what drives it."""


def page(before: str, synthesis: Synthesis) -> str:
    """Return the page with the quantities of the settings' blocks."""
    stacks = [
        ([*synthesis(one).values()], [*synthesis(without).values()] if without else [])
        for one, without in COLUMNS.values()
    ]
    rows = [f"| quantity | {' | '.join(COLUMNS)} | driven by |", "|---|" + "---:|" * 5 + "---|"]
    for name, (count, driver) in QUANTITIES.items():
        numbers = [count(one) - count(without) for one, without in stacks]
        cells = " | ".join(f"{number:,.0f}" if number else "-" for number in numbers)
        rows.append(f"| {name} | {cells} | {driver} |")
    return with_section(PAGE, before, "quantities", "docs", "\n".join([*rows, ""]))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        text = page(PAGE.read_text(encoding="utf-8"), Synthesis(Path(folder)))
    PAGE.write_text(text, encoding="utf-8")
