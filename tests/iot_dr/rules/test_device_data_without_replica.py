import json
from collections.abc import Sequence
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from environments.settings import Settings
from iot_dr.rules.device_data_without_replica import RULE
from iot_dr.rules.device_path_differs import RULE as LACKS
from iot_dr.rules.rule import Verdict
from tests.iot_dr.rules.designs import (
    Documents,
    judged,
    our_settings,
    ours_with_data,
    planned,
    resources,
    where,
)
from tests.support.settings import REGIONS, with_data

DATA = "iot-dev-data"
TABLE = "aws_dynamodb_table"
STREAM = "aws_kinesis_stream"
BUCKET = "aws_s3_bucket"
REPLICATION = "aws_s3_bucket_replication_configuration"
HERE, THERE = REGIONS[:2]


def ingest(region: str, action: dict[str, Any], **by_type: Any) -> dict[str, Any]:
    """Return a stack of one region: a topic rule with an action, and what else is given."""
    rule = {"name": "telemetry", "sql": "SELECT * FROM 'a/#'", **action}
    return {
        "provider": {"aws": {"region": region}},
        "resource": {
            "aws_iot_topic_rule": {"telemetry": rule},
            "aws_iot_policy": {"device": {"name": "device"}},
            **by_type,
        },
    }


def both(action: dict[str, Any], **by_type: Any) -> Documents:
    """Return such a stack in each of two regions, made alike."""
    return {f"ingest-{each}": ingest(each, action, **by_type) for each in (HERE, THERE)}


def writer(policy: object, variables: dict[str, str] | None = None) -> dict[str, Any]:
    """Return a function with a role that has a policy, and a table that it may write."""
    return {
        "aws_lambda_function": {
            "writer": {
                "function_name": "writer",
                "role": "${aws_iam_role.writer.arn}",
                "environment": {"variables": variables or {}},
            }
        },
        "aws_iam_role": {"writer": {"name": "writer"}},
        "aws_iam_role_policy": {
            "writer": {"role": "${aws_iam_role.writer.name}", "policy": policy}
        },
        TABLE: {"state": {"name": "state"}},
    }


def allowing(action: object, on: object = "${aws_dynamodb_table.state.arn}") -> str:
    return json.dumps({"Statement": [{"Effect": "Allow", "Action": action, "Resource": on}]})


TO_TABLE: dict[str, Any] = {"dynamodbv2": {"put_item": {"table_name": "state"}}}
TO_FUNCTION: dict[str, Any] = {"lambda": {"function_arn": "${aws_lambda_function.writer.arn}"}}
TO_BUCKET: dict[str, Any] = {"s3": {"bucket_name": "${aws_s3_bucket.raw.bucket}"}}
TO_STREAM: dict[str, Any] = {"kinesis": {"stream_name": "${aws_kinesis_stream.raw.name}"}}


@pytest.mark.parametrize("table", ["device_state", "device_registry"])
def test_a_table_of_ours_that_has_lost_its_replica_blocks(table: str) -> None:
    documents = ours_with_data()
    resources(documents, DATA, TABLE)[table]["replica"] = []
    (finding,) = judged(RULE, documents, with_data(our_settings()))
    assert (finding.verdict, finding.stack) == (Verdict.BLOCK, DATA)
    assert finding.address == f"{TABLE}.{table}"
    assert "it has no replica in eu-central-1: the data is lost with eu-west-1" in finding.message


def test_each_region_of_ours_without_a_replica_is_reported() -> None:
    documents = ours_with_data(3)
    state = resources(documents, DATA, TABLE)["device_state"]
    state["replica"] = [each for each in state["replica"] if each["region_name"] != REGIONS[2]]
    for known, verdict in ((with_data(our_settings(3)), Verdict.BLOCK), (None, Verdict.WARN)):
        (finding,) = judged(RULE, documents, known)
        assert f"no replica in {REGIONS[2]}:" in finding.message
        assert finding.verdict is verdict


def test_the_bucket_of_a_trail_holds_no_device_data() -> None:
    documents = ours_with_data()
    assert "registry_trail" in resources(documents, "iot-dev-device-registry-eu-west-1", BUCKET)
    assert judged(RULE, documents, with_data(our_settings())) == []


