"""Environments as they are synthesized: proved as they are, disproved once something is broken."""

import copy
import json
from collections.abc import Mapping
from typing import Any

import pytest

from environments.settings import Settings
from iot_dr.design.design import FaultKind
from iot_dr.generate.expectation import design_expectation
from iot_dr.prover.proof import Proof
from iot_dr.prover.proofs import proofs
from iot_dr.terraform_json.configuration import read_configuration
from iot_dr.terraform_json.resource_set import ResourceSet
from tests.support.existing import ZONE as ZONE_BEFORE
from tests.support.existing import existing
from tests.support.settings import REGIONS, settings
from tests.support.synthesis import Synthesis

Documents = Mapping[str, dict[str, Any]]
IOT, CENTRAL = "iot-dev-iot-eu-west-1", "iot-dev-iot-eu-central-1"
ENTRY_POINT, ZONE = "iot-dev-entry-point", "iot-dev-hosted-zone"
DOMAIN = "aws_iot_domain_configuration.device_name"
REGIONAL = "aws_iot_domain_configuration.regional_name"
SILENT = FaultKind.SILENT_IOT.value
CERTIFICATE = "aws_acm_certificate.certificate"


def documents(synthesis: Synthesis, chosen: Settings) -> Documents:
    return {name: dict(stack.document) for name, stack in synthesis(chosen).items()}


def proof_of(stacks: Documents, chosen: Settings) -> Proof:
    resources = ResourceSet(read_configuration(*each) for each in stacks.items())
    (proof,) = proofs(resources, design_expectation(chosen))
    return proof


@pytest.mark.parametrize("mode", ["deep", "shallow"])
@pytest.mark.parametrize("fail_back", ["latched", "auto"])
@pytest.mark.parametrize(
    "count", [2, 3, *(pytest.param(count, marks=pytest.mark.exhaustive) for count in (4, 5))]
)
def test_every_kind_of_environment_is_proved(
    count: int, fail_back: str, mode: str, synthesis: Synthesis
) -> None:
    chosen = settings(
        regions=list(REGIONS[:count]), health={"mode": mode}, recovery={"fail_back": fail_back}
    )
    proof = proof_of(documents(synthesis, chosen), chosen)
    assert proof.is_proved, "\n".join(map(str, proof.violations))
    assert not proof.notes
    # A deep check of the primary sees what a TCP check cannot.
    assert (f"{REGIONS[0]}: the server certificate has expired" in proof.unseen) == (
        mode == "shallow"
    )


def test_no_check_sees_that_the_certificate_of_an_adopted_device_name_has_expired(
    synthesis: Synthesis,
) -> None:
    chosen = settings(zone=ZONE_BEFORE, existing=existing(cut_over=True))
    proof = proof_of(documents(synthesis, chosen), chosen)
    assert proof.is_proved, "\n".join(map(str, proof.violations))
    expired = {f"{region}: {FaultKind.CERTIFICATE.value}" for region in REGIONS[:2]}
    assert expired <= set(proof.unseen)
    silent = f"{REGIONS[0]}: {FaultKind.SILENT_IOT.value}"
    assert silent not in proof.unseen


def test_another_primary_is_proved_too(synthesis: Synthesis) -> None:
    chosen = settings(regions=list(REGIONS[:3]), primary_region=REGIONS[1])
    assert proof_of(documents(synthesis, chosen), chosen).is_proved


