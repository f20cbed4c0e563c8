"""A change of device data in one region arrives in every other, or the proof names what breaks."""

import copy
import json
import re
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from environments.data import Data
from functions.contract import Kind
from iot_dr.design.data_path import DataPaths, data_paths
from iot_dr.generate.expectation import design_expectation
from iot_dr.prover.proofs import proofs
from iot_dr.rules import data_does_not_arrive
from iot_dr.terraform_json.configuration import read_configuration
from iot_dr.terraform_json.resource_set import ResourceSet
from tests.iot_dr.rules.designs import Documents, judged, our_settings, ours_with_data, where
from tests.support.settings import REGIONS, with_data

WEST, CENTRAL = REGIONS[:2]
DATA = "iot-dev-data"
TABLE, FUNCTION = "aws_dynamodb_table", "aws_lambda_function"
MAPPING, QUEUE = "aws_lambda_event_source_mapping", "aws_sqs_queue"
RULE, POLICY = "aws_iot_topic_rule", "aws_iam_role_policy"
CALLS, TRAIL = "aws_cloudwatch_event_rule", "aws_cloudtrail"
EVENTS = "aws_iot_event_configurations"
ROLE, STREAM = "aws_iam_role", "aws_kinesis_stream"
COPIES, VERSIONS = "aws_s3_bucket_replication_configuration", "aws_s3_bucket_versioning"
HOME, COPY = "state_eu_west_1", "state_eu_central_1"
OTHER_QUEUE = f"https://sqs.{WEST}.amazonaws.com/111111111111/other"

Edit = Callable[[Documents], None]
"""A change of an environment's stacks."""


def stack_of(region: str, type_: str, name: str) -> str:
    if type_ == TABLE:
        return DATA
    if name.startswith("state"):
        return "iot-dev-state"
    return f"iot-dev-{'telemetry' if name.startswith('telemetry') else 'device-registry'}-{region}"


def body(documents: Documents, region: str, type_: str, name: str) -> dict[str, Any]:
    return documents[stack_of(region, type_, name)]["resource"][type_][name]


def given(type_: str, name: str, *regions: str, **arguments: object) -> Edit:
    """Set arguments of a resource in regions, by default in the first; None removes one."""

    def edit(documents: Documents) -> None:
        for region in regions or (WEST,):
            values = body(documents, region, type_, name)
            values |= arguments
            for argument in [each for each in arguments if arguments[each] is None]:
                del values[argument]

    return edit


def without(type_: str, name: str) -> Edit:
    return lambda documents: documents[stack_of(WEST, type_, name)]["resource"][type_].pop(name)


def variable(function: str, name: str, value: str | None) -> Edit:
    def edit(documents: Documents) -> None:
        variables = body(documents, WEST, FUNCTION, function)["environment"]["variables"]
        variables |= {name: value}
        if value is None:
            del variables[name]

    return edit


def replaced(type_: str, name: str, argument: str, pattern: str, by: str) -> Edit:
    """Replace a part of an argument, which must contain it."""

    def edit(documents: Documents) -> None:
        values = body(documents, WEST, type_, name)
        text = json.dumps(values[argument])
        changed, count = re.subn(pattern, by, text)
        assert count
        values[argument] = json.loads(changed)

    return edit


def statements(role: str, change: Callable[[list[Any]], list[Any]]) -> Edit:
    def edit(documents: Documents) -> None:
        values = body(documents, WEST, POLICY, role)
        policy = json.loads(values["policy"])
        values["policy"] = json.dumps({**policy, "Statement": change(policy["Statement"])})

    return edit


def no_statement(role: str, sid: str) -> Edit:
    return statements(role, lambda every: [each for each in every if each["Sid"] != sid])


def selecting(pattern: object) -> Edit:
    filters = {"filter": [{"pattern": json.dumps(pattern)}]}
    return given(MAPPING, "registry_apply", filter_criteria=filters)


def rows(pattern: object) -> Edit:
    return selecting({"dynamodb": {"Keys": {"region": {"S": pattern}}}})


OTHERS = [{"prefix": f"{kind}/"} for kind in Kind if kind not in (Kind.CA_CERTIFICATE, Kind.SHADOW)]


