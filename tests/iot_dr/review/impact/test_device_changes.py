"""Which changes are device changes, with which verdict and reason."""

import pytest

from iot_dr.rules.rule import Verdict
from iot_dr.terraform_json.change import Action
from tests.iot_dr.review.fleet_plan import (
    BOTH_CHECK,
    CERTIFICATE,
    DATABASE,
    DELEGATION,
    DOMAIN,
    FLEET,
    IRELAND,
    LOAD,
    NAME,
    NOTE,
    OHIO,
    OHIO_CHECK,
    PAGE,
    POLICY,
    PRIMARY,
    ROLE,
    SECONDARY,
    SPARE_CHECK,
    SWITCH,
    SWITCH_CHECK,
    TABLE,
    TCP_CHECK,
    VALIDATION,
    ZONE,
    Changes,
    device_changes,
    plan,
    reviewed,
    with_entry,
)

BLOCK, WARN, OK = Verdict.BLOCK, Verdict.WARN, Verdict.OK
OTHER = "a1-ats.iot.eu-central-1.amazonaws.com"


@pytest.mark.parametrize(
    ("changes", "verdict", "subject", "why"),
    [
        (
            {PRIMARY: {"ttl": 300}},
            WARN,
            "the device name's PRIMARY record",
            (
                "resolvers cache the answer for up to 300 s instead of 60 s, so after a"
                " failover the last devices may reconnect 240 s later; mqtt.fleet.example.com has"
                " a TTL of 300 s: clients keep the lost answer for longer than the 90 s in which"
                " its checks fail. Set a ttl of 60 s or less"
            ),
        ),
        (
            {SECONDARY: {"ttl": 61}},
            WARN,
            "the device name's SECONDARY record",
            (
                "resolvers cache the answer for up to 61 s instead of 60 s, so after a"
                " failover the last devices may reconnect 1 s later"
            ),
        ),
        (
            {SECONDARY: {"ttl": 20}},
            OK,
            "the device name's SECONDARY record",
            (
                "resolvers cache the answer for up to 20 s instead of 60 s, so after a"
                " failover the last devices may reconnect 40 s sooner"
            ),
        ),
        (
            {SECONDARY: {"records": [OTHER]}},
            WARN,
            "the device name's SECONDARY record",
            "when the PRIMARY fails, devices connect to eu-central-1 instead of us-east-2",
        ),
        (
            {PRIMARY: {"health_check_id": "check-spare"}},
            WARN,
            "the device name's PRIMARY record",
            "it uses the health check spare instead of the health check both",
        ),
        (
            {PRIMARY: {"set_identifier": "first"}},
            WARN,
            "the device name's PRIMARY record",
            "its set_identifier changes",
        ),
        (
            {SECONDARY: None},
            WARN,
            "the device name's SECONDARY record",
            f"{NAME} loses its SECONDARY record and resolves only to eu-west-1",
        ),
        (
            {IRELAND: {"records": [OTHER]}},
            WARN,
            "the regional name ireland.fleet.example.com",
            "it resolves to eu-central-1 instead of eu-west-1",
        ),
        (
            {OHIO: {"ttl": 300}},
            OK,
            "the regional name ohio.fleet.example.com",
            (
                "resolvers cache the answer for up to 300 s instead of 60 s, which does not"
                " affect failover: the name stays with its region"
            ),
        ),
        (
            {TCP_CHECK: {"failure_threshold": 5}},
            WARN,
            "the health check tcp",
            (
                "its status changes after 5 consecutive results instead of 3; the device name's"
                " PRIMARY record uses it"
            ),
        ),
        (
            {OHIO_CHECK: {"fqdn": "x.example.com", "port": 443}},
            WARN,
            "the health check ohio",
            (
                "it checks fqdn x.example.com instead of ohio.fleet.example.com; it checks"
                " port 443 instead of 8883; the device name's SECONDARY record uses it"
            ),
        ),
        (
            {TCP_CHECK: {"disabled": True}},
            WARN,
            "the health check tcp",
            (
                "while disabled, it always counts as healthy; the device name's PRIMARY"
                " record uses it"
            ),
        ),
        (
            {BOTH_CHECK: {"child_health_threshold": 1}},
            WARN,
            "the health check both",
            "its child_health_threshold changes; the device name's PRIMARY record uses it",
        ),
        (
            {SPARE_CHECK: {"port": 443}},
            OK,
            "the health check spare",
            "it checks port 443 instead of 8883; no record uses it",
        ),
        (
            {SWITCH: {"threshold": 2}},
            WARN,
            "the switch of eu-west-1",
            ("the health check switch follows it, so the condition that triggers failover changes"),
        ),
        (
            {SWITCH: None},
            WARN,
            "the switch of eu-west-1",
            "the health check switch follows it and will have no alarm to follow",
        ),
        ({PAGE: None}, WARN, "the alarm page", "nobody is notified of what it watches any more"),
        (
            {PAGE: {"alarm_actions": []}},
            WARN,
            "the alarm page",
            "nobody is notified of what it watches any more",
        ),
        (
            {DOMAIN: {"tls_config": []}},
            WARN,
            "the device name's domain configuration in eu-west-1",
            "connection settings change for devices that use this name",
        ),
        (
            {DOMAIN: {"status": "DISABLED"}},
            BLOCK,
            "the device name's domain configuration in eu-west-1",
            "devices cannot connect through this name",
        ),
        (
            {POLICY: {"policy": "{}"}},
            WARN,
            "the IoT policy device in eu-west-1",
            "every device that has it loses what it no longer allows",
        ),
        (
            {ZONE: {"force_destroy": True}},
            WARN,
            "the zone fleet.example.com",
            "it contains every DNS name of the environment",
        ),
        (
            {DELEGATION: {"records": ["ns-9.example.net"]}},
            WARN,
            "the delegation of fleet.example.com",
            "resolvers query other name servers for every name in the zone",
        ),
        (
            {DELEGATION: None},
            BLOCK,
            "the delegation of fleet.example.com",
            "resolvers can no longer resolve any name in the zone",
        ),
        (
            {VALIDATION: None},
            WARN,
            "the DNS validation record of the certificates",
            "ACM needs this record to renew the certificates of every region",
        ),
        ({DATABASE: None}, WARN, "the database archive", "its contents are deleted with it"),
    ],
)
def test_a_change_to_a_device_dependency_is_reported(
    changes: Changes, verdict: Verdict, subject: str, why: str
) -> None:
    (device_change,) = device_changes(plan(changes))
    assert (device_change.subject, device_change.why) == (subject, why)
    assert device_change.verdict is verdict