CHANGES: list[tuple[str, str, dict[str, Any] | None, str]] = [
    (IOT, "aws_apigatewayv2_route.health", {"route_key": "GET /other"}, "no route of"),
    (IOT, "aws_apigatewayv2_route.health", {"route_key": "POST /health"}, "no route of"),
    (IOT, "aws_apigatewayv2_route.health", {"authorization_type": "AWS_IAM"}, "wants an"),
    (IOT, "aws_apigatewayv2_stage.health", None, "has no stage"),
    (IOT, "aws_lambda_permission.health", None, "no permission lets API Gateway invoke"),
    (IOT, "aws_lambda_function.canary", {"reserved_concurrent_executions": 0}, "concurrency"),
    (IOT, "aws_route53_health_check.deep", {"enable_sni": False}, "needs the server name"),
    (IOT, "aws_route53_health_check.deep", {"port": 80}, "does not serve port 80"),
    (IOT, "aws_route53_health_check.deep", {"type": "HTTP"}, "serves HTTPS alone"),
    (IOT, "aws_route53_health_check.deep", {"resource_path": "/healthy"}, "no route of"),
    (IOT, "aws_route53_health_check.deep", {"invert_healthcheck": True}, "never healthy"),
    (IOT, "aws_iot_domain_configuration.device_name", None, "no domain configuration in eu-west-1"),
    (IOT, "aws_iot_domain_configuration.regional_name", None, "no domain configuration in"),
    (
        ENTRY_POINT,
        "aws_route53_health_check.calculated_deep_eu_west_1",
        {"child_health_threshold": 1},
        "still leads to eu-west-1",
    ),
    (
        ENTRY_POINT,
        "aws_route53_health_check.calculated_deep_eu_west_1",
        {"child_health_threshold": 3},
        "never healthy",
    ),
    (
        ENTRY_POINT,
        "aws_route53_health_check.switch_eu_west_1",
        {"insufficient_data_health_status": "Unhealthy"},
        "never healthy",
    ),
    (
        ENTRY_POINT,
        "aws_cloudwatch_metric_alarm.switch_eu_west_1_in_eu_central_1",
        {"treat_missing_data": "notBreaching"},
        "leads to eu-west-1 again",
    ),
    (
        ENTRY_POINT,
        "aws_route53_health_check.switch_eu_west_1",
        {"insufficient_data_health_status": "Healthy"},
        "leads to eu-west-1 again",
    ),
    (
        ENTRY_POINT,
        "aws_cloudwatch_metric_alarm.switch_eu_west_1_in_eu_central_1",
        {"unit": "Count"},
        "no switch takes devices away from eu-west-1",
    ),
    (
        ENTRY_POINT,
        "aws_cloudwatch_metric_alarm.switch_eu_west_1_in_eu_central_1",
        {"namespace": "IotDr/Switch/prod"},
        "no switch takes devices away from eu-west-1",
    ),
    (
        ENTRY_POINT,
        "aws_cloudwatch_metric_alarm.switch_eu_west_1_in_eu_central_1",
        {"threshold": 10**400},
        "no switch takes devices away from eu-west-1",
    ),
    (
        ENTRY_POINT,
        "aws_cloudwatch_event_rule.watcher_eu_central_1",
        {"state": "DISABLED"},
        "changes 3 times",
    ),
    (
        ENTRY_POINT,
        "aws_route53_record.failover_1_primary",
        {"records": ["mqtt-eu-central-1.iot-dev.example.com"]},
        "no record of mqtt.iot-dev.example.com leads to eu-west-1",
    ),
    (
        IOT,
        "aws_route53_record.regional_name",
        {"type": "PTR"},
        "is of type PTR, which devices do not",
    ),
    (IOT, DOMAIN, {"application_protocol": "MQTT_WSS"}, "has the application_protocol MQTT_WSS"),
    (IOT, DOMAIN, {"application_protocol": "HTTPS"}, "has the application_protocol HTTPS"),
    (IOT, DOMAIN, {"authentication_type": "AWS_SIGV4"}, "has the authentication_type AWS_SIGV4"),
    (IOT, REGIONAL, {"application_protocol": "SECURE_MQTT"}, "SECURE_MQTT, not HTTPS"),
    (IOT, REGIONAL, {"authentication_type": "AWS_X509"}, "AWS_X509, not AWS_SIGV4"),
    (ZONE, CERTIFICATE, {"domain_name": "*.example.org"}, "is for *.example.org, not for mqtt."),
    (ZONE, CERTIFICATE, {"region": "eu-central-1"}, "has a certificate of eu-central-1"),
    (ZONE, CERTIFICATE, {"validation_method": "EMAIL"}, "EMAIL, and waits for a DNS record"),
    (ZONE, CERTIFICATE, {"validation_method": "HTTP"}, "which ACM does for CloudFront alone"),
    (ZONE, CERTIFICATE, {"key_algorithm": "RSA_4096"}, "with the key algorithm RSA_4096"),
    (
        ENTRY_POINT,
        "aws_route53_health_check.tcp_eu_central_1",
        {"port": None},
        "a TCP check needs a port",
    ),
]