def test_a_platform_in_one_document_is_checked_by_the_targets_of_its_topic_rules() -> None:
    findings = judged(RULE, planned(RULE.id, "bad"))
    assert where(findings) == {
        "platform/aws_dynamodb_table.ireland",
        "platform/aws_dynamodb_table.frankfurt",
        "platform/aws_s3_bucket.archive_ireland",
        "platform/aws_s3_bucket.archive_frankfurt",
        "platform/aws_kms_key.ireland",
    }
    assert {each.verdict for each in findings} == {Verdict.WARN}


def test_two_tables_of_one_name_are_not_replicas() -> None:
    documents = both(TO_TABLE, **{TABLE: {"state": {"name": "state"}}})
    assert where(judged(RULE, documents)) == {
        f"ingest-{each}/{TABLE}.state" for each in (HERE, THERE)
    }


def test_findings_of_missing_resources_are_not_repeated() -> None:
    documents = both(TO_TABLE, **{TABLE: {"state": {"name": "state"}}})
    del documents[f"ingest-{THERE}"]["resource"][TABLE]
    assert judged(RULE, documents) == []


def test_of_two_tables_where_the_standby_has_one_each_is_reported_once() -> None:
    documents = planned(RULE.id, "bad")
    changes = documents["platform"]["resource_changes"]
    (rule,) = (each for each in changes if each["address"] == "aws_iot_topic_rule.ireland")
    rule["change"]["after"]["dynamodb"] = [{"table_name": "more"}]
    more = {"address": "aws_dynamodb_table.more", "name": "more"}
    (table,) = (each for each in changes if each["address"] == "aws_dynamodb_table.ireland")
    table = json.loads(json.dumps({**table, **more}))
    table["change"]["after"]["name"] = "more"
    changes.append(table)
    expected = [each.address for rule in (RULE, LACKS) for each in judged(rule, documents)]
    tables = sorted(each for each in expected if each and each.startswith(TABLE))
    assert tables == [f"{TABLE}.frankfurt", f"{TABLE}.ireland", f"{TABLE}.more"]


def test_a_table_that_no_rule_leads_to_passes() -> None:
    documents = both({"sns": {"target_arn": "arn"}}, **{TABLE: {"state": {"name": "state"}}})
    assert judged(RULE, documents) == []


def test_error_actions_are_not_copies_of_device_data() -> None:
    documents = both({"error_action": TO_TABLE}, **{TABLE: {"state": {"name": "state"}}})
    assert judged(RULE, documents) == []


def test_one_region_alone_passes() -> None:
    assert judged(RULE, {"only": ingest(HERE, TO_TABLE, **{TABLE: {"a": {"name": "state"}}})}) == []


@pytest.mark.parametrize(
    "policy",
    [
        allowing("dynamodb:PutItem"),
        allowing(["logs:PutLogEvents", "dynamodb:*"]),
        allowing("*", "arn:aws:dynamodb:*:*:table/state"),
        allowing("dynamodb:Update*", "arn:aws:dynamodb:${var.region}:1:table/state"),
        '${jsonencode({"Resource" = aws_dynamodb_table.state.arn})}',
        "${data.aws_iam_policy_document.writer.json}",
    ],
)
def test_a_table_that_a_function_behind_a_rule_may_write_is_found(policy: str) -> None:
    documents = both(TO_FUNCTION, **writer(policy))
    for document in documents.values():
        document["data"] = {
            "aws_iam_policy_document": {
                "writer": {
                    "statement": [
                        {
                            "actions": ["dynamodb:PutItem"],
                            "resources": ["${aws_dynamodb_table.state.arn}"],
                        }
                    ]
                }
            }
        }
    assert len(judged(RULE, documents)) == 2


@pytest.mark.parametrize(
    "policy",
    [
        allowing(["dynamodb:GetItem", "dynamodb:Query"]),
        allowing("dynamodb:PutItem", "arn:aws:dynamodb:eu-west-1:1:table/other"),
        allowing("s3:PutObject", "arn:aws:s3:::state"),
        "no policy",
        None,
    ],
)
def test_a_table_that_it_may_not_write_passes(policy: object) -> None:
    assert judged(RULE, both(TO_FUNCTION, **writer(policy))) == []


