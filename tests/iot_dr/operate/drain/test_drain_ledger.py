"""The ledger of a drain."""

import json
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

import botocore.session
import pytest

from iot_dr.common.ledger_file import LedgerError
from iot_dr.drill.play.account import client
from iot_dr.drill.play.faults import ApiRequest
from iot_dr.observe.doctor.policies import drain_grants, policies
from iot_dr.operate.drain.drain_ledger import drain_ledger
from stacks.permissions.environment import PipelineEnvironment
from stacks.stack_context import stack_context
from tests.iot_dr.operate.drain.drained import FLEET, away, fleet
from tests.iot_dr.operate.rotate.day import Day
from tests.iot_dr.operate.rotate.world import CENTRAL, DEV, WEST
from tests.support.iam import Call, Role
from tests.support.json_output import result_of
from tests.support.registry_table import create_registry_table
from tests.support.synthesis import Synthesis


def test_the_ledger_is_readable_after_a_crash(tmp_path: Path) -> None:
    file = tmp_path / "ledger"
    crash = dedent(f"""
        import os, signal
        from pathlib import Path
        from iot_dr.operate.drain.drain_ledger import drain_ledger
        with drain_ledger(Path({str(file)!r}), None) as ledger:
            ledger.mark("use", "noon")
            ledger.add(["a", "b", "c"])
            ledger.record("a", "closed")
            ledger.record("b", "begun")
            os.kill(os.getpid(), signal.SIGKILL)
    """)
    done = subprocess.run([sys.executable, "-c", crash], check=False)
    assert done.returncode == -signal.SIGKILL
    with drain_ledger(file, "noon") as ledger:
        assert ledger.waiting() == ["c"]
        assert ledger.counts() == {"closed": 1, "begun": 1, "waiting": 1}
    with drain_ledger(file, "one o'clock") as ledger:
        assert ledger.counts() == {}


@contextmanager
def files_limited(size: int) -> Generator[None]:
    """Let this process write no file beyond a size, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("project")
def test_a_full_disk_after_the_switch_is_a_problem_of_the_drain_in_its_document(
    day: Day, capsys: pytest.CaptureFixture[str]
) -> None:
    connections = fleet(day)
    with files_limited(400_000):
        assert away(day, as_json=True) == 3
    assert day.puts() == [(WEST, True)]
    drain = result_of(capsys.readouterr().out)["drain"]
    assert "disk I/O error: free disk space, or leave out --drain" in drain["problem"]
    assert 0 < len(connections.closed) < FLEET


@pytest.mark.usefixtures("project")
def test_a_ledger_in_use_is_refused_before_the_switch_without_advice_to_name_another(
    day: Day,
) -> None:
    fleet(day)
    file = day.folder / ".deploy" / "drain" / f"dev-{WEST}"
    with (
        drain_ledger(file, None),
        pytest.raises(LedgerError, match="in use by another run: wait for it to end, or") as error,
    ):
        away(day)
    assert "name another file" not in str(error.value)
    assert day.puts() == []


ACCOUNT: Final = DEV.account_id
# The name in a signature: boto3's name, and IAM's prefix.
SERVICES: Final = {
    "dynamodb": ("dynamodb", "dynamodb"),
    "iot": ("iot", "iot"),
    "iotdata": ("iot-data", "iot"),
    "monitoring": ("cloudwatch", "cloudwatch"),
    "route53": ("route53", "route53"),
    "servicequotas": ("service-quotas", "servicequotas"),
    "ssm": ("ssm", "ssm"),
    "sts": ("sts", "sts"),
}
# Actions whose resource may be narrower than "*", below `arn:aws:SERVICE:REGION:ACCOUNT:`.
RESOURCES: Final = {
    "cloudwatch:DescribeAlarms": "alarm:{AlarmNames[0]}",
    "dynamodb:Scan": "table/{TableName}",
    "iot:DeleteConnection": "client/{clientId}",
    "iot:GetStatistics": "index/AWS_Things",
    "iot:SearchIndex": "index/AWS_Things",
    "ssm:GetParameter": "parameter{Name}",
    "ssm:PutParameter": "parameter{Name}",
}


@cache
def operations(service: str) -> dict[str, Any]:
    """Return the HTTP traits of a service's operations, the longest path first."""
    model = botocore.session.get_session().get_service_model(service)
    traits = {name: model.operation_model(name).http for name in model.operation_names}
    return dict(sorted(traits.items(), key=lambda each: -len(each[1]["requestUri"])))


def asked(request: ApiRequest) -> tuple[str, dict[str, Any]]:
    """Return the operation of a request, and its input as far as a resource needs it."""
    if target := request.headers.get("X-Amz-Target"):
        return target.rpartition(".")[2], json.loads(request.body)
    path = urlsplit(request.path).path
    if path == "/" and request.method == "POST":
        return parse_qs(request.body.decode())["Action"][0], {}
    for name, http in operations(SERVICES[request.service][0]).items():
        uri = re.escape(http["requestUri"].partition("?")[0])
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", uri)
        match = re.fullmatch(pattern, path)
        if match and http["method"] == request.method:
            return name, {key: unquote(value) for key, value in match.groupdict().items()}
    raise AssertionError(request)


def calls(day: Day) -> Iterator[Call]:
    """Yield the calls of the day that IAM judges."""
    for request in day.faults.seen:
        name, given = asked(request)
        prefix = SERVICES[request.service][1]
        action = f"{prefix}:{name}"
        if action == "sts:GetCallerIdentity":
            continue
        narrow = RESOURCES.get(action)
        base = f"arn:aws:{prefix}:{request.region}:{ACCOUNT}:"
        resource = f"{base}{narrow.format(**given)}" if narrow else "*"
        namespace = {"cloudwatch:namespace": given["Namespace"]} if "Namespace" in given else {}
        yield Call(action, resource, namespace)


@pytest.mark.usefixtures("project")
def test_the_policy_allows_each_call_and_grants_no_action_that_is_not_called(
    day: Day, synthesis: Synthesis
) -> None:
    connections = fleet(day, 3)
    assert away(day) == 0
    assert connections.clients == set()
    # Then by the registry's table.
    connections.index = "OFF"
    dynamodb = client("dynamodb", CENTRAL, day.world.endpoint)
    table = f"{DEV.project}-{DEV.environment}-device-registry"
    create_registry_table(dynamodb, table)
    try:
        assert away(day) == 0
    finally:
        dynamodb.delete_table(TableName=table)
    made = [*calls(day)]
    documents = policies(DEV, {name: each.document for name, each in synthesis(DEV).items()})
    role = Role([each for one in documents["switch away --drain"] for each in one["Statement"]])
    assert [call for call in made if not role.may(call)] == []
    own = PipelineEnvironment(DEV, stack_context(DEV, DEV.home_region))
    granted = {action for grant in drain_grants(own) for action in grant.actions}
    # Called only if an account has no quota of its own.
    assert granted - {call.action for call in made} == {"servicequotas:GetAWSDefaultServiceQuota"}