@pytest.mark.parametrize(("stack", "address", "change", "expected"), CHANGES)
def test_a_broken_environment_is_disproved(
    stack: str, address: str, change: dict[str, Any] | None, expected: str, synthesis: Synthesis
) -> None:
    chosen = settings()
    stacks = documents(synthesis, chosen)
    broken = copy.deepcopy(stacks[stack])
    type_, name = address.split(".")
    if change is None:
        del broken["resource"][type_][name]
    else:
        broken["resource"][type_][name] |= change
    proof = proof_of({**stacks, stack: broken}, chosen)
    assert not proof.is_proved
    lines = [f"{each} {' '.join(each.reasons)}" for each in proof.violations]
    assert expected in "\n".join(lines)


def lets(principal: dict[str, str], condition: dict[str, Any]) -> str:
    """Return the policy of a topic or a key for what CloudWatch needs."""
    allowed = {"Effect": "Allow", "Action": ["sns:Publish", "kms:*"], "Resource": "*"}
    return json.dumps({"Statement": {**allowed, "Principal": principal, "Condition": condition}})


CLOUDWATCH = {"Service": "cloudwatch.amazonaws.com"}
ALARMS = {"aws:SourceArn": "arn:aws:cloudwatch:us-east-1:111111111111:alarm:*"}
# As the policy with which SNS creates a topic, under which alarms of its account publish.
OF_SNS = lets({"AWS": "*"}, {"StringEquals": {"AWS:SourceOwner": "111111111111"}})


@pytest.mark.parametrize(
    ("stack", "address", "change"),
    [
        (IOT, "aws_lambda_function.canary", {"timeout": None}),
        (ZONE, CERTIFICATE, {"key_algorithm": None}),
        (ENTRY_POINT, "aws_sns_topic.alarms", {"kms_master_key_id": "alias/own"}),
        (ENTRY_POINT, "aws_sns_topic.alarms", {"policy": "${var.policy}"}),
        (ENTRY_POINT, "aws_sns_topic.alarms", {"policy": OF_SNS}),
        (
            ENTRY_POINT,
            "aws_sns_topic.alarms",
            {"policy": lets(CLOUDWATCH, {"StringLike": ALARMS})},
        ),
        (ENTRY_POINT, "aws_kms_key.alarms", {"policy": OF_SNS}),
        (
            ZONE,
            CERTIFICATE,
            {
                "domain_name": "example.org",
                "subject_alternative_names": ["*.iot-dev.example.com", "example.net"],
            },
        ),
    ],
)
def test_an_environment_in_another_form_is_proved(
    stack: str, address: str, change: dict[str, Any], synthesis: Synthesis
) -> None:
    chosen = settings()
    stacks = documents(synthesis, chosen)
    changed = copy.deepcopy(stacks[stack])
    type_, name = address.split(".")
    changed["resource"][type_][name] |= change
    proof = proof_of({**stacks, stack: changed}, chosen)
    assert proof.is_proved, "\n".join(map(str, proof.violations))
    assert not proof.notes