def test_a_table_in_a_functions_variables_counts_where_no_right_is_known() -> None:
    name = {"TABLE": "${aws_dynamodb_table.state.name}"}
    assert len(judged(RULE, both(TO_FUNCTION, **writer(None, name)))) == 2
    assert judged(RULE, both(TO_FUNCTION, **writer(allowing("dynamodb:Query"), name))) == []


@pytest.mark.parametrize(
    ("action", "on", "expected"),
    [
        ("dynamodb:PutItem", "arn:aws:dynamodb:*:*:table/elsewhere", 0),
        ("dynamodb:Query", "arn:aws:dynamodb:*:*:table/elsewhere", 2),
        ("dynamodb:PutItem", "arn:aws:dynamodb:*:*:table/else*", 2),
        ("dynamodb:PutItem", "${var.table_arn}", 2),
        ("dynamodb:PutItem", ["arn:aws:dynamodb:*:*:table/elsewhere", "*"], 2),
    ],
)
def test_a_functions_variables_do_not_count_where_all_that_it_may_write_is_named(
    action: str, on: object, expected: int
) -> None:
    names = {"CONFIGURATION": "${aws_dynamodb_table.state.name}"}
    documents = both(TO_FUNCTION, **writer(allowing(action, on), names))
    assert len(judged(RULE, documents)) == expected


@pytest.mark.parametrize(
    ("action", "between"),
    [
        (
            TO_STREAM,
            {
                STREAM: {"raw": {"name": "raw"}},
                "aws_lambda_event_source_mapping": {
                    "raw": {
                        "event_source_arn": "${aws_kinesis_stream.raw.arn}",
                        "function_name": "writer",
                    }
                },
            },
        ),
        (
            {"sqs": {"queue_url": "${aws_sqs_queue.raw.url}"}},
            {
                "aws_sqs_queue": {"raw": {"name": "raw"}},
                "aws_lambda_event_source_mapping": {
                    "raw": {
                        "event_source_arn": "${aws_sqs_queue.raw.arn}",
                        "function_name": "${aws_lambda_function.writer.arn}",
                    }
                },
            },
        ),
        (
            {"sns": {"target_arn": "${aws_sns_topic.raw.arn}"}},
            {
                "aws_sns_topic": {"raw": {"name": "raw"}},
                "aws_sns_topic_subscription": {
                    "raw": {
                        "topic_arn": "${aws_sns_topic.raw.arn}",
                        "endpoint": "${aws_lambda_function.writer.arn}",
                    }
                },
            },
        ),
        (
            {"lambda": {"function_arn": "${aws_lambda_alias.live.arn}"}},
            {
                "aws_lambda_alias": {
                    "live": {"function_name": "${aws_lambda_function.writer.function_name}"}
                }
            },
        ),
    ],
    ids=["stream", "queue", "topic", "alias"],
)
def test_data_is_followed_through_queues_topics_and_functions(
    action: dict[str, Any], between: dict[str, Any]
) -> None:
    documents = both(action, **writer(allowing("dynamodb:PutItem")), **between)
    assert {each.address for each in judged(RULE, documents)} == {f"{TABLE}.state"}
    for document in documents.values():
        document["resource"].pop("aws_lambda_alias", None)
        document["resource"].pop("aws_lambda_event_source_mapping", None)
        document["resource"].pop("aws_sns_topic_subscription", None)
    assert judged(RULE, documents) == []


def test_an_alias_of_itself_leads_nowhere() -> None:
    action = {"lambda": {"function_arn": "${aws_lambda_alias.live.arn}"}}
    alias = {"live": {"function_name": "${aws_lambda_alias.live.function_name}"}}
    assert judged(RULE, both(action, aws_lambda_alias=alias)) == []


def test_data_is_followed_from_a_stream_to_the_bucket_that_it_is_delivered_to() -> None:
    delivery = {
        "name": "archive",
        "kinesis_source_configuration": {"kinesis_stream_arn": "${aws_kinesis_stream.raw.arn}"},
        "extended_s3_configuration": {"bucket_arn": "${aws_s3_bucket.archive.arn}"},
    }
    documents = both(
        TO_STREAM,
        **{
            STREAM: {"raw": {"name": "raw"}},
            "aws_kinesis_firehose_delivery_stream": {"archive": delivery},
            BUCKET: {"archive": {"bucket_prefix": "archive"}},
        },
    )
    assert {each.address for each in judged(RULE, documents)} == {"aws_s3_bucket.archive"}


