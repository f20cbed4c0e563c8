"""What keeps a region's device registry in step with the other regions'."""

import json
import re
from collections import Counter
from typing import Any

import pytest

from environments.settings import Settings
from functions.registry.entity import Kind
from functions.registry.pending import PENDING_TIMEOUT
from functions.registry.queue import MAX_DELAY
from functions.registry_apply.consumer import MAX_RETRY_AGE, changed_elsewhere
from functions.registry_capture.account_region import AccountRegion
from functions.registry_capture.events import CALLS, change_of
from tests.support.settings import REGIONS, settings
from tests.support.synthesis import Synthesis
from tests.support.template import Template

REGION = "eu-central-1"
ACCOUNT = "111111111111"
PLATFORM = settings(regions=list(REGIONS[:3]), data={"reconcile_hours": 6})
DEAD_LETTERS = "${aws_sqs_queue.registry_parked.arn}"
FUNCTIONS = ("apply", "capture", "reconcile")


@pytest.fixture
def stack(synthesis: Synthesis) -> Template:
    return synthesis(PLATFORM)[f"iot-dev-device-registry-{REGION}"]


def mappings(stack: Template) -> dict[str, dict[str, Any]]:
    return stack.resources("aws_lambda_event_source_mapping")


def queues(stack: Template) -> dict[str, dict[str, Any]]:
    return stack.resources("aws_sqs_queue")


def function(stack: Template, what: str) -> dict[str, Any]:
    return stack.resources("aws_lambda_function")[f"registry_{what}"]


def test_it_reads_no_state_and_asks_no_other_region(stack: Template) -> None:
    (table,) = stack.blocks("data")
    assert (table.type, table.body["name"]) == (
        "aws_dynamodb_table",
        "example-dev-device-registry",
    )
    assert table.body["provider"] == f"aws.{REGION.replace('-', '_')}"
    document = json.dumps({**stack.document, "terraform": None})
    # The functions know by name of which regions rows count, and ask none of them.
    document = document.replace(",".join(REGIONS[:3]), "")
    assert set(re.findall(r"\b[a-z]{2}-[a-z]+-\d\b", document)) == {REGION}


def test_its_first_plan_needs_no_table_and_no_later_one_hides_its_stream(stack: Template) -> None:
    (table,) = stack.data("aws_dynamodb_table").values()
    assert table["depends_on"] == ["terraform_data.device_registry"]
    first = stack.resources("terraform_data")["device_registry"]
    assert first.keys() <= {"//"}, "what could change would hide the stream from a plan"


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(
            settings(regions=list(REGIONS[:3]), data={"reconcile_hours": 6}, primary_region=REGION),
            id="primary",
        ),
        pytest.param(
            settings(
                regions=list(REGIONS[:3]), data={"reconcile_hours": 6}, handover_region=REGION
            ),
            id="copy",
            marks=pytest.mark.exhaustive,
        ),
    ],
)
def test_neither_the_primary_nor_a_copy_changes_it(
    other: Settings, stack: Template, synthesis: Synthesis
) -> None:
    assert synthesis(other)[stack.name].document == stack.document


def test_the_events_of_the_registry_are_on_and_those_of_others_are_left_as_they_are(
    stack: Template,
) -> None:
    (events,) = stack.resources("aws_iot_event_configurations").values()
    own = events["event_configurations"]
    assert all(own.values())
    keys: str = "\n".join(events["lifecycle"]["ignore_changes"])
    ignored = set(re.findall(r'^event_configurations\["(\w+)"\]$', keys, re.MULTILINE))
    # All that AWS knows: docs.aws.amazon.com/iot/latest/apireference, UpdateEventConfigurations.
    assert {*own, *ignored} == {
        *("THING", "THING_GROUP", "THING_TYPE", "THING_GROUP_MEMBERSHIP", "THING_GROUP_HIERARCHY"),
        *("THING_TYPE_ASSOCIATION", "JOB", "JOB_EXECUTION", "POLICY", "CERTIFICATE"),
        "CA_CERTIFICATE",
    }
    assert not own.keys() & ignored


