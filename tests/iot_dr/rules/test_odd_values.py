import json
import sys
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_dr.rules.catalogue import RULES
from iot_dr.rules.rule import Finding, Rule
from iot_dr.terraform_json.document import parsed_resources
from iot_dr.terraform_json.resource_set import ResourceSet

TYPES = [
    "aws_route53_record",
    "aws_route53_health_check",
    "aws_route53_zone",
    "aws_iot_domain_configuration",
    "aws_iot_topic_rule",
    "aws_acm_certificate",
    "aws_dynamodb_table",
    "aws_dynamodb_table_replica",
    "aws_lambda_function",
    "aws_iam_role_policy",
    "aws_iam_role",
    "aws_kinesis_stream",
    "aws_s3_bucket",
    "aws_s3_bucket_replication_configuration",
    "aws_kms_key",
    "aws_lambda_alias",
    "aws_cloudwatch_metric_alarm",
    "aws_sns_topic",
]
ARGUMENTS = [
    *("name", "type", "zone_id", "records", "alias", "fqdn", "health_check_id", "set_identifier"),
    *("failover_routing_policy", "child_healthchecks", "domain_name", "tls_config", "replica"),
    *("global_table_arn", "policy", "environment", "allow_overwrite", "security_policy"),
    *("dynamodbv2", "put_item", "table_name", "kinesis", "stream_name", "s3", "bucket_name"),
    *("bucket", "rule", "destination", "role", "server_side_encryption", "kms_key_arn", "region"),
    *("subject_alternative_names", "invert_healthcheck", "disabled", "provider", "for_each"),
]
TEXTS = [
    *("", "x.example.com", "PRIMARY", "SECONDARY", "HTTPS", "CNAME", "eu-west-1", "CALCULATED"),
    *("a.iot.eu-west-1.amazonaws.com", "arn:aws:sqs:eu-west-1:1:q", "aws.one", "aws.two", "${"),
    *("${var.x}", "${each.value.name}", "mqtt.${aws_route53_zone.a.name}", '{"Statement": [1]}'),
    *(f"${{{type_}.{name}.id}}" for type_ in TYPES for name in "ab"),
    *(f"${{{type_}.{name}.fqdn}}" for type_ in TYPES[:2] for name in "ab"),
    "${tolist(aws_acm_certificate.a.domain_validation_options)[0].resource_record_name}",
    "${data.terraform_remote_state.other.outputs.x}",
]
TABLE = "arn:aws:dynamodb:eu-west-1:1:table/state"
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(TEXTS)
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*ARGUMENTS, "variables"]) | st.text(), inner, max_size=3)
    ),
    max_leaves=6,
)
bodies = st.dictionaries(st.sampled_from(ARGUMENTS), values, max_size=6)
documents = st.fixed_dictionaries(
    {
        "resource": st.dictionaries(
            st.sampled_from(TYPES),
            st.dictionaries(st.sampled_from("ab"), bodies, max_size=2),
            max_size=6,
        ),
        "provider": st.just(
            {
                "aws": [
                    {"alias": "one", "region": "eu-west-1"},
                    {"alias": "two", "region": "us-east-1"},
                ]
            }
        ),
        "output": st.dictionaries(
            st.just("x"), st.fixed_dictionaries({"value": values}), max_size=1
        ),
    }
)


@given(st.lists(documents, min_size=1, max_size=3))
def test_odd_values_give_findings_or_none_and_never_an_error(result: list[Any]) -> None:
    stacks = [parsed_resources(f"stack-{number}", first) for number, first in enumerate(result)]
    together = ResourceSet(stacks)
    for rule in RULES:
        for finding in rule.find(together, None):
            assert isinstance(finding, Finding)
            assert finding.rule == rule.id
            assert "\n" not in finding.message


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_nothing_gives_no_finding(rule: Rule) -> None:
    assert list(rule.find(ResourceSet([]), None)) == []