@pytest.mark.parametrize(
    "copy",
    [
        {"aws_dynamodb_table_replica": {"b": {"global_table_arn": "${aws_dynamodb_table.a.arn}"}}},
        {
            "aws_dynamodb_table_replica": {
                "b": {"global_table_arn": f"arn:aws:dynamodb:{HERE}:1:table/state"}
            }
        },
        {
            "aws_dynamodb_global_table": {
                "b": {
                    "name": "state",
                    "replica": [{"region_name": HERE}, {"region_name": THERE}],
                }
            }
        },
    ],
)
def test_a_replica_may_be_a_resource_of_its_own(copy: dict[str, dict[str, Any]]) -> None:
    document = ingest(HERE, TO_TABLE, **{TABLE: {"a": {"name": "state", "provider": "aws.here"}}})
    document["provider"]["aws"] = [
        {"region": THERE},
        {"alias": "here", "region": HERE},
    ]
    document["resource"]["aws_iot_topic_rule"]["telemetry"]["provider"] = "aws.here"
    known = our_settings()
    assert len(judged(RULE, {"platform": document}, known)) == 1
    document["resource"].update(copy)
    assert judged(RULE, {"platform": document}, known) == []


@pytest.mark.parametrize(
    "values",
    [
        {"replica": [{"region_name": "${var.standby}"}]},
        {"dynamic": {"replica": {"for_each": "${var.standbys}", "content": {}}}},
    ],
)
def test_replicas_in_regions_that_are_not_known_pass(values: dict[str, Any]) -> None:
    document = ingest(HERE, TO_TABLE, **{TABLE: {"state": {"name": "state", **values}}})
    assert judged(RULE, {"platform": document}, our_settings()) == []


@given(st.sets(st.sampled_from(REGIONS[1:])), st.integers(2, 5), st.randoms())
def test_just_the_regions_without_a_replica_are_reported(
    copied: set[str], count: int, random: Random
) -> None:
    replicas = [{"region_name": each} for each in copied]
    table = {"state": {"name": "state", "replica": replicas}}
    stacks = [("data", ingest(HERE, TO_TABLE, **{TABLE: table})), ("other", ingest(THERE, {}))]
    random.shuffle(stacks)
    findings = judged(RULE, dict(stacks), our_settings(count))
    missing = sorted(set(REGIONS[1:count]) - copied)
    assert [f" {' or '.join(missing)}: " in each.message for each in findings] == [True] * bool(
        missing
    )


@given(st.randoms())
def test_the_order_of_stacks_changes_no_finding(random: Random) -> None:
    documents = both(TO_TABLE, **{TABLE: {"state": {"name": "state"}}})
    documents["more"] = ingest(HERE, TO_TABLE)
    shuffled = list(documents.items())
    random.shuffle(shuffled)
    assert set(judged(RULE, dict(shuffled))) == set(judged(RULE, documents))


def in_home(**values: Any) -> dict[str, Any]:
    """Return a stack of two providers, whose table has a replica and a key of the first."""
    table = {
        "name": "state",
        "server_side_encryption": {"enabled": True, "kms_key_arn": "${aws_kms_key.here.arn}"},
        "replica": [{"region_name": THERE, **values}],
    }
    document = ingest(HERE, TO_TABLE, **{TABLE: {"state": table}})
    document["provider"]["aws"] = [{"region": HERE}, {"alias": "there", "region": THERE}]
    document["resource"]["aws_kms_key"] = {
        "here": {"multi_region": True},
        "there": {"provider": "aws.there"},
    }
    return document


def test_a_key_of_one_region_cannot_encrypt_a_replica() -> None:
    for values in ({}, {"kms_key_arn": "${aws_kms_key.here.arn}"}):
        (finding,) = judged(RULE, {"platform": in_home(**values)}, our_settings())
        assert finding.address == "aws_kms_key.here"
        assert f"the replica of {TABLE}.state, which it encrypts, has no key in {THERE}" in (
            finding.message
        )


