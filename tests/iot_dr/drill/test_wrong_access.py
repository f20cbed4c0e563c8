"""Designs whose standby does not serve the devices, from wrong Terraform to the verdict.

Each rehearsal takes a quarter of a minute. `make test` has their steps: what a policy denies
(rig/region/test_device_gateway.py), and its diagnosis (report/test_diagnosis.py).
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from iot_dr.drill.report.verdict import DrillVerdict
from iot_dr.drill.rig.world.reading import read_world
from iot_dr.drill.rig.world.world import World
from tests.support.drill import needs_mosquitto
from tests.support.drill_rehearsal import quick_settings, rehearsed
from tests.support.drill_worlds import write_stacks
from tests.support.synthesis import Synthesis

pytestmark = [needs_mosquitto, pytest.mark.exhaustive]
_CENTRAL = "iot-dev-iot-eu-central-1"
_DOMAIN, _POLICY = "aws_iot_domain_configuration", "aws_iot_policy"

Stack = dict[str, dict[str, dict[str, Any]]]


def _world(folder: Path, change: Callable[[Stack], object]) -> World:
    """Return the world of a design whose standby is changed."""
    chosen = quick_settings()
    stacks = Synthesis(folder)(chosen)
    change(stacks[_CENTRAL].document["resource"])
    return read_world(write_stacks(stacks, folder / "written"), chosen)


def _without_domain(stack: Stack) -> None:
    del stack[_DOMAIN]["device_name"]


def _disabled(stack: Stack) -> None:
    stack[_DOMAIN]["device_name"]["status"] = "DISABLED"


def _other_certificate(stack: Stack) -> None:
    stack["aws_acm_certificate"]["certificate"]["domain_name"] = "mqtt-eu-central-1.example.com"


def _arns_of_the_primary(stack: Stack) -> None:
    policy = stack[_POLICY]["device"]
    policy["policy"] = policy["policy"].replace(":eu-central-1:", ":eu-west-1:")


def _statements(stack: Stack, change: Callable[[list[dict[str, Any]]], object]) -> None:
    policy = stack[_POLICY]["device"]
    document = json.loads(policy["policy"])
    change(document["Statement"])
    policy["policy"] = json.dumps(document)


def _without_receive(stack: Stack) -> None:
    _statements(stack, lambda statements: statements.pop())


def _with_deny(stack: Stack) -> None:
    denied = {"Effect": "Deny", "Action": "iot:Publish", "Resource": "*"}
    _statements(stack, lambda statements: statements.append(denied))


def _unknown_condition(stack: Stack) -> None:
    condition = {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
    _statements(stack, lambda statements: statements[0].update(Condition=condition))


@pytest.mark.parametrize(
    ("wrong", "why", "problem"),
    [
        (_without_receive, "policy-denies", "iot:Receive on arn:aws:iot:eu-central-1:"),
        (_without_domain, "name-not-served", "not mqtt.iot-dev.example.com"),
        (_disabled, "name-not-served", "not mqtt.iot-dev.example.com"),
        (_other_certificate, "certificate-refused", "a certificate was refused"),
        (_arns_of_the_primary, "policy-denies", "iot:Connect on "),
        (_with_deny, "policy-denies", "iot:Publish on "),
    ],
)
def test_a_standby_that_does_not_serve_the_devices_is_reported_why(
    tmp_path: Path, wrong: Callable[[Stack], None], why: str, problem: str
) -> None:
    report = rehearsed(quick_settings(), _world(tmp_path, wrong), "kill")
    assert report.verdict is DrillVerdict.MISSED, report.judgement
    assert report.diagnoses[0].id == why, report.diagnoses
    assert problem in report.diagnoses[0].problem
    assert report.figures.lost == report.figures.outlasted


def test_a_rehearsal_of_what_is_not_understood_is_invalid(tmp_path: Path) -> None:
    report = rehearsed(quick_settings(), _world(tmp_path, _unknown_condition), "kill")
    assert report.verdict is DrillVerdict.INVALID
    (reason,) = report.judgement.reasons
    assert "the condition operator IpAddress is not supported" in reason
