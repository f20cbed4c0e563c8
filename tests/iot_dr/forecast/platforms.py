"""Platforms of every kind, each synthesized once for all states that are drawn on it."""

import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from environments.settings import Settings
from functions.contract import FailBack, Mode
from iot_dr.drill.play.references import Found, LinkedStacks
from tests.support.failover_history import Alarm, Page
from tests.support.route53 import Route53
from tests.support.settings import REGIONS, settings
from tests.support.synthesis import Synthesis
from tests.support.template import Template


@dataclass(frozen=True)
class Kind:
    """How many regions, which of them is primary, what judges it, and who leads back to it."""

    count: int
    primary: int
    mode: Mode
    fail_back: FailBack


@dataclass(frozen=True)
class Platform:
    """Settings, the stacks made of them, and Route 53 over these."""

    settings: Settings
    stacks: dict[str, Template]
    route53: Route53


@cache
def platform(kind: Kind) -> Platform:
    """Synthesize a platform, the first time that it is asked for."""
    regions = list(REGIONS[: kind.count])
    chosen = settings(
        regions=regions,
        home_region=regions[0],
        primary_region=regions[kind.primary],
        health={"mode": kind.mode},
        recovery={"fail_back": kind.fail_back},
    )
    with tempfile.TemporaryDirectory() as folder:
        stacks = Synthesis(Path(folder))(chosen)
    return Platform(chosen, stacks, Route53(stacks))


def alarms(target: Platform) -> set[Page]:
    """Return the alarms on regions' health, keyed by their subject.

    Each must notify a topic of its region. Left out are those on what may lead to an outage: a
    certificate's end, and a flood of requests to the health API.
    """
    standing: set[Page] = set()
    stacks = LinkedStacks(target.stacks)
    for stack in target.stacks.values():
        for body in stack.resources("aws_cloudwatch_metric_alarm").values():
            alarm = Found(stack, "aws_cloudwatch_metric_alarm", body)
            if body["namespace"] not in {"AWS/CertificateManager", "AWS/ApiGateway", "AWS/Lambda"}:
                standing.add(_page(alarm, target))
                (topic,) = body["alarm_actions"]
                assert stacks.follow(stack, topic).region == alarm.region
    return standing


def _page(alarm: Found, target: Platform) -> Page:
    dimensions = alarm.body["dimensions"]
    match alarm.body["namespace"]:
        case "AWS/Route53":
            assert alarm.region == "us-east-1"
            check_id = dimensions["HealthCheckId"]
            leaf = target.route53.leaf(alarm.stack, check_id)
            return Page(leaf.region, {"HTTPS": Alarm.DEEP, "TCP": Alarm.TCP}[leaf.type])
        case "IotDr/Switch/dev":
            return Page(dimensions["Region"], Alarm.SWITCH)
        case "IotDr/Canary":
            return Page(alarm.region, Alarm.CANARY)
        case "IotDr/Watcher":
            order = target.settings.failover_order
            return Page(order[order.index(alarm.region) - 1], Alarm.WATCHER)
        case other:
            message = f"{other} is of no alarm that is known"
            raise AssertionError(message)