@pytest.mark.parametrize(
    "changes",
    [
        {NOTE: {"records": ["bye"]}},
        {NOTE: None},
        {TCP_CHECK: {"tags": {"Name": "other"}}},
        {SWITCH_CHECK: {"tags": {"Name": "other"}}},
        {SWITCH: {"alarm_description": "other"}},
        {PAGE: {"alarm_description": "other"}},
        {LOAD: None},
        {DOMAIN: {"tags": {"Owner": "b"}}},
        {CERTIFICATE: {"tags": {"Owner": "b"}}},
        {POLICY: {"tags": {"Owner": "b"}}},
        {ZONE: {"comment": "theirs"}},
        {VALIDATION: {"ttl": 300}},
        {TABLE: {"read_capacity": 2}},
        {DATABASE: {"instance_class": "db.t3.large"}},
        {ROLE: None},
        {"aws_route53_health_check.new": {"type": "TCP", "fqdn": "x.example.com"}},
        {"aws_dynamodb_table.new": {"name": "new"}},
    ],
)
def test_other_changes_are_shown_with_their_stack_only(changes: Changes) -> None:
    result = reviewed(plan(changes))
    assert (result.device_changes, result.verdict) == ((), OK)
    assert result.reason.startswith("1 to ")
    assert result.reason.endswith(", and devices depend on none of them")


@pytest.mark.parametrize(
    ("address", "argument", "subject"),
    [
        (ZONE, "name", "the zone fleet.example.com"),
        (CERTIFICATE, "domain_name", "the certificate of *.fleet.example.com in eu-west-1"),
        (DOMAIN, "domain_name", "the device name's domain configuration in eu-west-1"),
        (TABLE, "name", "the table state"),
    ],
)
def test_a_replaced_stateful_resource_has_its_cause_and_its_rule(
    address: str, argument: str, subject: str
) -> None:
    result = reviewed(plan({address: {argument: "other"}}, replaced={address: argument}))
    (device_change,) = result.device_changes
    assert (result.verdict, device_change.verdict, device_change.subject) == (BLOCK, BLOCK, subject)
    assert result.reason == f"the plan replaces {subject}, forced by {argument}"
    (finding,) = device_change.findings
    assert finding.rule == "stateful-resource-destroyed"
    assert device_change.why == finding.message.removesuffix(".")
    assert [(each.path, each.forces) for each in device_change.attributes] == [(argument, True)]
    # A device name that nothing serves any more is reported at its records.
    others = {each.rule for each in result.judgement.findings} - {finding.rule}
    assert others == ({"name-not-served"} if address == DOMAIN else set())


