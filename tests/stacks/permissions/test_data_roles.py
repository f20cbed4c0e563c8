"""The roles of a pipeline that rolls out the data of devices: what they may do besides."""

from collections.abc import Iterator
from itertools import chain

import pytest

from tests.stacks.permissions.examples import ACCOUNT
from tests.stacks.permissions.walked import (
    HERE,
    NORTH,
    OTHER,
    WITH_DATA,
    calls_on,
    permissions_with_data,
    synthesized,
    synthesized_with_data,
    walked,
    walked_with_data,
)
from tests.support.iam import Call

SCOPES = ["global", HERE, OTHER, NORTH]
STATES = "arn:aws:s3:::example-iot-dev-"


def calls(scope: str, *, write: bool) -> Iterator[Call]:
    environment = permissions_with_data().environment
    return calls_on(environment, scope, "data", "telemetry", "device-registry", write=write)


@pytest.mark.parametrize("scope", SCOPES)
def test_a_scope_s_role_may_read_and_change_all_that_its_stacks_hold(scope: str) -> None:
    role = walked_with_data()[f"apply-{scope}"]
    asked = list(chain(calls(scope, write=False), calls(scope, write=True)))
    assert [each for each in asked if not role.may(each)] == []
    assert len(asked) > 20


@pytest.mark.parametrize("scope", SCOPES)
def test_the_plan_role_may_read_all_and_change_nothing(scope: str) -> None:
    role = walked_with_data()["plan"]
    assert [each for each in calls(scope, write=False) if not role.may(each)] == []
    assert [each for each in calls(scope, write=True) if role.may(each)] == []


@pytest.mark.parametrize("role", ["pipeline", "synth", "apply-pipeline", *SCOPES])
@pytest.mark.parametrize("scope", SCOPES)
def test_no_other_role_may_change_what_a_scope_s_stacks_hold(role: str, scope: str) -> None:
    if role == scope:
        return
    name = f"apply-{role}" if role in SCOPES else role
    may = walked_with_data()[name].may
    assert [each for each in calls(scope, write=True) if may(each)] == []


@pytest.mark.parametrize("scope", SCOPES)
def test_where_there_is_no_data_nobody_may_do_any_of_it(scope: str) -> None:
    # Lambda, IAM, events, alarms and buckets are there for other stacks, by other names.
    recreated = {"cloudtrail", "dynamodb", "kinesis", "sqs"}
    asked = [
        each for each in calls(scope, write=True) if each.action.partition(":")[0] in recreated
    ]
    assert asked
    assert [each for role in walked().values() for each in asked if role.may(each)] == []


@pytest.mark.parametrize("region", [HERE, OTHER, NORTH])
def test_a_region_s_role_may_not_do_in_another_region_what_it_does_in_its_own(region: str) -> None:
    role = walked_with_data()[f"apply-{region}"]
    for call in calls(region, write=True):
        if call.context["aws:RequestedRegion"] == region:
            moved = {**call.context, "aws:RequestedRegion": "us-west-2"}
            assert not role.may(Call(call.action, call.resource, moved)), call


def on_table(verb: str, region: str, table: str = "device-state") -> set[str]:
    resource = f"arn:aws:dynamodb:{region}:{ACCOUNT}:table/example-dev-{table}"
    call = Call(f"dynamodb:{verb}", resource, {"aws:RequestedRegion": region})
    return {what for what, role in walked_with_data().items() if role.may(call)}


def test_a_table_s_replica_may_be_deleted_and_home_s_by_nobody() -> None:
    assert on_table("DeleteTable", OTHER) == on_table("DeleteTableReplica", OTHER)
    assert on_table("DeleteTable", OTHER) == {"apply-global"}
    assert on_table("DeleteTable", HERE) == set()


def test_the_states_of_devices_are_read_by_nobody_who_does_not_make_a_replica() -> None:
    for verb in ("GetItem", "Query", "Scan", "PutItem"):
        assert on_table(verb, HERE) == set()
        assert on_table(verb, OTHER) == {"apply-global"}


def test_a_region_s_role_may_change_a_stream_s_mode_and_the_number_of_its_shards() -> None:
    stream = f"arn:aws:kinesis:{OTHER}:{ACCOUNT}:stream/example-dev-telemetry"
    for verb, resource in (("UpdateStreamMode", "*"), ("UpdateShardCount", stream)):
        call = Call(f"kinesis:{verb}", resource, {"aws:RequestedRegion": OTHER})
        roles = [what for what, role in walked_with_data().items() if role.may(call)]
        assert roles == [f"apply-{OTHER}"]