@pytest.mark.parametrize(
    "key", ["${aws_kms_key.there.arn}", f"arn:aws:kms:{THERE}:1:key/k", "${var.key}"]
)
def test_a_replica_with_a_key_of_its_region_passes(key: str) -> None:
    assert judged(RULE, {"platform": in_home(kms_key_arn=key)}, our_settings()) == []


def test_a_multi_region_key_passes_in_the_region_of_its_replica() -> None:
    document = in_home()
    document["resource"]["aws_kms_replica_key"] = {
        "there": {"provider": "aws.there", "primary_key_arn": "${aws_kms_key.here.arn}"}
    }
    assert judged(RULE, {"platform": document}, our_settings()) == []
    document["resource"]["aws_kms_key"]["here"]["multi_region"] = False
    assert len(judged(RULE, {"platform": document}, our_settings())) == 1


def archive(status: str, target: str, **rule: Any) -> dict[str, Any]:
    """Return a stack with a bucket of device data, and one of another region."""
    document = ingest(HERE, TO_BUCKET)
    document["provider"]["aws"] = [{"region": HERE}, {"alias": "there", "region": THERE}]
    document["resource"][BUCKET] = {
        "raw": {"bucket": "raw"},
        "same": {"bucket": "same"},
        "copy": {"bucket": "copy", "provider": "aws.there"},
    }
    first = {"status": status, "destination": {"bucket": target}, **rule}
    document["resource"][REPLICATION] = {
        "raw": {"bucket": "${aws_s3_bucket.raw.id}", "rule": first}
    }
    return document


def found_in(document: dict[str, Any], known: Settings | None = None) -> Sequence[str | None]:
    return [each.address for each in judged(RULE, {"platform": document}, known or our_settings())]


@pytest.mark.parametrize(
    ("status", "target", "is_found"),
    [
        ("Enabled", "${aws_s3_bucket.copy.arn}", False),
        ("Enabled", "arn:aws:s3:::copy", False),
        ("Enabled", "arn:aws:s3:::elsewhere", False),
        ("Disabled", "${aws_s3_bucket.copy.arn}", True),
        ("Enabled", "${aws_s3_bucket.same.arn}", True),
    ],
)
def test_a_bucket_of_device_data_is_replicated_to_another_region(
    status: str, target: str, is_found: bool
) -> None:
    assert found_in(archive(status, target)) == ["aws_s3_bucket.raw"] * is_found


def ingests(*here: str, there: dict[str, Any]) -> Documents:
    """Return two stacks that are not named alike, the first one with streams."""
    streams = {each: {"name": each} for each in here}
    actions = {"kinesis": [{"stream_name": f"${{{STREAM}.{each}.name}}"} for each in here]}
    return {"ireland": ingest(HERE, actions, **{STREAM: streams}), "frankfurt": there}


def test_a_missing_stream_is_found_in_stacks_of_unrelated_names() -> None:
    documents = ingests("raw", there=ingest(THERE, {}))
    (finding,) = judged(RULE, documents, our_settings())
    assert where([finding]) == {f"ireland/{STREAM}.raw"}
    assert f"no corresponding stream exists in {THERE}" in finding.message


def test_of_several_streams_the_one_without_a_counterpart_is_found() -> None:
    there = ingest(THERE, TO_STREAM, **{STREAM: {"raw": {"name": "raw"}}})
    documents = ingests("raw", "alarms", there=there)
    assert where(judged(RULE, documents, our_settings())) == {f"ireland/{STREAM}.alarms"}


@pytest.mark.parametrize(
    "there",
    [
        ingest(THERE, TO_STREAM, **{STREAM: {"raw": {"name": "other"}}}),
        ingest(THERE, {"kinesis": {"stream_name": "of-another-set"}}),
        {"provider": {"aws": {"region": THERE}}, "resource": {}},
    ],
)
def test_a_stream_passes_if_the_other_region_has_one_or_is_unknown(
    there: dict[str, Any],
) -> None:
    assert judged(RULE, ingests("raw", there=there), our_settings()) == []