def test_a_rule_takes_each_event_of_the_registry_as_it_is(stack: Template) -> None:
    whole = re.compile(r"SELECT \* FROM '\$aws/events/(.+)'")
    rules = stack.resources("aws_iot_topic_rule").values()
    topics = {match[1] for each in rules if (match := whole.fullmatch(each["sql"]))}
    # Below `#` alone each connection of a device would be an event too.
    assert topics == {
        *("thing/#", "thingGroup/#", "thingGroupHierarchy/#", "thingGroupMembership/#"),
        *("thingType/#", "thingTypeAssociation/#", "certificates/registered/#"),
    }


def test_of_a_shadow_s_change_a_rule_takes_what_capture_reads_and_nothing_a_device_says(
    stack: Template,
) -> None:
    select = re.compile(
        r"SELECT topic\(\) AS topic, timestamp\(\) AS time FROM '(\$aws/things/.*)'"
    )
    rules = stack.resources("aws_iot_topic_rule").values()
    topics = [match[1] for each in rules if (match := select.fullmatch(each["sql"]))]
    assert len(topics) == 4
    for topic in topics:
        body = {"topic": topic.replace("+", "one"), "time": 1_700_000_000_000}
        change = change_of(json.dumps(body), AccountRegion(ACCOUNT, REGION))
        assert {each.kind for each in change.entities} == {Kind.SHADOW}


def test_a_rule_writes_shadows_to_a_queue_and_all_else_to_another_or_to_the_dead_letter_queue(
    stack: Template,
) -> None:
    rules = stack.resources("aws_iot_topic_rule")
    assert len(rules) == 11
    for rule in rules.values():
        assert re.fullmatch(r"example_dev_registry_[a-z_]+", rule["name"])
        assert rule["enabled"] is True
        (action,) = rule["sqs"]
        queue = "shadows" if "/shadow" in rule["sql"] else "changes"
        assert action["queue_url"] == f"${{aws_sqs_queue.registry_{queue}.url}}"
        assert rule["error_action"]["sqs"]["queue_url"] == "${aws_sqs_queue.registry_parked.url}"
        assert rule["depends_on"] == ["aws_iam_role_policy.registry_rules"]
    role = stack.resources("aws_iam_role")["registry_rules"]
    (trust,) = json.loads(role["assume_role_policy"])["Statement"]
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"aws:SourceArn": f"arn:aws:iot:{REGION}:{ACCOUNT}:rule/example_dev_registry_*"},
    }
    policy = stack.resources("aws_iam_role_policy")["registry_rules"]["policy"]
    (only,) = json.loads(policy)["Statement"]
    assert only["Action"] == "sqs:SendMessage"
    own = [f"${{aws_sqs_queue.registry_{name}.arn}}" for name in ("changes", "shadows")]
    assert only["Resource"] == [*own, DEAD_LETTERS]


def test_a_pulse_goes_through_each_queue_of_capture_every_minute_and_its_lack_is_an_alarm(
    stack: Template,
) -> None:
    rule = stack.resources("aws_cloudwatch_event_rule")["registry_pulses"]
    assert rule["schedule_expression"] == "rate(1 minute)"
    for name in ("changes", "shadows"):
        target = stack.resources("aws_cloudwatch_event_target")[f"registry_pulses_{name}"]
        assert target["arn"] == f"${{aws_sqs_queue.registry_{name}.arn}}"
        policy = json.loads(queues(stack)[f"registry_{name}"]["policy"])
        (sending,) = (each for each in policy["Statement"] if each["Effect"] == "Allow")
        source = sending["Condition"]["ArnEquals"]["aws:SourceArn"]
        assert f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{rule['name']}" in source
    alarm = stack.resources("aws_cloudwatch_metric_alarm")["registry_recovery_point"]
    assert (alarm["metric_name"], alarm["treat_missing_data"]) == ("RecoveryPoint", "breaching")


def test_the_replication_of_both_tables_to_whatever_region_is_watched(stack: Template) -> None:
    alarms = stack.resources("aws_cloudwatch_metric_alarm")
    for subject, table in (("registry", "device-registry"), ("states", "device-state")):
        (query,) = alarms[f"{subject}_replication"]["metric_query"]
        assert query["expression"].endswith(f"WHERE TableName = 'example-dev-{table}'")