CANARY, CHECK = "aws_lambda_function.canary", "aws_route53_health_check.tcp_eu_central_1"
WATCHER = "aws_lambda_function.watcher_eu_central_1"
PUBLISHER = "aws_lambda_function.publisher_eu_central_1"
STAGE, INTEGRATION = "aws_apigatewayv2_stage.health", "aws_apigatewayv2_integration.health"
SWITCH = "aws_cloudwatch_metric_alarm.switch_eu_west_1_in_eu_central_1"
THING = "$${iot:Connection.Thing.ThingName}"
TOPIC = "aws_sns_topic.alarms"
PAGES = "${aws_sns_topic.alarms.arn}"
CONDITIONAL = {
    "Effect": "Allow",
    "Principal": {"Service": "lambda.amazonaws.com"},
    "Action": "sts:AssumeRole",
    "Condition": {"StringEquals": {"aws:SourceAccount": "999999999999"}},
}
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [CONDITIONAL]})
FUNCTION = "aws_lambda_function"
# For alarms of another region.
OF_OTHERS = lets(
    CLOUDWATCH,
    {"ArnLike": {"aws:SourceArn": "arn:aws:cloudwatch:eu-west-1:111111111111:alarm:*"}},
)
NOTES: list[tuple[str, str, dict[str, Any], str]] = [
    (ENTRY_POINT, "aws_route53_record.failover_1_primary", {"ttl": 121}, "ttl 121, and the set"),
    (IOT, "aws_route53_record.regional_name", {"ttl": 30}, "regional_name has the ttl 30, and"),
    (ENTRY_POINT, CHECK, {"failure_threshold": 7}, "failure_threshold 7, and the settings 3"),
    (ENTRY_POINT, CHECK, {"request_interval": 10}, "request_interval 10, and the settings 30"),
    (IOT, "aws_route53_health_check.deep", {"failure_threshold": 1}, "threshold 1, and the set"),
    (IOT, DOMAIN, {"tls_config": None}, "has the TLS policy of AWS, and the settings"),
    (IOT, REGIONAL, {"tls_config": {"security_policy": "other"}}, "has the TLS policy other"),
    (IOT, DOMAIN, {"application_protocol": None}, "ALPN decide the application_protocol"),
    (IOT, DOMAIN, {"authentication_type": "DEFAULT"}, "ALPN decide the authentication_type"),
    (IOT, CANARY, {"vpc_config": {"subnet_ids": ["subnet-1"]}}, "canary is in a VPC: assumed"),
    (IOT, "aws_iam_role.canary", {"assume_role_policy": TRUST}, "assumed that Lambda meets it"),
    (IOT, CANARY, {"timeout": 1}, "has the timeout 1, and usually 3"),
    (IOT, CANARY, {"memory_size": None}, "has the memory_size 128, and usually 512"),
    (ENTRY_POINT, WATCHER, {"reserved_concurrent_executions": 2}, "_executions 2, and usually 4"),
    (ENTRY_POINT, PUBLISHER, {"memory_size": None}, "has the memory_size 128, and usually 256"),
    (ENTRY_POINT, PUBLISHER, {"vpc_config": {"subnet_ids": ["subnet-1"]}}, "is in a VPC: assumed"),
    (IOT, "aws_lambda_permission.health", {"source_arn": None}, "lets any account's resources"),
    (IOT, CANARY, {"timeout": 9}, "has the timeout 9, and usually 3"),
    (IOT, CANARY, {"architectures": None}, "runs on x86_64, and usually on arm64"),
    (ENTRY_POINT, CHECK, {"regions": ["us-east-1", "eu-west-1", "sa-east-1"]}, "in 3 regions, and"),
    (IOT, INTEGRATION, {"payload_format_version": None}, "payload_format_version None, and usua"),
    (IOT, INTEGRATION, {"timeout_milliseconds": 4001}, "timeout_milliseconds 4001, and usually"),
    (IOT, REGIONAL, {"application_protocol": "HTTPS"}, "the application_protocol HTTPS alone, and"),
    (IOT, REGIONAL, {"authentication_type": "AWS_SIGV4"}, "authentication_type AWS_SIGV4 alone"),
    (ENTRY_POINT, SWITCH, {"statistic": "Average"}, "has the statistic Average, and usually Max"),
    (ENTRY_POINT, SWITCH, {"period": 120}, "has the period 120, and usually 60"),
    (ENTRY_POINT, SWITCH, {"actions_enabled": False}, "its actions are not enabled"),
    (ENTRY_POINT, SWITCH, {"ok_actions": None}, "notifies nobody: it has no ok_actions"),
    (ENTRY_POINT, SWITCH, {"ok_actions": [PAGES]}, "notifies a topic in us-east-1, and usually"),
    (ENTRY_POINT, TOPIC, {"kms_master_key_id": "alias/aws/sns"}, "may not use alias/aws/sns"),
    (ENTRY_POINT, TOPIC, {"policy": OF_OTHERS}, "tcp_eu_west_1 does not reach aws_sns_topic"),
    (
        ENTRY_POINT,
        "aws_kms_key.alarms",
        {"policy": OF_OTHERS},
        ".amazonaws.com kms:Decrypt",
    ),
    (IOT, STAGE, {"route_settings": []}, "has the throttling_rate_limit None, and usually 100"),
    (IOT, INTEGRATION, {"timeout_milliseconds": 1000}, "ends after 1 s, and Route 53 waits 2 s"),
    (CENTRAL, CERTIFICATE, {"validation_method": "EMAIL"}, "by EMAIL: a person must answer"),
    (CENTRAL, CERTIFICATE, {"validation_method": None}, "by EMAIL: a person must answer"),
    (
        ENTRY_POINT,
        "aws_route53_record.failover_1_secondary",
        {"health_check_id": "${aws_route53_health_check.tcp_eu_central_1.arn}"},
        "check ${aws_route53_health_check.tcp_eu_central_1.arn} is not declared here",
    ),
]