def two_mappings(entities: Sequence[object], **arguments: object) -> Edit:
    """Let a second mapping with other arguments take shadows, and the first one entities alone."""

    def edit(documents: Documents) -> None:
        of_entities({"prefix": "shadow/"})(documents)
        mappings = documents[stack_of(WEST, MAPPING, "registry_apply")]["resource"][MAPPING]
        mappings["second"] = copy.deepcopy(mappings["registry_apply"]) | arguments
        of_entities(*entities)(documents)

    def of_entities(*patterns: object) -> Edit:
        return selecting({"dynamodb": {"Keys": {"entity": {"S": list(patterns)}}}})

    return edit


def every(*edits: Edit) -> Edit:
    def edit(documents: Documents) -> None:
        for change in edits:
            change(documents)

    return edit


def read(documents: Documents) -> ResourceSet:
    return ResourceSet(read_configuration(*each) for each in documents.items())


def lost(documents: Documents, *, has_settings: bool = True, regions: int = 2) -> DataPaths:
    """Return what is lost, and what is not known, with the settings or without."""
    expected = design_expectation(with_data(our_settings(regions)))
    return data_paths(read(documents), expected if has_settings else None)


NO_EVENTS = dict.fromkeys(("THING", "THING_GROUP", "THING_TYPE"), False)
REGISTRY, STATE = "device_registry", "device_state"
WRONG: dict[str, tuple[Edit, str]] = {
    "capture off everywhere": (
        given(EVENTS, "registry", WEST, CENTRAL, event_configurations=NO_EVENTS),
        "things",
    ),
    "events of things off": (
        replaced(EVENTS, "registry", "event_configurations", r'"THING": true', '"THING": false'),
        (
            "things changed in eu-west-1 do not arrive in eu-central-1: "
            "aws_iot_event_configurations.registry has event_configurations.THING false"
        ),
    ),
    "events of groups left out": (
        replaced(EVENTS, "registry", "event_configurations", r'"THING_GROUP": true, ', ""),
        "event_configurations.THING_GROUP false",
    ),
    "no event configuration": (without(EVENTS, "registry"), "aws_iot_event_configurations"),
    "a topic rule that is disabled": (
        given(RULE, "registry_things", enabled=False),
        "enabled false",
    ),
    "a topic rule that is missing": (without(RULE, "registry_shadows"), "no aws_iot_topic_rule in"),
    "a topic rule of another topic": (
        replaced(RULE, "registry_things", "sql", "events/thing/", "events/job/"),
        "no aws_iot_topic_rule in eu-west-1 sends $aws/events/thing/#",
    ),
    "a topic rule with a condition that is never true": (
        replaced(RULE, "registry_shadows", "sql", "documents'", "documents' WHERE 1 = 2"),
        "WHERE",
    ),
    "a topic rule that passes on no topic": (
        replaced(RULE, "registry_shadows", "sql", r"topic\(\) AS topic, ", ""),
        "topic() AS topic",
    ),
    "a topic rule that encodes what it sends": (
        replaced(RULE, "registry_things", "sqs", "false", "true"),
        "base64",
    ),
    "a topic rule to another queue": (
        replaced(RULE, "registry_things", "sqs", "registry_changes", "registry_parked"),
        "nothing reads",
    ),
    "a topic rule to a queue of others": (
        replaced(RULE, "registry_things", "sqs", r"\$\{aws_sqs[^}]*\}", OTHER_QUEUE),
        "sqs:SendMessage",
    ),
    "topic rules whose role may not send": (
        # prose: allow tell - it is stored in AWS
        no_statement("registry_rules", "TellTheQueues"),
        "sqs:SendMessage",
    ),
    "topic rules whose role may send to another queue": (
        replaced(POLICY, "registry_rules", "policy", r"registry_[cs]\w+", "registry_retry"),
        "sqs:SendMessage",
    ),
    "a trail that only reads": (
        replaced(TRAIL, "registry_trail", "event_selector", "WriteOnly", "ReadOnly"),
        (
            "certificates and policies changed in eu-west-1 do not arrive in eu-central-1: "
            "aws_cloudtrail.registry_trail has event_selector.read_write_type ReadOnly"
        ),
    ),
    "a trail that is off": (
        given(TRAIL, "registry_trail", enable_logging=False),
        "enable_logging false",
    ),
    "a trail that is missing": (without(TRAIL, "registry_trail"), "no aws_cloudtrail in"),
    "a trail without management events": (
        replaced(TRAIL, "registry_trail", "event_selector", "true", "false"),
        "include_management_events false",
    ),
    "a rule of calls that is disabled": (
        given(CALLS, "registry_calls", state="DISABLED"),
        "state DISABLED",
    ),
    "a rule without one call": (
        replaced(CALLS, "registry_calls", "event_pattern", r'\\"UpdateCertificate\\"', r'\\"X\\"'),
        "certificates changed in eu-west-1",
    ),
    "a rule of calls of another service": (
        replaced(CALLS, "registry_calls", "event_pattern", "aws.iot", "aws.ec2"),
        "does not match",
    ),
    "a rule of calls without a target": (
        without("aws_cloudwatch_event_target", "registry_calls"),
        "has no target",
    ),
    "a queue that the rule of calls may not send to": (
        replaced(QUEUE, "registry_changes", "policy", "registry-calls", "registry-other"),
        "events.amazonaws.com",
    ),
    "a queue that denies everything": (
        replaced(QUEUE, "registry_shadows", "policy", r'\\"false\\"', r'\\"true\\"'),
        "shadows",
    ),
    "an event source mapping that is disabled": (
        given(MAPPING, "registry_capture", enabled=False),
        "aws_lambda_event_source_mapping.registry_capture has enabled false",
    ),
    "no event source mapping": (without(MAPPING, "registry_capture_shadows"), "nothing reads"),
    "a mapping of another function": (
        replaced(MAPPING, "registry_capture", "function_name", "capture", "apply"),
        "nothing reads",
    ),
    "a mapping that drops messages": (
        given(
            MAPPING,
            "registry_capture",
            filter_criteria={"filter": [{"pattern": json.dumps({"body": {"x": ["y"]}})}]},
        ),
        "filter",
    ),
    "failed messages count as done": (
        given(MAPPING, "registry_capture", function_response_types=None),
        "ReportBatchItemFailures",
    ),
    "a timeout above the visibility": (
        given(QUEUE, "registry_changes", visibility_timeout_seconds=30),
        "30 s",
    ),
    "a function without concurrency": (
        given(FUNCTION, "registry_capture", reserved_concurrent_executions=0),
        "concurrency of aws_lambda_function.registry_capture is 0",
    ),
    "a function with another handler": (
        given(FUNCTION, "registry_capture", handler="functions.registry_capture.main.handle"),
        "has no handler",
    ),
    "a function of other code": (
        given(FUNCTION, "registry_apply", handler="index.handler"),
        "has the handler index.handler",
    ),
    "a function of an old Python": (
        given(FUNCTION, "registry_apply", runtime="python3.9"),
        "python3.9",
    ),
    "a function that is missing": (
        every(without(FUNCTION, "registry_apply"), without(MAPPING, "registry_apply")),
        "changed in eu-central-1 do not arrive in eu-west-1",
    ),
    "a function without a variable": (
        variable("registry_capture", "REGISTRY_RETRY_QUEUE", None),
        "needs the variable REGISTRY_RETRY_QUEUE",
    ),
    "a table of another name, capture": (
        variable("registry_capture", "REGISTRY_TABLE", "other"),
        (
            "changed in eu-west-1 do not arrive in eu-central-1: "
            "aws_lambda_function.registry_capture has the REGISTRY_TABLE other"
        ),
    ),
    "a table of another name, apply": (
        variable("registry_apply", "REGISTRY_TABLE", "other"),
        "changed in eu-central-1 do not arrive in eu-west-1",
    ),
    "a table of another name, telemetry": (
        variable("telemetry", "TELEMETRY_TABLE", "example-dev-device-registry"),
        "states",
    ),
    "a list of regions without its own": (
        variable("registry_capture", "REGISTRY_REGIONS", CENTRAL),
        "REGISTRY_REGIONS",
    ),
    "another account": (variable("registry_capture", "REGISTRY_ACCOUNT", "2" * 12), "REGISTRY_ACC"),
    "a queue of another kind in the variables": (
        variable("registry_apply", "REGISTRY_RETRY_QUEUE", OTHER_QUEUE),
        "registry_apply may not do sqs:SendMessage",
    ),
    "a role without reading": (no_statement("registry_capture", "ReadTheRegistry"), "iot:"),
    "a role without rows": (no_statement("registry_capture", "ReadAndWriteRows"), "dynamodb:PutI"),
    "a role that may not count deletions": (
        no_statement("registry_apply", "CountDeletions"),
        "aws_lambda_function.registry_apply may not do dynamodb:UpdateItem",
    ),
    "a role without queues": (no_statement("registry_capture", "ReadTheQueues"), "sqs:ReceiveM"),
    "a role without writing": (
        no_statement("registry_apply", "WriteTheRegistry"),
        "aws_lambda_function.registry_apply may not do iot:",
    ),
    "a role of another table": (
        replaced(POLICY, "registry_capture", "policy", "table/example-dev-device-r", "table/r"),
        "dynamodb:PutItem",
    ),
    "a role that may not update certificates": (
        replaced(POLICY, "registry_apply", "policy", r'\\"iot:UpdateCertificate\\",', ""),
        "iot:UpdateCertificate",
    ),
    "a role without the stream": (
        no_statement("registry_apply", "ReadTheStream"),
        "dynamodb:D",
    ),
    "a role that Lambda may not assume": (
        replaced("aws_iam_role", "registry_apply", "assume_role_policy", "lambda.", "ec2."),
        "does not let Lambda",
    ),
    "a filter of its own rows alone": (
        rows([WEST]),
        (
            "changed in eu-central-1 do not arrive in eu-west-1: "
            "aws_lambda_event_source_mapping.registry_apply skips new rows of eu-central-1"
        ),
    ),
    "a filter of all rows but those of the other region": (
        rows([{"anything-but": [CENTRAL]}]),
        "skips new rows of eu-central-1",
    ),
    "two mappings whose filters leave out a kind of entity": (
        two_mappings(OTHERS),
        (
            "aws_lambda_event_source_mapping.registry_apply and"
            " aws_lambda_event_source_mapping.second skips new rows of eu-central-1, such as"
            " ca-certificate/x"
        ),
    ),
    "two mappings of which the one of shadows loses failed rows": (
        two_mappings([*OTHERS, {"prefix": "ca-"}], function_response_types=None),
        "aws_lambda_event_source_mapping.second takes failed records as done",
    ),
    "shadows that nobody applies": (
        given(MAPPING, "registry_apply_shadows", enabled=False),
        "aws_lambda_event_source_mapping.registry_apply_shadows has enabled false",
    ),
    "a queue of shadows that apply does not read": (
        variable(
            "registry_apply", "REGISTRY_SHADOWS_QUEUE", "${aws_sqs_queue.registry_changes.url}"
        ),
        "which registry_apply does not read",
    ),
    "a filter of new rows alone": (selecting({"eventName": ["INSERT"]}), "skips changed rows"),
    "keys-only streams": (
        given(TABLE, REGISTRY, stream_view_type="KEYS_ONLY"),
        "KEYS_ONLY",
    ),
    "no stream": (given(TABLE, REGISTRY, stream_enabled=False), "stream"),
    "another start position": (
        given(MAPPING, "registry_apply", starting_position="LATEST"),
        "LATEST",
    ),
    "no retries": (given(MAPPING, "registry_apply", maximum_retry_attempts=0), "not retried"),
    "a stream that nothing reads": (without(MAPPING, "registry_apply"), "nothing reads"),
    "failed rows that nobody applies again": (
        given(MAPPING, "registry_apply_retry", enabled=False),
        "aws_lambda_event_source_mapping.registry_apply_retry has enabled false",
    ),
    "a replica missing": (given(TABLE, REGISTRY, replica=[]), "has no replica in eu-central-1"),
    "a replica of states missing": (given(TABLE, STATE, replica=[]), "device states"),
    "no tables": (without(TABLE, REGISTRY), "no table example-dev-device-registry is declared"),
    "another partition key": (
        replaced(TABLE, REGISTRY, "hash_key", "entity", "device"),
        "has hash_key device",
    ),
    "another sort key": (given(TABLE, STATE, range_key="zone"), "has range_key zone"),
    "another TTL attribute": (
        given(TABLE, REGISTRY, ttl={"attribute_name": "expiry", "enabled": True}),
        "expires",
    ),
    "no TTL": (given(TABLE, REGISTRY, ttl=None), "expires"),
    "recovery to a point in time off": (
        given(TABLE, REGISTRY, point_in_time_recovery={"enabled": False}),
        "point_in_time_recovery.enabled false",
    ),
    "protection against deletion off": (
        given(TABLE, STATE, deletion_protection_enabled=False),
        "deletion_protection_enabled false",
    ),
    "a replica without protection": (
        replaced(TABLE, REGISTRY, "replica", "true", "false"),
        "aws_dynamodb_table.device_registry has replica.point_in_time_recovery false",
    ),
    "telemetry's rule is disabled": (given(RULE, "telemetry", enabled=False), "telemetry"),
    "telemetry's rule selects no device": (
        replaced(RULE, "telemetry", "sql", r"topic\(2\) AS device, ", ""),
        "AS device",
    ),
    "telemetry's rule without a permission": (
        no_statement("telemetry_rule", "WriteTheStream"),
        "kinesis:PutRecord",
    ),
    "telemetry that nothing reads": (given(MAPPING, "telemetry", enabled=False), "enabled false"),
    "telemetry's function may not write": (no_statement("telemetry", "WriteStates"), "dynamodb:P"),
    "telemetry's function may not read": (no_statement("telemetry", "ReadTheStream"), "kinesis:"),
    "telemetry's function may not read the summary of the stream": (
        statements(
            "telemetry", lambda every: json.loads(json.dumps(every).replace("Summary", "X"))
        ),
        "kinesis:DescribeStreamSummary",
    ),
    "nobody reconciles": (
        given(CALLS, "registry_reconcile", state="DISABLED"),
        "what events missed",
    ),
}
WRONG |= {
    "topic rules whose role AWS IoT may not assume": (
        replaced(ROLE, "registry_rules", "assume_role_policy", "iot.amazonaws", "ec2.amazonaws"),
        "does not let iot assume it",
    ),
    "topic rules whose role is for rules of another name": (
        replaced(ROLE, "telemetry_rule", "assume_role_policy", "rule/", "rule/other_"),
        "the trust policy of aws_iam_role.telemetry_rule",
    ),
    "a stream with a key that its users may not use": (
        given(STREAM, "telemetry", kms_key_id="alias/own"),
        "aws_iot_topic_rule.telemetry may not do kms:GenerateDataKey",
    ),
    "a topic rule that gives up to no queue": (
        given(RULE, "registry_things", error_action=None),
        "aws_iot_topic_rule.registry_things sends what it gives up to no declared queue",
    ),
    "a topic rule that gives up to a queue that is read": (
        replaced(RULE, "registry_things", "error_action", "registry_parked", "registry_retry"),
        "gives up to aws_sqs_queue.registry_retry, which a function reads",
    ),
    "a target that gives up to no queue": (
        given("aws_cloudwatch_event_target", "registry_calls", dead_letter_config=None),
        "aws_cloudwatch_event_target.registry_calls sends what it gives up to no declared queue",
    ),
    "a target that may not give up": (
        replaced(QUEUE, "registry_parked", "policy", "registry-calls", "registry-other"),
        "does not let aws_cloudwatch_event_target.registry_calls send",
    ),
    "a queue that gives up to no queue": (
        given(QUEUE, "registry_changes", redrive_policy=None),
        "aws_sqs_queue.registry_changes sends what it gives up to no declared queue",
    ),
    "a stream that gives up to no queue": (
        given(MAPPING, "registry_apply", destination_config=None),
        "registry_apply sends what it gives up to no declared queue",
    ),
    "a reconciler that Lambda ends as a loop": (
        without("aws_lambda_function_recursion_config", "registry_reconcile"),
        "Lambda ends aws_lambda_function.registry_reconcile as a loop",
    ),
    "a FIFO queue": (given(QUEUE, "registry_changes", fifo_queue=True), "has fifo_queue true"),
    "a queue that forgets": (
        given(QUEUE, "registry_retry", message_retention_seconds=300),
        "deletes messages after 300 s",
    ),
    "telemetry that is given up after a minute": (
        given(MAPPING, "telemetry", maximum_record_age_in_seconds=60),
        "gives up records after 60 s",
    ),
    "a queue with the key of AWS": (
        given(
            QUEUE,
            "registry_changes",
            kms_master_key_id="alias/aws/sqs",
            sqs_managed_sse_enabled=None,
        ),
        "events.amazonaws.com may not use alias/aws/sqs",
    ),
    "a FIFO queue for what is given up": (
        given(QUEUE, "registry_parked", fifo_queue=True),
        "aws_sqs_queue.registry_parked has fifo_queue true",
    ),
    "a policy of a state bucket in another region": (
        given("aws_s3_bucket_policy", COPY, provider="aws.eu_west_1"),
        "aws_s3_bucket_policy.state_eu_central_1 is in eu-west-1",
    ),
    "a queue of changes that capture does not read": (
        variable(
            "registry_capture", "REGISTRY_CHANGES_QUEUE", "${aws_sqs_queue.registry_retry.url}"
        ),
        "which registry_capture does not read",
    ),
    "functions that exclude other policies": (
        variable("registry_capture", "REGISTRY_EXCLUDED_POLICIES", "other"),
        "has the REGISTRY_EXCLUDED_POLICIES other",
    ),
    "a timeout in which nothing begins": (
        given(FUNCTION, "registry_apply", timeout=20),
        "begins nothing in 20 s",
    ),
    "another version of SQL": (
        given(RULE, "registry_things", sql_version="beta"),
        "has sql_version beta",
    ),
    "no partition key": (
        replaced(RULE, "telemetry", "kinesis", r"topic\(2\)", "topic"),
        "has the partition key",
    ),
    "a stream without capacity": (
        given(STREAM, "telemetry", stream_mode_details=None),
        "has stream_mode_details.stream_mode PROVISIONED",
    ),
    "a table without capacity": (
        given(TABLE, STATE, billing_mode="PROVISIONED"),
        "has billing_mode PROVISIONED",
    ),
    "a table whose keys are numbers": (
        replaced(TABLE, REGISTRY, "attribute", '"S"', '"N"'),
        "has the key entity of type N",
    ),
    "recovery for less than the settings say": (
        given(TABLE, STATE, point_in_time_recovery={"enabled": True, "recovery_period_in_days": 1}),
        "can be recovered for 1 days alone",
    ),
    "a state that is not copied": (
        replaced(COPIES, HOME, "rule", "iot-dev-data", "iot-dev-other"),
        (
            "states of iot-dev-data changed in eu-west-1 do not arrive in eu-central-1: no"
            " replication rule of example-iot-dev-eu-west-1 leads to example-iot-dev-eu-central-1"
        ),
    ),
    "states that are copied to another bucket": (
        replaced(COPIES, HOME, "rule", ":::example-iot-dev-eu-central-1", ":::other"),
        "states of iot-dev-state, states of iot-dev-hosted-zone",
    ),
    "copies of states that are disabled": (
        replaced(COPIES, HOME, "rule", '"status": "Enabled"', '"status": "Disabled"'),
        "to example-iot-dev-eu-central-1 has Disabled",
    ),
    "states that nothing copies": (without(COPIES, HOME), "no replication rule"),
    "a state that the role may not copy": (
        replaced(POLICY, COPY, "policy", "iot-dev-entry-point", "other"),
        "may not do s3:ReplicateObject",
    ),
    "states whose versions the role may not read": (
        replaced(POLICY, HOME, "policy", "GetObjectVersionForReplication", "GetObject"),
        "may not do s3:GetObjectVersionForReplication",
    ),
    "a role of copies that S3 may not assume": (
        replaced(ROLE, "state_replication", "assume_role_policy", "s3.amazonaws", "ec2.amazonaws"),
        "does not let s3 assume it",
    ),
    "a state bucket without versions": (
        given(VERSIONS, COPY, versioning_configuration={"status": "Suspended"}),
        "versioning_configuration.status Suspended",
    ),
    "a state bucket that nobody may use": (
        replaced("aws_s3_bucket_policy", COPY, "policy", "false", "true"),
        "lets nobody use example-iot-dev-eu-central-1",
    ),
    "a state bucket in another region": (
        given("aws_s3_bucket", COPY, provider="aws.eu_west_1"),
        "is in eu-west-1, and not in eu-central-1",
    ),
}
ARN = f"arn:aws:sqs:{WEST}:111111111111:example-dev-registry-changes"
HARMLESS: dict[str, Edit] = {
    "statements in another order": statements("registry_apply", lambda every: every[::-1]),
    "statements without names": statements(
        "registry_capture",
        lambda every: [{key: each[key] for key in each if key != "Sid"} for each in every],
    ),
    "wider permissions": replaced(
        POLICY, "registry_apply", "policy", "iot:Describe[A-Z]\\w*", "iot:*"
    ),
    "the literal ARN of a queue": given(MAPPING, "registry_capture", event_source_arn=ARN),
    "the literal URL of a queue": replaced(
        RULE,
        "registry_things",
        "sqs",
        r"\$\{aws_sqs[^}]*\}",
        OTHER_QUEUE.replace("other", "example-dev-registry-changes"),
    ),
    "the literal name of a function": given(
        MAPPING, "registry_capture", function_name="example-dev-registry-capture"
    ),
    "a longer timeout": every(
        given(FUNCTION, "registry_capture", timeout=90),
        given(QUEUE, "registry_changes", visibility_timeout_seconds=600),
    ),
    "a larger batch": given(MAPPING, "registry_apply", batch_size=100),
    "a longer window": given(MAPPING, "telemetry", maximum_batching_window_in_seconds=5),
    "another order of calls": replaced(
        CALLS,
        "registry_calls",
        "event_pattern",
        r'(\\"AttachPolicy\\"),(\\"AttachPrincipalPolicy\\")',
        r"\2,\1",
    ),
    "a filter of the other regions by name": rows([CENTRAL]),
    "two mappings that together take every row": two_mappings([*OTHERS, {"prefix": "ca-"}]),
    "no filter": given(MAPPING, "registry_apply", filter_criteria=None),
    "more events": replaced(
        EVENTS, "registry", "event_configurations", r'"THING": true', '"JOB": true, "THING": true'
    ),
    "white space in SQL": replaced(RULE, "registry_things", "sql", r"SELECT \*", "select  * "),
    "a wider topic": replaced(RULE, "registry_things", "sql", "events/thing/#", "events/#"),
    "a trail of every call": replaced(
        TRAIL, "registry_trail", "event_selector", "WriteOnly", "All"
    ),
    "a trail by default": given(TRAIL, "registry_trail", event_selector=None),
    "more memory": given(FUNCTION, "registry_apply", memory_size=1024),
    "no reserved concurrency": given(
        FUNCTION, "registry_apply", reserved_concurrent_executions=None
    ),
    "a longer recovery": given(
        TABLE, STATE, point_in_time_recovery={"enabled": True, "recovery_period_in_days": 35}
    ),
    "regions in another order": variable("registry_apply", "REGISTRY_REGIONS", f"{CENTRAL},{WEST}"),
    "a newer Python": given(FUNCTION, "telemetry", runtime="python3.14"),
    "no retries of a queue, as a state has it": given(
        MAPPING, "registry_capture", maximum_retry_attempts=0
    ),
    "the ARN of the stream, as a state has it": replaced(
        POLICY,
        "registry_apply",
        "policy",
        r"\$\{data.aws_dynamodb_table[^}]*\}",
        f"arn:aws:dynamodb:{WEST}:111111111111:table/example-dev-device-registry/stream/2026",
    ),
    "a stream with a key that is not known": given(STREAM, "telemetry", kms_key_id="${var.key}"),
    "a stream without encryption": given(
        STREAM, "telemetry", kms_key_id="alias/own", encryption_type="NONE"
    ),
    "one rule that copies every state": replaced(
        COPIES, HOME, "rule", '"dev/iot-dev-state.tfstate"', '"dev/"'
    ),
    "the literal names of buckets": given(VERSIONS, COPY, bucket="example-iot-dev-eu-central-1"),
    "limited retries": given(MAPPING, "registry_apply", maximum_retry_attempts=500),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_data_path_loses_data_and_names_the_link(name: str) -> None:
    edit, expected = WRONG[name]
    documents = ours_with_data()
    edit(documents)
    messages = [loss.message for loss in lost(documents).lost]
    assert any(expected in message for message in messages), messages


@pytest.mark.parametrize("name", HARMLESS)
def test_a_harmless_change_of_the_data_path_loses_nothing(name: str) -> None:
    documents = ours_with_data()
    HARMLESS[name](documents)
    assert lost(documents) == lost(documents, has_settings=False) == DataPaths()


@pytest.mark.parametrize("regions", [2, 3, pytest.param(5, marks=pytest.mark.exhaustive)])
def test_the_data_path_of_every_environment_is_whole(regions: int) -> None:
    assert lost(ours_with_data(regions), regions=regions) == DataPaths()


def test_the_proof_and_the_rule_name_every_loss() -> None:
    documents = ours_with_data()
    WRONG["a trail that only reads"][0](documents)
    WRONG["keys-only streams"][0](documents)
    expected = design_expectation(with_data(our_settings()))
    (proof,) = proofs(read(documents), expected)
    (violation,) = proof.violations
    assert proof.verdict == "disproved"
    messages = [violation.observed, *violation.reasons]
    findings = judged(data_does_not_arrive.RULE, documents, with_data(our_settings()))
    assert [f"{message}." for message in messages] == [each.message for each in findings]
    assert where(findings) == {
        f"{DATA}/aws_dynamodb_table.device_registry",
        f"iot-dev-device-registry-{WEST}/aws_cloudtrail.registry_trail",
    }


SENDS = {"Service": "events.amazonaws.com"}
USES = {"Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": "*"}
OF_A_RULE = {"ArnLike": {"aws:SourceArn": f"arn:aws:events:{WEST}:*:rule/*"}}
OF_THE_ACCOUNT = {"StringEquals": {"aws:SourceAccount": "111111111111"}}
OF_ANOTHER = {"ArnLike": {"aws:SourceArn": f"arn:aws:events:{CENTRAL}:*:rule/*"}}


@pytest.mark.parametrize(
    ("statement", "is_lost"),
    [
        ({**USES, "Principal": SENDS}, False),
        ({**USES, "Principal": SENDS, "Condition": OF_A_RULE}, False),
        ({**USES, "Principal": SENDS, "Condition": OF_THE_ACCOUNT}, False),
        ({**USES, "Principal": SENDS, "Condition": OF_ANOTHER}, True),
        ({**USES, "Principal": SENDS, "Action": "kms:Decrypt"}, True),
        ({**USES, "Principal": {"Service": "sns.amazonaws.com"}}, True),
    ],
)
def test_a_queue_with_a_key_of_its_own_needs_a_key_policy_for_its_sender(
    statement: dict[str, Any], is_lost: bool
) -> None:
    documents = ours_with_data()
    given(QUEUE, "registry_changes", WEST, kms_master_key_id="${aws_kms_key.queues.arn}")(documents)
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    stack = documents[stack_of(WEST, QUEUE, "registry_changes")]
    stack["resource"]["aws_kms_key"] = {"queues": {"policy": policy}}
    messages = " ".join(loss.message for loss in lost(documents).lost)
    assert ("does not let events.amazonaws.com kms:" in messages) is is_lost, messages


def test_a_trail_of_the_account_is_assumed_if_the_settings_say_so_and_only_then() -> None:
    documents, own = ours_with_data(), our_settings()
    for region in (WEST, CENTRAL):
        del documents[stack_of(region, TRAIL, "")]["resource"][TRAIL]
    assert "no aws_cloudtrail in eu-west-1 logs calls" in lost(documents).lost[0].message
    assert (
        "no aws_cloudtrail in eu-west-1 logs calls" in lost(documents, has_settings=False).unknown
    )
    account = own.model_copy(update={"data": Data(create_trail=False)})
    (proof,) = proofs(read(documents), design_expectation(account))
    assert (proof.verdict, proof.unknown) == ("proved", ())
    assert "calls to AWS IoT in eu-west-1 are assumed to be logged by a trail" in str(
        proof.notes[0]
    )


def test_stacks_of_one_region_say_that_the_other_is_not_judged() -> None:
    documents = {name: each for name, each in ours_with_data().items() if CENTRAL not in name}
    del documents[DATA]
    paths = lost(documents, has_settings=False)
    assert not paths.lost
    assert any(CENTRAL in sentence for sentence in paths.unknown)


def test_other_code_is_not_judged() -> None:
    documents = ours_with_data()
    for stack in documents.values():
        for function in stack["resource"].get(FUNCTION, {}).values():
            function |= {"handler": "index.handler", "environment": {}}
    assert lost(documents, has_settings=False) == DataPaths()
