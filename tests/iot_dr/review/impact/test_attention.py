"""What needs a reviewer's eyes, and what does not."""

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
    plan,
    reviewed,
    told,
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
                "resolvers keep the old answer up to 300 s instead of 60 s, and after a failover"
                " devices may come back 240 s later"
            ),
        ),
        (
            {SECONDARY: {"ttl": 61}},
            WARN,
            "the device name's SECONDARY record",
            (
                "resolvers keep the old answer up to 61 s instead of 60 s, and after a failover"
                " devices may come back 1 s later"
            ),
        ),
        (
            {SECONDARY: {"ttl": 20}},
            OK,
            "the device name's SECONDARY record",
            (
                "resolvers keep the old answer up to 20 s instead of 60 s, and after a failover"
                " devices may come back 40 s sooner"
            ),
        ),
        (
            {SECONDARY: {"records": [OTHER]}},
            WARN,
            "the device name's SECONDARY record",
            "when the PRIMARY fails, devices go to eu-central-1 instead of us-east-2",
        ),
        (
            {PRIMARY: {"health_check_id": "check-spare"}},
            WARN,
            "the device name's PRIMARY record",
            "it asks the health check spare instead of the health check both",
        ),
        (
            {PRIMARY: {"set_identifier": "first"}},
            WARN,
            "the device name's PRIMARY record",
            "its set_identifier is another",
        ),
        (
            {SECONDARY: None},
            WARN,
            "the device name's SECONDARY record",
            f"{NAME} has no SECONDARY record any more and leads to eu-west-1 alone",
        ),
        (
            {IRELAND: {"records": [OTHER]}},
            WARN,
            "the regional name ireland.fleet.example.com",
            "it leads to eu-central-1 instead of eu-west-1",
        ),
        (
            {OHIO: {"ttl": 300}},
            OK,
            "the regional name ohio.fleet.example.com",
            (
                "resolvers keep the old answer up to 300 s instead of 60 s, for which no failover"
                " waits: the name stays with its region"
            ),
        ),
        (
            {TCP_CHECK: {"failure_threshold": 5}},
            WARN,
            "the health check tcp",
            (
                "5 results in a row change its mind instead of 3; the device name's PRIMARY record"
                " asks it"
            ),
        ),
        (
            {OHIO_CHECK: {"fqdn": "x.example.com", "port": 443}},
            WARN,
            "the health check ohio",
            (
                "it looks at fqdn x.example.com instead of ohio.fleet.example.com; it looks at port"
                " 443 instead of 8883; the device name's SECONDARY record asks it"
            ),
        ),
        (
            {TCP_CHECK: {"disabled": True}},
            WARN,
            "the health check tcp",
            (
                "disabled, it counts as healthy whatever happens; the device name's PRIMARY record"
                " asks it"
            ),
        ),
        (
            {BOTH_CHECK: {"child_health_threshold": 1}},
            WARN,
            "the health check both",
            "its child_health_threshold is another; the device name's PRIMARY record asks it",
        ),
        (
            {SPARE_CHECK: {"port": 443}},
            OK,
            "the health check spare",
            "it looks at port 443 instead of 8883; no record asks it at the moment",
        ),
        (
            {SWITCH: {"threshold": 2}},
            WARN,
            "the switch of eu-west-1",
            (
                "the health check switch follows it, so something else decides when devices are led"
                " away"
            ),
        ),
        (
            {SWITCH: None},
            WARN,
            "the switch of eu-west-1",
            "the health check switch follows it and has nothing to go by",
        ),
        ({PAGE: None}, WARN, "the alarm page", "nobody is told of what it watches any more"),
        (
            {PAGE: {"alarm_actions": []}},
            WARN,
            "the alarm page",
            "nobody is told of what it watches any more",
        ),
        (
            {DOMAIN: {"tls_config": []}},
            WARN,
            "the device name's domain configuration in eu-west-1",
            "devices that connect by this name meet other terms",
        ),
        (
            {DOMAIN: {"status": "DISABLED"}},
            BLOCK,
            "the device name's domain configuration in eu-west-1",
            "devices cannot connect by this name",
        ),
        (
            {POLICY: {"policy": "{}"}},
            WARN,
            "the IoT policy device in eu-west-1",
            "what it does not allow any more is refused to every device that has it",
        ),
        (
            {ZONE: {"force_destroy": True}},
            WARN,
            "the zone fleet.example.com",
            "every name of the environment is in it",
        ),
        (
            {DELEGATION: {"records": ["ns-9.example.net"]}},
            WARN,
            "the delegation of fleet.example.com",
            "resolvers ask other name servers for every name of the zone",
        ),
        (
            {DELEGATION: None},
            BLOCK,
            "the delegation of fleet.example.com",
            "resolvers find no name of the zone any more",
        ),
        (
            {VALIDATION: None},
            WARN,
            "the record that validates the certificates",
            "ACM renews the certificates of every region by this record",
        ),
        ({DATABASE: None}, WARN, "the database archive", "what it holds goes with it"),
    ],
)
def test_a_change_to_what_devices_depend_on_needs_eyes(
    changes: Changes, verdict: Verdict, subject: str, why: str
) -> None:
    (attention,) = told(plan(changes))
    assert (attention.subject, attention.why) == (subject, why)
    assert attention.verdict is verdict


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
def test_a_change_that_devices_do_not_depend_on_is_left_to_its_stack(changes: Changes) -> None:
    made = reviewed(plan(changes))
    assert (made.attention, made.verdict) == ((), OK)
    assert made.reason.startswith("1 to ")
    assert made.reason.endswith(", and devices depend on none of it")