@pytest.mark.parametrize("number", [None, -1, "-1"])
def test_functions_that_reserve_no_concurrency_are_assumed_to_run(
    number: object, synthesis: Synthesis
) -> None:
    chosen = settings(reserved_concurrency=None)
    stacks = documents(synthesis, chosen)
    changed = copy.deepcopy(stacks)
    for document in changed.values():
        for function in document["resource"].get(FUNCTION, {}).values():
            assert "reserved_concurrent_executions" not in function
            # A configuration has null; a plan and a state have the provider's value for it.
            function["reserved_concurrent_executions"] = number
    for every in (stacks, changed):
        proof = proof_of(every, chosen)
        assert proof.is_proved
        assert {str(note).partition(" reserves no ")[0] for note in proof.notes} == {
            WATCHER,
            CANARY,
            PUBLISHER,
            PUBLISHER.replace("eu_central_1", "eu_west_1"),
        }


@pytest.mark.parametrize(("stack", "address", "change", "expected"), NOTES)
def test_what_differs_from_the_settings_and_moves_nothing_is_noted(
    stack: str, address: str, change: dict[str, Any], expected: str, synthesis: Synthesis
) -> None:
    chosen = settings()
    stacks = documents(synthesis, chosen)
    changed = copy.deepcopy(stacks[stack])
    type_, name = address.split(".")
    changed["resource"][type_][name] |= change
    proof = proof_of({**stacks, stack: changed}, chosen)
    assert proof.is_proved, "\n".join(map(str, proof.violations))
    assert expected in "\n".join(map(str, proof.notes))


def test_a_standby_that_a_storm_of_connects_may_fail_is_noted(synthesis: Synthesis) -> None:
    chosen = settings(regions=list(REGIONS[:3]))
    stacks = documents(synthesis, chosen)
    changed = copy.deepcopy(stacks[ENTRY_POINT])
    deep = "${aws_route53_health_check.calculated_deep_eu_central_1.id}"
    changed["resource"]["aws_route53_record"]["failover_2_primary"]["health_check_id"] = deep
    (note,) = proof_of({**stacks, ENTRY_POINT: changed}, chosen).notes
    assert str(note).startswith("aws_route53_record.failover_2_primary depends on ")


