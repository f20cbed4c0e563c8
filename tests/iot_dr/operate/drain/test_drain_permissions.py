"""The calls of `iot-dr switch away --drain`, compared with the policy that the doctor prints."""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

import botocore.session
import pytest

from iot_dr.drill.play.account import client
from iot_dr.drill.play.faults import ApiRequest
from iot_dr.observe.doctor.policies import drain_grants, policies
from stacks.permissions.environment import PipelineEnvironment
from stacks.stack_context import stack_context
from tests.iot_dr.operate.drain.drained import away, fleet
from tests.iot_dr.operate.rotate.day import Day
from tests.iot_dr.operate.rotate.world import CENTRAL, DEV
from tests.support.iam import Call, Role
from tests.support.registry_table import create_registry_table
from tests.support.synthesis import Synthesis

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