@pytest.mark.parametrize(
    ("type_", "subject", "why"),
    [
        (
            "aws_iot_policy_attachment",
            "the attachment of the IoT policy it in eu-west-1",
            "the device loses what the policy allows",
        ),
        (
            "aws_iot_authorizer",
            "the authorizer it in eu-west-1",
            "devices that it authorizes cannot connect",
        ),
        (
            "aws_iot_topic_rule",
            "the topic rule it in eu-west-1",
            "the messages that it forwards are lost",
        ),
    ],
)
def test_the_loss_of_an_access_resource_is_reported(type_: str, subject: str, why: str) -> None:
    change = {"actions": ["delete"], "before": {"id": "x"}, "after": None}
    (device_change,) = device_changes(with_entry(plan({}), f"{type_}.it", change))
    assert (device_change.verdict, device_change.why) == (WARN, why)
    assert device_change.subject == subject


def test_a_deactivated_certificate_is_reported_like_a_destroyed_one() -> None:
    change = {"actions": ["update"], "before": {"active": True}, "after": {"active": False}}
    (device_change,) = device_changes(with_entry(plan({}), "aws_iot_certificate.it", change))
    assert device_change.why == "AWS IoT rejects the device that uses it"


def test_a_replaced_check_counts_as_healthy_at_first() -> None:
    change = {TCP_CHECK: {"request_interval": 10}}
    (device_change,) = device_changes(plan(change, replaced={TCP_CHECK: "request_interval"}))
    assert device_change.why == (
        "it checks every 10 s instead of every 30 s; a new health check counts as healthy"
        " until it has its first results; the device name's PRIMARY record uses it"
    )
    assert [(each.path, each.forces) for each in device_change.attributes] == [
        ("request_interval", True)
    ]


def test_an_alarm_created_in_another_region_moves() -> None:
    changes = {PAGE: None, "aws_cloudwatch_metric_alarm.moved": FLEET[PAGE]}
    (device_change,) = device_changes(plan(changes))
    assert device_change.verdict is OK
    assert device_change.why == (
        "it moves to eu-west-1, and nobody is notified of what it watches until then"
    )


@pytest.mark.parametrize("address", [PRIMARY, DELEGATION, TCP_CHECK, SWITCH, DOMAIN, TABLE])
def test_a_forgotten_resource_stays_in_aws_unmanaged(address: str) -> None:
    (device_change,) = device_changes(plan({}, forgotten=address))
    assert (device_change.verdict, device_change.change.action) == (WARN, Action.FORGET)
    assert "no state has it any more" in device_change.why


def test_a_deposed_object_is_reported_as_such() -> None:
    document = plan({})
    destroy = {"actions": ["delete"], "before": FLEET[TABLE], "after": None, "after_unknown": {}}
    standing = next(each for each in document["resource_changes"] if each["address"] == TABLE)
    document["resource_changes"].append({**standing, "deposed": "a1b2c3d4", "change": destroy})
    (device_change,) = device_changes(document)
    assert device_change.subject == f"a deposed object of {TABLE}"
    assert (device_change.verdict, device_change.findings) == (WARN, ())


def test_the_worst_change_comes_first_and_each_resource_once() -> None:
    changes: Changes = {
        POLICY: {"policy": "{}"},
        PAGE: None,
        OHIO_CHECK: {"port": 443},
        IRELAND: {"ttl": 300},
        SECONDARY: {"ttl": 300},
        PRIMARY: {"ttl": 300},
        TABLE: None,
        ZONE: None,
    }
    reported = device_changes(plan(changes))
    assert [(each.verdict, each.change.address) for each in reported] == [
        (BLOCK, ZONE),
        (BLOCK, TABLE),
        (WARN, PRIMARY),
        (WARN, SECONDARY),
        (WARN, OHIO_CHECK),
        (WARN, PAGE),
        (WARN, POLICY),
        (OK, IRELAND),
    ]


def test_a_plan_that_hides_which_check_a_record_uses_says_of_no_check_that_none_does() -> None:
    document = plan({SPARE_CHECK: {"fqdn": NAME, "port": 443}})
    before = FLEET[PRIMARY]
    after = {key: value for key, value in before.items() if key != "health_check_id"}
    unknown = {"before": before, "after": after, "after_unknown": {"health_check_id": True}}
    blocks = document["configuration"]["root_module"]["resources"]
    for block in (each for each in blocks if each["address"] == PRIMARY):
        block["expressions"] = {"health_check_id": {"references": ["local.check"]}}
    result = reviewed(with_entry(document, PRIMARY, {"actions": ["update"], **unknown}))
    said = [finding.message for finding in result.judgement.findings]
    said += [change.why for change in result.device_changes if "spare" in change.subject]
    assert len(said) == len(["check-on-failover-name", "the change of the check"])
    assert all("whether a record uses it is not known" in each.lower() for each in said)