def test_a_switch_that_also_takes_devices_from_another_region_is_noted(
    synthesis: Synthesis,
) -> None:
    chosen = settings(regions=list(REGIONS[:3]))
    stacks = documents(synthesis, chosen)
    changed = copy.deepcopy(stacks[ENTRY_POINT])
    standby = changed["resource"]["aws_route53_health_check"]["calculated_tcp_eu_central_1"]
    children = standby["child_healthchecks"]
    standby["child_healthchecks"] = [
        child.replace("switch_eu_central_1.", "switch_eu_west_1.") for child in children
    ]
    assert standby["child_healthchecks"] != children
    (note, *_) = proof_of({**stacks, ENTRY_POINT: changed}, chosen).notes
    assert str(note).startswith(
        "the switch of eu-west-1 also takes devices from eu-central-1: aws_route"
    )


@pytest.mark.parametrize(
    ("type_", "expected"),
    [
        ("aws_iot_domain_configuration", "no domain configuration in eu-central-1 serves mqtt-eu-"),
        ("aws_route53_record", "no record of mqtt-eu-central-1.iot-dev.example.com is declared"),
    ],
)
def test_a_regional_name_by_which_no_region_can_be_probed_is_noted(
    type_: str, expected: str, synthesis: Synthesis
) -> None:
    chosen = settings(health={"mode": "shallow"}, recovery={"fail_back": "auto"})
    stacks = documents(synthesis, chosen)
    changed = copy.deepcopy(stacks[CENTRAL])
    name = "domain_name" if type_.endswith("configuration") else "name"
    changed["resource"][type_]["regional_name"][name] = "other.iot-dev.example.com"
    assert expected in "\n".join(map(str, proof_of({**stacks, CENTRAL: changed}, chosen).notes))


@pytest.mark.parametrize(("type_", "count"), [("THING", 1), ("THING_TYPE", 0)])
def test_a_topic_rule_of_events_that_are_off_is_noted(
    type_: str, count: int, synthesis: Synthesis
) -> None:
    chosen = settings()
    stacks = documents(synthesis, chosen)
    changed = copy.deepcopy(stacks[CENTRAL])
    provider = {"provider": "aws.eu_central_1"}
    sql = "SELECT * FROM '$aws/events/thing/#'"
    changed["resource"] |= {
        "aws_iot_event_configurations": {
            "events": {**provider, "event_configurations": {type_: False}}
        },
        "aws_iot_topic_rule": {"things": {**provider, "name": "things", "sql": sql}},
    }
    notes = proof_of({**stacks, CENTRAL: changed}, chosen).notes
    expected = "aws_iot_topic_rule.things gets no events in eu-central-1: "
    assert sum(str(note).startswith(expected) for note in notes) == count


def test_a_device_policy_of_another_name_is_noted(synthesis: Synthesis) -> None:
    chosen = settings()
    changed = copy.deepcopy(documents(synthesis, chosen))
    for stack in (IOT, CENTRAL):
        changed[stack]["resource"]["aws_iot_policy"]["device"]["name"] = "other"
    (note,) = proof_of(changed, chosen).notes
    assert str(note) == (
        "aws_iot_policy.device has the name other, and templates and commands use"
        " example-dev-device"
    )