def test_eventbridge_hears_of_the_calls_that_capture_knows_and_of_no_other(stack: Template) -> None:
    rule = stack.resources("aws_cloudwatch_event_rule")["registry_calls"]
    pattern = json.loads(rule["event_pattern"])
    assert pattern["source"] == ["aws.iot"]
    assert pattern["detail-type"] == ["AWS API Call via CloudTrail"]
    assert pattern["detail"]["eventSource"] == ["iot.amazonaws.com"]
    assert sorted(pattern["detail"]["eventName"]) == sorted(CALLS)
    target = stack.resources("aws_cloudwatch_event_target")["registry_calls"]
    assert target["arn"] == "${aws_sqs_queue.registry_changes.arn}"
    assert target["dead_letter_config"] == {"arn": DEAD_LETTERS}
    for name in ("changes", "parked"):
        policy = json.loads(queues(stack)[f"registry_{name}"]["policy"])
        (sending,) = (each for each in policy["Statement"] if each["Effect"] == "Allow")
        source = sending["Condition"]["ArnEquals"]["aws:SourceArn"]
        assert f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{rule['name']}" in source
    for name in ("apply_shadows", "retry", "reconcile"):
        assert "Allow" not in queues(stack)[f"registry_{name}"]["policy"]


def test_the_trail_writes_down_what_changes_something_in_its_own_region(stack: Template) -> None:
    (trail,) = stack.resources("aws_cloudtrail").values()
    (selector,) = trail["event_selector"]
    assert selector == {"include_management_events": True, "read_write_type": "WriteOnly"}
    assert trail["enable_logging"] is True
    assert trail["enable_log_file_validation"] is True
    assert trail["is_multi_region_trail"] is False
    assert trail["include_global_service_events"] is False


def test_without_an_own_trail_the_rule_of_calls_stays(synthesis: Synthesis) -> None:
    stack = synthesis(settings(data={"create_trail": False}))[f"iot-dev-device-registry-{REGION}"]
    assert [each for each in stack.blocks() if each.logical_id == "registry_trail"] == []
    assert stack.resources("aws_cloudwatch_event_rule").keys() >= {"registry_calls"}


def test_the_trail_s_bucket_is_closed_short_lived_and_holds_up_no_region_that_leaves(
    stack: Template,
) -> None:
    bucket = stack.resources("aws_s3_bucket")["registry_trail"]
    assert bucket["bucket"] == f"example-iot-dev-trail-{REGION}"
    assert bucket["force_destroy"] is True
    assert "lifecycle" not in bucket
    block = stack.resources("aws_s3_bucket_public_access_block")["registry_trail"]
    assert [value for value in block.values() if isinstance(value, bool)] == [True] * 4
    (rule,) = stack.resources("aws_s3_bucket_lifecycle_configuration")["registry_trail"]["rule"]
    assert rule["expiration"] == [{"days": 7}]
    (trail,) = stack.resources("aws_cloudtrail").values()
    arn = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/{trail['name']}"
    policy = json.loads(stack.resources("aws_s3_bucket_policy")["registry_trail"]["policy"])
    *allowed, closing = policy["Statement"]
    assert closing["Effect"] == "Deny"
    assert [each["Action"] for each in allowed] == ["s3:GetBucketAcl", "s3:PutObject"]
    for statement in allowed:
        assert statement["Principal"] == {"Service": "cloudtrail.amazonaws.com"}
        assert statement["Condition"]["StringEquals"]["aws:SourceArn"] == arn
    assert trail["depends_on"] == ["aws_s3_bucket_policy.registry_trail"]


def test_only_rows_of_other_regions_are_applied(stack: Template) -> None:
    mapping = mappings(stack)["registry_apply"]
    stream = "${data.aws_dynamodb_table.device_registry.stream_arn}"
    assert mapping["event_source_arn"] == stream
    ((pattern,),) = ([each["pattern"] for each in mapping["filter_criteria"]["filter"]],)
    allowed = json.loads(pattern)["dynamodb"]["Keys"]["region"]["S"]
    assert allowed == [{"anything-but": [REGION]}]
    keys = {"entity": {"S": "thing/one"}, "region": {"S": REGION}}
    row = {"eventName": "INSERT", "dynamodb": {"Keys": keys, "NewImage": {}}}
    assert changed_elsewhere(row, REGION) is None, "so nothing is lost by leaving it out"