@pytest.fixture(scope="module")
def chains() -> ResourceSet:
    """Names and checks that each lead to the next one, more of them than Python may recurse."""
    count = sys.getrecursionlimit() + 500
    records: dict[str, dict[str, Any]] = {
        f"r{number}": {
            "name": f"n{number}.example.com",
            "type": "CNAME",
            "alias": {"name": f"n{number + 1}.example.com", "evaluate_target_health": True},
            "failover_routing_policy": {"type": "PRIMARY"},
            "provider": "aws.one",
        }
        for number in range(count)
    }
    records["r0"]["health_check_id"] = "${aws_route53_health_check.c1.id}"
    records["other_side"] = {
        **records["r0"],
        "failover_routing_policy": {"type": "SECONDARY"},
        "health_check_id": "${aws_route53_health_check.c2.id}",
    }
    checks = {
        f"c{number}": {
            "type": "CALCULATED",
            "child_healthchecks": [f"${{aws_route53_health_check.c{number + 1}.id}}"],
            "provider": "aws.one",
        }
        for number in range(count)
    }
    checks["c0"] = {"type": "HTTPS", "fqdn": "n0.example.com", "provider": "aws.one"}
    document = {"resource": {"aws_route53_record": records, "aws_route53_health_check": checks}}
    return ResourceSet([parsed_resources("chain", document)])


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_long_sequences_of_names_and_checks_end(rule: Rule, chains: ResourceSet) -> None:
    assert {finding.rule for finding in rule.find(chains, None)} <= {rule.id}


def crowd(count: int) -> dict[str, Any]:
    """Return a name with very many records that lead to it, and as many checks that ask it."""
    record = {
        "zone_id": "Z",
        "name": "n.example.com",
        "type": "CNAME",
        "records": ["n.example.com"],
        "failover_routing_policy": {"type": "PRIMARY"},
    }
    check = {"type": "HTTPS", "fqdn": "n.example.com"}
    numbers = [f"r{number}" for number in range(count)]
    return {
        "aws_route53_record": dict.fromkeys(numbers, record),
        "aws_route53_health_check": dict.fromkeys(numbers, check),
    }


def followers(count: int) -> dict[str, Any]:
    """Return the same, with a name of its own for each check, which leads to the crowded one."""
    crowded = crowd(count)
    record = {"zone_id": "Z", "type": "CNAME", "records": ["n.example.com"]}
    for number in range(count):
        name = f"a{number}.example.com"
        crowded["aws_route53_record"][f"a{number}"] = {**record, "name": name}
        crowded["aws_route53_health_check"][f"r{number}"] = {"type": "HTTPS", "fqdn": name}
    return crowded


def writers(count: int) -> dict[str, Any]:
    """Return as many rules, functions, policies of one role and tables of one name."""
    policy = json.dumps({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": TABLE}]})
    to_function = {"function_arn": "arn:aws:lambda:eu-west-1:1:function:w"}
    first: dict[str, dict[str, Any]] = {
        "aws_iot_topic_rule": {"lambda": to_function, "dynamodb": {"table_name": "state"}},
        "aws_lambda_function": {"function_name": "w", "role": "${aws_iam_role.w.arn}"},
        "aws_iam_role_policy": {"role": "${aws_iam_role.w.name}", "policy": policy},
        "aws_dynamodb_table": {"name": "state"},
        "aws_kinesis_stream": {"name": "state"},
    }
    several = {
        type_: {f"n{number}": values for number in range(count)} for type_, values in first.items()
    }
    return {**several, "aws_iam_role": {"w": {"name": "w"}}}


def hidden(count: int) -> dict[str, Any]:
    """Return as many records of zones in a parent of them all, where no resolver asks for them."""
    record = {"zone_id": "${aws_route53_zone.parent.zone_id}", "type": "A"}
    return {
        "aws_route53_zone": {
            "parent": {"name": "example.com"},
            **{f"n{number}": {"name": f"n{number}.example.com"} for number in range(count)},
        },
        "aws_route53_record": {
            f"n{number}": {**record, "name": f"a.n{number}.example.com"} for number in range(count)
        },
    }


def children(count: int) -> dict[str, Any]:
    """Return as many checks, of which a plan knows the ids, and a few that combine them all."""
    checks: dict[str, Any] = {f"n{number}": {"id": f"{number}"} for number in range(count)}
    all_ = [f"${{aws_route53_health_check.{key}.id}}" for key in checks]
    combined = {"type": "CALCULATED", "child_healthchecks": all_}
    return {"aws_route53_health_check": checks | dict.fromkeys(("a", "b", "c"), combined)}


@pytest.mark.parametrize(
    "resource",
    [crowd(5000), followers(1000), writers(500), hidden(7000), children(6000)],
    ids=["crowd", "followers", "writers", "hidden", "children"],
)
def test_a_hostile_document_is_checked_within_seconds(
    resource: dict[str, Any],
) -> None:
    together = ResourceSet([parsed_resources("slow", {"resource": resource})])
    began = process_time()
    for rule in RULES:
        list(rule.find(together, None))
    assert process_time() - began < 10