@pytest.mark.parametrize(
    ("client", "is_noted"), [("*", True), ("$${iot:ClientId}", True), (THING, False)]
)
@pytest.mark.parametrize("keeps_condition", [True, False])
def test_a_policy_that_admits_certificates_of_no_thing_is_noted(
    client: str, is_noted: bool, keeps_condition: bool, synthesis: Synthesis
) -> None:
    chosen = settings()
    changed = copy.deepcopy(documents(synthesis, chosen))
    for stack in (IOT, CENTRAL):
        device = changed[stack]["resource"]["aws_iot_policy"]["device"]
        policy = json.loads(device["policy"])
        connect = policy["Statement"][0]
        connect["Resource"] = connect["Resource"].rpartition("/")[0] + f"/{client}"
        if not keeps_condition:
            del connect["Condition"]
        device["policy"] = json.dumps(policy)
    expected = "the IoT policy of devices in eu-west-1 and eu-central-1 lets a certificate"
    notes = proof_of(changed, chosen).notes
    assert any(str(note).startswith(expected) for note in notes) == (
        is_noted and not keeps_condition
    )


CAA = "do not let ACM issue aws_acm_certificate.certificate"


@pytest.mark.parametrize(
    ("name", "records", "expected"),
    [
        ("iot-dev.example.com", ['0 issue "letsencrypt.org"'], CAA),
        ("iot-dev.example.com", ['0 issue "amazon.com"'], ""),
        ("iot-dev.example.com", ['0 issue "a.example"', '0 issuewild "amazon.com"'], ""),
        ("iot-dev.example.com", ['0 issue "amazon.com"', '0 issuewild ";"'], CAA),
        ("other.iot-dev.example.com", ['0 issue "letsencrypt.org"'], ""),
    ],
)
def test_caa_records_must_let_acm_issue_the_certificates(
    name: str, records: list[str], expected: str, synthesis: Synthesis
) -> None:
    chosen = settings()
    stacks = documents(synthesis, chosen)
    changed = copy.deepcopy(stacks[ZONE])
    changed["resource"]["aws_route53_record"]["caa"] = {
        "zone_id": "${aws_route53_zone.zone.zone_id}",
        "name": name,
        "type": "CAA",
        "records": records,
    }
    proof = proof_of({**stacks, ZONE: changed}, chosen)
    assert proof.is_proved is not bool(expected)
    assert expected in "\n".join(map(str, proof.violations))


def test_regions_with_different_keys_are_noted(synthesis: Synthesis) -> None:
    chosen = settings()
    stacks = documents(synthesis, chosen)
    changed = copy.deepcopy(stacks[ZONE])
    changed["resource"]["aws_acm_certificate"]["certificate"]["key_algorithm"] = "EC_prime256v1"
    (note,) = proof_of({**stacks, ZONE: changed}, chosen).notes
    assert "different keys in its regions (EC_PRIME256V1 and RSA_2048)" in str(note)


@pytest.mark.parametrize(
    ("fail_back", "first"),
    [("latched", "eu-central-1: Lambda fails"), ("auto", f"eu-west-1: {SILENT}")],
)
def test_a_primary_judged_by_tcp_alone_is_disproved_since_its_watcher_may_fail_too(
    fail_back: str, first: str, synthesis: Synthesis
) -> None:
    chosen = settings(recovery={"fail_back": fail_back})
    stacks = documents(synthesis, chosen)
    broken = copy.deepcopy(stacks[ENTRY_POINT])
    tcp = "${aws_route53_health_check.calculated_tcp_eu_west_1.id}"
    broken["resource"]["aws_route53_record"]["failover_1_primary"]["health_check_id"] = tcp
    (violation,) = proof_of({**stacks, ENTRY_POINT: broken}, chosen).violations
    assert violation.events[0] == first
    assert violation.events[-1] == f"eu-west-1: {SILENT}"


def test_an_environment_without_records_of_its_device_name_is_disproved(
    synthesis: Synthesis,
) -> None:
    chosen = settings()
    other = settings(endpoint={"label": "devices"})
    resources = ResourceSet(
        read_configuration(*each) for each in documents(synthesis, other).items()
    )
    missing = proofs(resources, design_expectation(chosen))[-1]
    assert str(missing.violations[0]) == (
        "no failover record has the device name mqtt.iot-dev.example.com"
    )