def test_a_message_is_hidden_for_as_long_as_lambda_wants_and_comes_again_before_it_is_dead_lettered(
    stack: Template,
) -> None:
    reads = {
        "registry_capture": ("changes", "capture"),
        "registry_capture_shadows": ("shadows", "capture"),
        "registry_apply_retry": ("retry", "apply"),
        "registry_apply_shadows": ("apply_shadows", "apply"),
        "registry_reconcile": ("reconcile", "reconcile"),
    }
    for mapping_id, (queue, what) in reads.items():
        mapping, name = mappings(stack)[mapping_id], f"registry_{queue}"
        assert mapping["event_source_arn"] == f"${{aws_sqs_queue.{name}.arn}}"
        assert mapping["function_name"] == f"${{aws_lambda_function.registry_{what}.arn}}"
        window = mapping["maximum_batching_window_in_seconds"]
        hidden = queues(stack)[name]["visibility_timeout_seconds"]
        assert hidden >= 6 * function(stack, what)["timeout"] + window
        redrive = json.loads(queues(stack)[name]["redrive_policy"])
        assert redrive["deadLetterTargetArn"] == DEAD_LETTERS
        assert redrive["maxReceiveCount"] >= 5
    assert "redrive_policy" not in queues(stack)["registry_parked"]


def test_apply_dead_letters_a_change_with_its_reason_before_the_queue_does_without(
    stack: Template,
) -> None:
    redrive = json.loads(queues(stack)["registry_retry"]["redrive_policy"])
    # With the longest pause between two: only the first ones are shorter.
    assert redrive["maxReceiveCount"] > 2 * MAX_RETRY_AGE / (MAX_DELAY * 1000)


def test_nobody_takes_a_change_for_abandoned_while_a_run_may_still_apply_it(
    stack: Template,
) -> None:
    assert function(stack, "apply")["timeout"] * 1000 < PENDING_TIMEOUT


def test_as_many_runs_are_kept_for_a_function_as_its_queues_start_so_that_none_waits_for_another(
    stack: Template,
) -> None:
    started: Counter[str] = Counter()
    for mapping in mappings(stack).values():
        if "scaling_config" in mapping:
            what = re.sub(r".*registry_(\w+)\.arn}", r"\1", mapping["function_name"])
            started[what] += mapping["scaling_config"]["maximum_concurrency"]
    assert started.keys() == set(FUNCTIONS)
    for what, runs in started.items():
        assert runs <= function(stack, what)["reserved_concurrent_executions"]


def test_failed_messages_come_again_by_themselves_and_places_one_at_a_time(
    stack: Template,
) -> None:
    several = ("apply", "apply_retry", "capture", "capture_shadows")
    for name in (f"registry_{each}" for each in several):
        assert mappings(stack)[name]["function_response_types"] == ["ReportBatchItemFailures"]
    places = mappings(stack)["registry_reconcile"]
    assert places["batch_size"] == 1
    assert "function_response_types" not in places


def test_what_the_stream_s_records_cannot_become_is_dead_lettered(stack: Template) -> None:
    mapping = mappings(stack)["registry_apply"]
    assert mapping["destination_config"] == {"on_failure": {"destination_arn": DEAD_LETTERS}}
    assert mapping["bisect_batch_on_function_error"] is True
    assert mapping["maximum_record_age_in_seconds"] == 24 * 3600


@pytest.mark.parametrize("factor", [2, 10, pytest.param(1, marks=pytest.mark.exhaustive)])
def test_as_many_runs_are_reserved_as_may_start_at_once(factor: int, synthesis: Synthesis) -> None:
    chosen = settings(data={"parallelization_factor": factor})
    stack = synthesis(chosen)[f"iot-dev-device-registry-{REGION}"]
    concurrency = {
        name: mapping["scaling_config"]["maximum_concurrency"]
        for name, mapping in mappings(stack).items()
        if "scaling_config" in mapping
    }
    assert mappings(stack)["registry_apply"]["parallelization_factor"] == factor
    assert concurrency["registry_capture_shadows"] == 5 * factor
    capture = function(stack, "capture")["reserved_concurrent_executions"]
    assert capture == concurrency["registry_capture"] + 5 * factor
    # A new table's stream has four shards.
    apply = function(stack, "apply")["reserved_concurrent_executions"]
    queues_of_apply = concurrency["registry_apply_retry"] + concurrency["registry_apply_shadows"]
    assert apply == 15 * factor >= 4 * factor + queues_of_apply