def test_a_region_looks_up_its_replica_of_the_registry_and_changes_no_table() -> None:
    of_registry = "device-registry"
    looking = {"apply-global", "plan", f"apply-{OTHER}"}
    assert on_table("DescribeTable", OTHER, of_registry) == looking
    assert on_table("UpdateTable", OTHER, of_registry) == {"apply-global"}


def states(region: str, name: str, action: str) -> set[str]:
    resource = f"{STATES}{region}/dev/{name}"
    context = {"aws:ResourceAccount": ACCOUNT, "aws:RequestedRegion": region}
    call = Call(action, resource, context)
    return {what for what, role in walked_with_data().items() if role.may(call)}


@pytest.mark.parametrize("kind", ["telemetry", "device-registry"])
def test_a_region_s_role_keeps_the_states_of_all_its_stacks_and_takes_its_turn_for_each(
    kind: str,
) -> None:
    name = f"iot-dev-{kind}-{OTHER}"
    assert states(OTHER, f"{name}.tfstate", "s3:PutObject") == {f"apply-{OTHER}"}
    assert states(OTHER, f"{name}.turn", "s3:PutObject") == {f"apply-{OTHER}"}


def test_the_state_of_the_tables_is_written_by_the_global_role_alone() -> None:
    assert states(HERE, "iot-dev-data.tfstate", "s3:PutObject") == {"apply-global"}


def test_only_a_region_s_own_role_empties_and_deletes_the_bucket_of_its_trail() -> None:
    bucket = f"arn:aws:s3:::example-iot-dev-trail-{OTHER}"
    context = {"aws:RequestedRegion": OTHER}
    for verb, resource in (("DeleteBucket", bucket), ("DeleteObjectVersion", f"{bucket}/x")):
        call = Call(f"s3:{verb}", resource, context)
        may = {what for what, role in walked_with_data().items() if role.may(call)}
        assert may == {f"apply-{OTHER}"}


def passing(role: str, service: str, region: str = OTHER) -> set[str]:
    resource = f"arn:aws:iam::{ACCOUNT}:role/example-dev-{role}-{region}"
    context = {
        "aws:RequestedRegion": "us-east-1",
        "iam:PassedToService": f"{service}.amazonaws.com",
    }
    call = Call("iam:PassRole", resource, context)
    return {what for what, each in walked_with_data().items() if each.may(call)}


def test_a_rule_s_role_goes_to_iot_alone_and_a_function_s_to_lambda_alone() -> None:
    assert passing("telemetry-rule", "iot") == passing("telemetry", "lambda") == {f"apply-{OTHER}"}
    assert passing("telemetry-rule", "lambda") == passing("telemetry", "iot") == set()


def mapping(function: str) -> set[str]:
    context = {
        "aws:RequestedRegion": OTHER,
        "lambda:FunctionArn": f"arn:aws:lambda:{OTHER}:{ACCOUNT}:function:{function}",
    }
    call = Call("lambda:CreateEventSourceMapping", "*", context)
    return {what for what, role in walked_with_data().items() if role.may(call)}


def test_records_are_handed_to_functions_of_these_stacks_alone() -> None:
    assert mapping("example-dev-telemetry") == {f"apply-{OTHER}"}
    assert mapping("example-dev-canary") == mapping("other") == set()


def test_the_account_gets_one_service_linked_role_and_from_the_global_scope() -> None:
    roles = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role"
    service = "replication.dynamodb.amazonaws.com"
    context = {"aws:RequestedRegion": "us-east-1", "iam:AWSServiceName": service}
    right = Call(
        "iam:CreateServiceLinkedRole",
        f"{roles}/{service}/AWSServiceRoleForDynamoDBReplication",
        context,
    )
    other = Call(right.action, f"{roles}/other.amazonaws.com/x", context)
    may = {what for what, role in walked_with_data().items() if role.may(right)}
    assert may == {"apply-global"}
    assert not [what for what, role in walked_with_data().items() if role.may(other)]


def test_without_data_each_role_has_one_policy_and_all_have_one_boundary() -> None:
    stack = synthesized()
    assert set(stack.resources("aws_iam_policy")) == {"pipeline_boundary"}
    assert not stack.resources("aws_iam_role_policy_attachment")


def test_with_data_regions_and_the_global_stacks_have_boundaries_of_their_own() -> None:
    stack = synthesized_with_data()
    kinds = {"apply_global": "_global", "plan": "_regions"}
    kinds |= {f"apply_{region.replace('-', '_')}": "_regions" for region in WITH_DATA.regions}
    for name, role in stack.resources("aws_iam_role").items():
        boundary = f"pipeline_boundary{kinds.get(name, '')}"
        assert role["permissions_boundary"] == f"${{aws_iam_policy.{boundary}.arn}}"
