"""A region leaves the settings: what led to it is moved before its checks and records go."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.sandbox_run import SandboxRun, changes, sandbox_run
from tests.support.settings import REGIONS

CHECK, RECORD = "aws_route53_health_check", "aws_route53_record"

Values = dict[str, dict[str, Any]]


def state(run: SandboxRun, folder: Path) -> Values:
    """Give the checks and records of a stack by their addresses."""
    document = json.loads(run.terraform(folder, "show", "-json"))
    resources = document["values"]["root_module"]["resources"]
    return {
        each["address"]: each["values"] for each in resources if each["type"] in {CHECK, RECORD}
    }


def moments(before: Values, after: Values, printed: str) -> Iterator[tuple[str, Values]]:
    """Give what stood after each thing that an apply did, and what that was."""
    standing = dict(before)
    for line in printed.splitlines():
        event = json.loads(line)
        if event["type"] != "apply_complete":
            continue
        action, address = event["hook"]["action"], event["hook"]["resource"]["addr"]
        if address in before or address in after:
            standing.pop(address, None)
            standing |= {address: after[address]} if action != "delete" else {}
            yield f"{action} {address}", dict(standing)


def of_kind(standing: Values, kind: str) -> list[dict[str, Any]]:
    return [values for address, values in standing.items() if address.startswith(f"{kind}.")]


def asked(standing: Values) -> set[str]:
    """Give the ids that records and calculated checks ask."""
    ids: set[str] = {each["health_check_id"] or "" for each in of_kind(standing, RECORD)}
    for check in of_kind(standing, CHECK):
        ids.update(check.get("child_healthchecks") or [])
    return ids - {""}


def sides(standing: Values, name: str) -> list[str]:
    return sorted(
        each["failover_routing_policy"][0]["type"]
        for each in of_kind(standing, RECORD)
        if each["name"] == name
    )


@pytest.mark.parametrize(("count", "gone"), [(5, 2), (3, 2)], ids=["third of 5", "last of 3"])
def test_at_no_moment_a_check_is_asked_that_is_gone_or_a_name_led_to_that_has_no_pair(
    count: int, gone: int, tmp_path: Path
) -> None:
    regions = list(REGIONS[:count])
    sandbox, scratch = tmp_path / "sandbox", tmp_path / "scratch"
    scratch.mkdir()
    with sandbox_run(sandbox, scratch, regions=regions) as run:
        assert all(changes(each) for each in run.plan(apply=True).values())
    left = [region for region in regions if region != regions[gone]]
    with sandbox_run(sandbox, scratch, regions=left) as run:
        folder = run.opened("entry-point")
        before = state(run, folder)
        printed = run.terraform(folder, "apply", "-auto-approve", "-json")
        after = state(run, folder)
    own = {each["id"] for each in of_kind(before, CHECK)}
    seen = list(moments(before, after, printed))
    assert len(seen) >= 7
    for what, standing in seen:
        ids = {each["id"] for each in of_kind(standing, CHECK)}
        assert asked(standing) & own <= ids, what
        aliases = [each["alias"][0]["name"] for each in of_kind(standing, RECORD) if each["alias"]]
        for name in ["mqtt.iot-dev.example.com", *aliases]:
            assert sides(standing, name) == ["PRIMARY", "SECONDARY"], what