def test_a_function_reserves_more_than_it_needs_or_nothing_as_the_settings_say(
    synthesis: Synthesis,
) -> None:
    chosen = settings(
        data={}, reserved_concurrency={"registry_apply": 90, "registry_capture": None}
    )
    stack = synthesis(chosen)[f"iot-dev-device-registry-{REGION}"]
    assert function(stack, "apply")["reserved_concurrent_executions"] == 90
    assert "reserved_concurrent_executions" not in function(stack, "capture")
    assert function(stack, "reconcile")["reserved_concurrent_executions"] == 3


@pytest.mark.parametrize(
    ("hours", "rate"),
    [(1, "rate(1 hour)"), pytest.param(6, "rate(6 hours)", marks=pytest.mark.exhaustive)],
)
def test_the_reconciler_runs_by_the_clock_and_goes_on_by_messages_to_itself(
    hours: int, rate: str, synthesis: Synthesis
) -> None:
    chosen = settings(data={"reconcile_hours": hours})
    stack = synthesis(chosen)[f"iot-dev-device-registry-{REGION}"]
    schedule = stack.resources("aws_cloudwatch_event_rule")["registry_reconcile"]
    assert schedule["schedule_expression"] == rate
    target = stack.resources("aws_cloudwatch_event_target")["registry_reconcile"]
    assert target["arn"] == "${aws_lambda_function.registry_reconcile.arn}"
    own = function(stack, "reconcile")["environment"]["variables"]["REGISTRY_RECONCILE_QUEUE"]
    assert own == "${aws_sqs_queue.registry_reconcile.url}"
    (recursion,) = stack.resources("aws_lambda_function_recursion_config").values()
    assert recursion["recursive_loop"] == "Allow"
    assert "registry_reconcile" in recursion["function_name"]


def test_whatever_goes_wrong_notifies_the_topic_of_the_region_s_alarms(stack: Template) -> None:
    alarms = stack.resources("aws_cloudwatch_metric_alarm")
    results = {name: alarm.get("metric_name", "a query") for name, alarm in alarms.items()}
    assert results == {
        **{f"registry_{what}_errors": "Errors" for what in FUNCTIONS},
        **{f"registry_{what}_throttles": "Throttles" for what in FUNCTIONS},
        "registry_changes_age": "ApproximateAgeOfOldestMessage",
        "registry_shadows_age": "ApproximateAgeOfOldestMessage",
        "registry_apply_shadows_age": "ApproximateAgeOfOldestMessage",
        "registry_retry_age": "ApproximateAgeOfOldestMessage",
        "registry_late": "IteratorAge",
        "registry_parked": "ApproximateNumberOfMessagesVisible",
        "registry_withheld": "Withheld",
        "registry_overrun": "Overrun",
        "registry_held_back": "HeldBack",
        "registry_recovery_point": "RecoveryPoint",
        "registry_shadows_recovery_point": "ShadowRecoveryPoint",
        "registry_replication": "a query",
        "states_replication": "a query",
    }
    withheld = alarms["registry_withheld"]
    assert (withheld["namespace"], withheld["dimensions"]) == (
        "IotDr/Registry",
        {"Environment": "dev"},
    )
    for name, alarm in alarms.items():
        topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:example-dev-alarms"
        assert alarm["alarm_actions"] == alarm["ok_actions"] == [topic]
        missing = "breaching" if name == "registry_recovery_point" else "notBreaching"
        assert alarm["treat_missing_data"] == missing
        assert alarm["alarm_name"].startswith(("example-dev-registry-", "example-dev-states-"))
        if name.endswith(("errors", "throttles")):
            what = name.split("_")[1]
            expected = f"${{aws_lambda_function.registry_{what}.function_name}}"
            assert alarm["dimensions"] == {"FunctionName": expected}