@pytest.mark.parametrize(
    ("address", "argument", "subject"),
    [
        (ZONE, "name", "the zone fleet.example.com"),
        (CERTIFICATE, "domain_name", "the certificate of *.fleet.example.com in eu-west-1"),
        (DOMAIN, "domain_name", "the device name's domain configuration in eu-west-1"),
        (TABLE, "name", "the table state"),
    ],
)
def test_a_replaced_stateful_resource_tells_what_forces_it_and_what_its_rule_says(
    address: str, argument: str, subject: str
) -> None:
    made = reviewed(plan({address: {argument: "other"}}, replaced={address: argument}))
    (attention,) = made.attention
    assert (made.verdict, attention.verdict, attention.subject) == (BLOCK, BLOCK, subject)
    assert made.reason == f"the plan replaces {subject}, forced by {argument}"
    (finding,) = attention.findings
    assert finding.rule == "stateful-resource-destroyed"
    assert attention.why == finding.message.removesuffix(".")
    assert [(each.path, each.forces) for each in attention.attributes] == [(argument, True)]
    assert made.judgement.findings == (finding,)
    assert made.other_findings == ()


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
            "devices that connect by it are refused",
        ),
        (
            "aws_iot_topic_rule",
            "the topic rule it in eu-west-1",
            "the messages that it hands on go nowhere",
        ),
    ],
)
def test_what_lets_devices_in_and_goes_needs_eyes(type_: str, subject: str, why: str) -> None:
    change = {"actions": ["delete"], "before": {"id": "x"}, "after": None}
    (attention,) = told(with_entry(plan({}), f"{type_}.it", change))
    assert (attention.verdict, attention.why) == (WARN, why)
    assert attention.subject == subject


def test_a_device_that_is_switched_off_is_reported_as_one_that_goes() -> None:
    change = {"actions": ["update"], "before": {"active": True}, "after": {"active": False}}
    (attention,) = told(with_entry(plan({}), "aws_iot_certificate.it", change))
    assert attention.why == "the device that has it is refused"


def test_a_check_made_anew_counts_as_healthy_at_first() -> None:
    change = {TCP_CHECK: {"request_interval": 10}}
    (attention,) = told(plan(change, replaced={TCP_CHECK: "request_interval"}))
    assert attention.why == (
        "it looks every 10 s instead of every 30 s; a new check counts as healthy until its first"
        " results; the device name's PRIMARY record asks it"
    )
    assert [(each.path, each.forces) for each in attention.attributes] == [
        ("request_interval", True)
    ]


def test_an_alarm_that_is_made_elsewhere_moves() -> None:
    changes = {PAGE: None, "aws_cloudwatch_metric_alarm.moved": FLEET[PAGE]}
    (attention,) = told(plan(changes))
    assert attention.verdict is OK
    assert attention.why == (
        "it moves to eu-west-1, and nobody is told of what it watches until that is done"
    )


@pytest.mark.parametrize("address", [PRIMARY, DELEGATION, TCP_CHECK, SWITCH, DOMAIN, TABLE])
def test_what_terraform_forgets_stays_and_is_reported_of_no_more(address: str) -> None:
    (attention,) = told(plan({}, forgotten=address))
    assert (attention.verdict, attention.change.action) == (WARN, Action.FORGET)
    assert "no plan will tell of it any more" in attention.why


def test_what_an_earlier_run_left_over_is_reported_by_itself_and_no_more_as_the_device_name() -> (
    None
):
    document = plan({})
    left = {"actions": ["delete"], "before": FLEET[TABLE], "after": None, "after_unknown": {}}
    standing = next(each for each in document["resource_changes"] if each["address"] == TABLE)
    document["resource_changes"].append({**standing, "deposed": "a1b2c3d4", "change": left})
    (attention,) = told(document)
    assert attention.subject == f"a left-over object of {TABLE}"
    assert (attention.verdict, attention.findings) == (WARN, ())


def test_the_worst_comes_first_and_a_resource_once() -> None:
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
    found = told(plan(changes))
    assert [(each.verdict, each.change.address) for each in found] == [
        (BLOCK, ZONE),
        (BLOCK, TABLE),
        (WARN, PRIMARY),
        (WARN, SECONDARY),
        (WARN, OHIO_CHECK),
        (WARN, PAGE),
        (WARN, POLICY),
        (OK, IRELAND),
    ]
