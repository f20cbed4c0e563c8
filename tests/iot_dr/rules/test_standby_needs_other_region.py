import json
from typing import Any

import pytest

from iot_dr.rules.rule import Verdict
from iot_dr.rules.standby_needs_other_region import RULE
from tests.iot_dr.rules.designs import ENTRY_POINT, FRANKFURT, judged, ours, resources, where

PRIMARYS = "arn:aws:sqs:eu-west-1:111111111111:telemetry"
OWN = "arn:aws:sqs:eu-central-1:111111111111:telemetry"


def with_(type_: str, **values: Any) -> dict[str, Any]:
    """Return our design, with one more resource in Frankfurt's stack."""
    documents = ours()
    resources(documents, FRANKFURT, type_)["more"] = {"provider": "aws.eu_central_1", **values}
    return documents


def policy(effect: str, resource: object, **more: Any) -> str:
    """Return an IAM policy of one statement."""
    statement = {"Effect": effect, "Action": "sqs:*", "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.mark.parametrize("regions", [2, 3, 5])
def test_our_regions_need_no_other_and_the_watcher_may_probe_one(regions: int) -> None:
    documents = ours(regions)
    assert "aws_lambda_function" in documents[ENTRY_POINT]["resource"]
    assert judged(RULE, documents) == []


@pytest.mark.parametrize(
    ("type_", "values", "expected"),
    [
        ("aws_iam_role_policy", {"policy": policy("Allow", [OWN, PRIMARYS])}, "policy names arn"),
        (
            "aws_iot_topic_rule",
            {"sqs": {"queue_url": "https://sqs.eu-west-1.amazonaws.com/1/q"}},
            "sqs.queue_url names sqs.eu-west-1.amazonaws.com",
        ),
        (
            "aws_lambda_function",
            {"environment": {"variables": {"REGION": "eu-west-1"}}},
            "the environment variable REGION is eu-west-1",
        ),
        ("aws_lambda_event_source_mapping", {"event_source_arn": PRIMARYS}, "event_source_arn"),
        (
            "aws_route53_record",
            {"type": "CNAME", "name": "b", "records": ["x.iot.eu-west-1.amazonaws.com"]},
            "the name points to AWS IoT in eu-west-1",
        ),
    ],
)
def test_an_argument_that_names_another_region_is_refused(
    type_: str, values: Any, expected: str
) -> None:
    (finding,) = judged(RULE, with_(type_, **values))
    assert finding.verdict is Verdict.BLOCK
    assert (finding.stack, finding.address) == (FRANKFURT, f"{type_}.more")
    assert expected in finding.message


@pytest.mark.parametrize(
    ("type_", "values"),
    [
        ("aws_iam_role_policy", {"policy": policy("Allow", OWN)}),
        ("aws_iam_role_policy", {"policy": policy("Deny", PRIMARYS)}),
        (
            "aws_iam_role_policy",
            {"policy": policy("Allow", OWN, Condition={"ArnEquals": {"aws:SourceArn": PRIMARYS}})},
        ),
        ("aws_lambda_function", {"environment": {"variables": {"REGION": "eu-central-1"}}}),
        ("aws_lambda_function", {"description": f"reads {PRIMARYS}", "tags": {"Twin": PRIMARYS}}),
        ("aws_dynamodb_table_replica", {"global_table_arn": PRIMARYS.replace("sqs", "dynamodb")}),
        ("aws_sqs_queue", {"name": "arn:aws:iam::111111111111:role/eu-west-1"}),
    ],
)
def test_an_argument_that_names_its_own_region_or_describes_another_passes(
    type_: str, values: Any
) -> None:
    assert judged(RULE, with_(type_, **values)) == []


SOURCE = "arn:aws:rds:eu-west-1:111111111111:db:platform"


REPLICATION = [
    ("aws_db_instance", {"replicate_source_db": SOURCE}),
    ("aws_rds_cluster", {"replication_source_identifier": SOURCE}),
    ("aws_rds_cluster", {"global_cluster_identifier": "${aws_rds_global_cluster.more.id}"}),
    (
        "aws_elasticache_replication_group",
        {"global_replication_group_id": SOURCE.replace("rds", "elasticache")},
    ),
    ("aws_route", {"vpc_peering_connection_id": SOURCE, "destination_cidr_block": SOURCE}),
    ("aws_security_group", {"ingress": [{"cidr_blocks": ["${aws_vpc.other.cidr_block}"]}]}),
    ("aws_vpc_peering_connection_accepter", {"vpc_peering_connection_id": SOURCE}),
    ("aws_s3_bucket", {"replication_configuration": [{"rules": [{"destination": SOURCE}]}]}),
    ("aws_s3_bucket_replication_configuration", {"rule": [{"destination": SOURCE}]}),
    ("aws_ecr_replication_configuration", {"replication_configuration": [{"x": SOURCE}]}),
    ("aws_dynamodb_table", {"replica": [{"kms_key_arn": SOURCE, "region_name": "eu-west-1"}]}),
    ("aws_iam_role_policy", {"policy": policy("Allow", SOURCE, Action=["s3:ReplicateObject"])}),
]
MORE = [
    ("aws_db_instance", {"replicate_source_db": SOURCE, "monitoring_role_arn": PRIMARYS}),
    ("aws_security_group", {"ingress": [{"security_groups": ["${aws_vpc.other.arn}"]}]}),
    (
        "aws_iam_role_policy",
        {"policy": policy("Allow", SOURCE, Action=["s3:ReplicateObject", "s3:GetObject"])},
    ),
]


@pytest.mark.parametrize(
    ("type_", "values", "count"),
    [*((*each, 0) for each in REPLICATION), *((*each, 1) for each in MORE)],
)
def test_replication_needs_no_region_at_run_time_but_what_a_replica_needs_besides_is_reported(
    type_: str, values: Any, count: int
) -> None:
    documents = with_(type_, **values)
    documents[FRANKFURT]["resource"] |= {"aws_vpc": {"other": {"provider": "aws.eu_west_1"}}}
    documents[FRANKFURT]["provider"]["aws"].append({"alias": "eu_west_1", "region": "eu-west-1"})
    assert len(judged(RULE, documents)) == count


def test_a_database_of_two_regions_in_one_root_module_passes() -> None:
    standby = {"provider": "aws.eu_central_1"}
    documents = with_("aws_iot_policy", name="more")
    entry_point = documents[ENTRY_POINT]["resource"]
    entry_point |= {
        "aws_rds_global_cluster": {"all": {"provider": "aws.eu_west_1"}},
        "aws_rds_cluster": {
            "standby": {"global_cluster_identifier": "${aws_rds_global_cluster.all.id}", **standby}
        },
        "aws_db_instance": {
            "primary": {"provider": "aws.eu_west_1"},
            "standby": {"replicate_source_db": "${aws_db_instance.primary.arn}", **standby},
        },
    }
    assert judged(RULE, documents) == []
    del entry_point["aws_db_instance"]["standby"]["replicate_source_db"]
    entry_point["aws_db_instance"]["standby"]["monitored"] = "${aws_db_instance.primary.arn}"
    assert where(judged(RULE, documents)) == {f"{ENTRY_POINT}/aws_db_instance.standby"}


@pytest.mark.parametrize(
    ("attribute", "replica", "is_refused"),
    [
        ("name", "eu-central-1", False),
        ("id", "eu-central-1", False),
        ("name", "${var.standby}", False),
        ("name", "eu-north-1", True),
        ("arn", "eu-central-1", True),
    ],
)
def test_a_rule_may_name_a_table_of_the_primary_that_has_a_replica_in_its_own_region(
    attribute: str, replica: str, is_refused: bool
) -> None:
    documents = ours()
    stack = documents[ENTRY_POINT]["resource"]
    replicas = [{"region_name": replica}]
    table: dict[str, Any] = {"name": "last", "provider": "aws.eu_west_1", "replica": replicas}
    put = {"put_item": [{"table_name": f"${{aws_dynamodb_table.last.{attribute}}}"}]}
    stack["aws_dynamodb_table"] = {"last": table}
    stack["aws_iot_topic_rule"] = {"last": {"provider": "aws.eu_central_1", "dynamodbv2": [put]}}
    assert bool(judged(RULE, documents)) is is_refused
    del table["replica"]
    table["dynamic"] = {"replica": {"for_each": "${var.regions}", "content": {}}}
    assert bool(judged(RULE, documents)) is (attribute == "arn")


def test_a_reference_through_a_hand_over_into_another_region_is_refused() -> None:
    documents = with_(
        "aws_cloudwatch_metric_alarm",
        alarm_actions=["${data.terraform_remote_state.other.outputs.alarm_topic_arn}"],
    )
    entry_point = documents[ENTRY_POINT]["data"]["terraform_remote_state"]
    documents[FRANKFURT]["data"]["terraform_remote_state"]["other"] = entry_point[
        "iot_dev_iot_eu_west_1"
    ]
    (finding,) = judged(RULE, documents)
    assert "refers to aws_sns_topic.alarms, which is in eu-west-1" in finding.message


def test_a_standby_in_a_stack_of_all_regions_needs_nothing_of_the_primary() -> None:
    documents = ours()
    functions = resources(documents, ENTRY_POINT, "aws_lambda_function")
    functions["consumer"] = {
        "provider": "aws.eu_central_1",
        "environment": {"variables": {"QUEUE": PRIMARYS}},
    }
    assert where(judged(RULE, documents)) == {f"{ENTRY_POINT}/aws_lambda_function.consumer"}
    functions["consumer"]["provider"] = "aws.eu_west_1"
    assert judged(RULE, documents) == []


def trusting(*services: str, **principals: str) -> str:
    """Return the trust of a role that these services, and other principals, take on."""
    principal = {"Service": list(services), **principals}
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def with_role(trust: str, *attached: str) -> dict[str, Any]:
    """Return our design, with a role in Frankfurt's stack that may touch Ireland, and its cap."""
    documents = with_(
        "aws_iam_role",
        assume_role_policy=trust,
        permissions_boundary="${aws_iam_policy.more.arn}",
    )
    own = {"provider": "aws.eu_central_1"}
    reaching = {**own, "policy": policy("Allow", PRIMARYS)}
    result = {
        "aws_iam_role_policy": {**reaching, "role": "${aws_iam_role.more.name}"},
        "aws_iam_policy": reaching,
        **{each: {**own, "policy_arn": "${aws_iam_policy.more.arn}"} for each in attached},
    }
    for type_, values in result.items():
        resources(documents, FRANKFURT, type_)["more"] = values
    return documents


BUILDS = ("codebuild.amazonaws.com", "codepipeline.amazonaws.com")


@pytest.mark.parametrize("trust", [trusting(BUILDS[0]), trusting(BUILDS[1]), trusting(*BUILDS)])
def test_a_build_may_change_another_region_and_so_may_what_caps_it(trust: str) -> None:
    assert judged(RULE, with_role(trust)) == []


@pytest.mark.parametrize(
    "trust",
    [
        trusting("lambda.amazonaws.com"),
        trusting(*BUILDS, "lambda.amazonaws.com"),
        trusting(*BUILDS, AWS="arn:aws:iam::111111111111:root"),
        trusting(),
        "${data.aws_iam_policy_document.trust.json}",
    ],
)
def test_a_role_that_others_can_assume_too_may_not(trust: str) -> None:
    result = where(judged(RULE, with_role(trust)))
    assert result == {
        f"{FRANKFURT}/aws_iam_policy.more",
        f"{FRANKFURT}/aws_iam_role_policy.more",
    }


def test_a_cap_that_is_attached_too_grants_what_it_names() -> None:
    documents = with_role(trusting(*BUILDS), "aws_iam_role_policy_attachment")
    assert where(judged(RULE, documents)) == {f"{FRANKFURT}/aws_iam_policy.more"}


def attached_to(trust: str) -> dict[str, Any]:
    """Return our design, with the policy attached to a role that has it for its cap as well."""
    documents = with_role(trust, "aws_iam_role_policy_attachment")
    attachment = resources(documents, FRANKFURT, "aws_iam_role_policy_attachment")["more"]
    attachment["role"] = "${aws_iam_role.more.name}"
    return documents


def test_a_policy_that_builds_alone_have_may_name_another_region() -> None:
    assert judged(RULE, attached_to(trusting(*BUILDS))) == []
    result = where(judged(RULE, attached_to(trusting("lambda.amazonaws.com"))))
    assert f"{FRANKFURT}/aws_iam_policy.more" in result


def test_a_policy_that_is_not_json_is_read_as_text() -> None:
    documents = with_("aws_sqs_queue_policy", policy=f'{{"Statement" {PRIMARYS}')
    assert len(judged(RULE, documents)) == 1
