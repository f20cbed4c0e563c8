import json
from collections.abc import Callable
from typing import Any

import pytest

from iot_dr.rules.failover_not_proved import RULE, not_judged
from iot_dr.rules.rule import Verdict
from iot_dr.terraform_json.document import parsed_resources
from iot_dr.terraform_json.resource_set import ResourceSet
from tests.iot_dr.prover.test_hand_written import design
from tests.iot_dr.rules.designs import (
    ENTRY_POINT,
    judged,
    our_settings,
    ours,
    resources,
    where,
)

RECORD, CHECK = "aws_route53_record", "aws_route53_health_check"
PRIMARY, SECONDARY = "failover_1_primary", "failover_1_secondary"
Values = dict[str, Any]


def findings(change: Callable[[Values], object]) -> list[str]:
    """Return the findings about a hand-written pair with a TCP check of each region, changed."""
    document = design()
    change(document["resource"])
    return [finding.message for finding in judged(RULE, {"dns": document})]


def setting(type_: str, **changes: Values) -> Callable[[Values], None]:
    """Return a change of the arguments of resources of a type, by their ids."""

    def change(resource: Values) -> None:
        for id_, values in changes.items():
            resource.setdefault(type_, {}).setdefault(id_, {}).update(values)

    return change


@pytest.mark.parametrize("regions", [2, 3, pytest.param(5, marks=pytest.mark.exhaustive)])
def test_sides_in_two_regions_pass(regions: int) -> None:
    assert judged(RULE, ours(regions)) == []
    assert judged(RULE, ours(regions), our_settings(regions)) == []


def test_sides_that_lead_to_one_region_through_other_stacks_are_refused() -> None:
    documents = ours()
    records = resources(documents, ENTRY_POINT, RECORD)
    records[SECONDARY]["records"] = records[PRIMARY]["records"]
    results = judged(RULE, documents)
    assert where(results) == {f"{ENTRY_POINT}/{RECORD}.{PRIMARY}"}
    assert (
        "eu-west-1: the region is lost: nothing that mqtt.iot-dev.example.com leads to serves"
        in (results[0].message)
    )


def test_the_region_is_read_from_an_iot_host() -> None:
    documents = ours()
    records = resources(documents, ENTRY_POINT, RECORD)
    records[SECONDARY]["records"] = ["a1b2-ats.iot.eu-west-1.amazonaws.com"]
    assert len(judged(RULE, documents)) == 1


def test_a_nested_pair_in_one_region_is_refused() -> None:
    documents = ours(3)
    records = resources(documents, ENTRY_POINT, RECORD)
    for side in ("failover_2_primary", "failover_2_secondary"):
        records[side]["records"] = records[PRIMARY]["records"]
    (finding,) = judged(RULE, documents)
    assert finding.verdict is Verdict.BLOCK


def test_a_side_that_leads_nowhere_known_passes() -> None:
    documents = ours()
    resources(documents, ENTRY_POINT, RECORD)[SECONDARY]["records"] = ["${var.standby}"]
    assert judged(RULE, documents) == []


def test_with_settings_everything_is_proved_that_they_require() -> None:
    documents = ours()
    alarms = resources(documents, ENTRY_POINT, "aws_cloudwatch_metric_alarm")
    del alarms["switch_eu_west_1_in_eu_central_1"]
    assert judged(RULE, documents) == []
    (finding,) = judged(RULE, documents, our_settings())
    assert "changes 3 times" in finding.message
    # Of a part of an environment nothing is proved that another part may fulfil.
    del documents["iot-dev-hosted-zone"]
    assert judged(RULE, documents, our_settings()) == []


def test_a_watcher_that_switches_nothing_is_named_with_its_reason() -> None:
    documents = ours()
    watcher = resources(documents, ENTRY_POINT, "aws_lambda_function")["watcher_eu_central_1"]
    watcher["reserved_concurrent_executions"] = 0
    (finding,) = judged(RULE, documents, our_settings())
    assert "changes 3 times" in finding.message
    assert "puts no switch: the reserved concurrency of" in finding.message


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(
            setting(
                CHECK,
                west={"fqdn": "central.iot.example.com"},
                central={"fqdn": "west.iot.example.com"},
            ),
            "leads to eu-central-1, which does not serve",
            id="the checks are crossed",
        ),
        pytest.param(
            setting(CHECK, west={"invert_healthcheck": True}),
            "the PRIMARY record of mqtt.iot.example.com is never healthy",
            id="the primary's check is inverted",
        ),
        pytest.param(
            setting(RECORD, central={"health_check_id": f"${{{CHECK}.west.id}}"}),
            "leads to eu-west-1, which does not serve",
            id="one check for both sides",
        ),
        pytest.param(
            setting(CHECK, central={"fqdn": "west.iot.example.com"}),
            "leads to eu-west-1, which does not serve",
            id="both checks are of one region",
        ),
        pytest.param(
            setting(
                RECORD, **{key: {"health_check_id": "11111111-1111"} for key in ("west", "central")}
            ),
            "leads to eu-west-1, which does not serve",
            id="one check of another stack for both sides",
        ),
    ],
)
def test_a_wrong_design_is_refused_with_an_example(
    change: Callable[[Values], object], expected: str
) -> None:
    (message,) = findings(change)
    assert expected in message
    assert "Reason: mqtt.iot.example.com: " in message


def followed(**checks: Values) -> Callable[[Values], None]:
    """Return a change of the type of the checks of both records."""

    def change(resource: Values) -> None:
        for id_ in ("west", "central"):
            check = resource[CHECK][id_]
            resource[CHECK][id_] = {"provider": check["provider"], **checks[id_]}

    return change


def alarm(name: str, region: str, **more: Any) -> Values:
    return {
        "type": "CLOUDWATCH_METRIC",
        "cloudwatch_alarm_name": name,
        "cloudwatch_alarm_region": region,
        **more,
    }


def control(name: str) -> Values:
    return {"type": "RECOVERY_CONTROL", "routing_control_arn": name}


@pytest.mark.parametrize(
    "change",
    [
        followed(west=alarm("w", "us-east-1"), central=alarm("c", "us-east-1")),
        followed(west=control("arn:w"), central=control("arn:c")),
        setting(CHECK, west={"fqdn": "${var.west}", "type": "TCP"}),
        setting(CHECK, west={"fqdn": "health.example.net", "type": "HTTPS", "port": 443}),
        setting(CHECK, west={"fqdn": None, "ip_address": "198.51.100.1", "type": "HTTPS"}),
        setting(RECORD, west={"health_check_id": "11111111-1111-1111-1111-111111111111"}),
        setting(RECORD, west={"health_check_id": "${var.check}"}),
        setting(RECORD, west={"records": ["${var.west}"]}),
    ],
)
def test_what_is_not_declared_here_is_assumed_to_work(change: Callable[[Values], object]) -> None:
    assert findings(change) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            followed(west=alarm("w", "eu-west-1"), central=alarm("c", "eu-central-1")),
            "leads to eu-west-1, which does not serve (eu-west-1: the region is lost)",
        ),
        (setting(RECORD, central={"health_check_id": f"${{{CHECK}.west.id}}"}), "does not serve"),
    ],
)
def test_an_alarm_that_is_lost_with_its_region_is_not(
    change: Callable[[Values], object], expected: str
) -> None:
    (message,) = findings(change)
    assert expected in message


def test_an_alarm_without_data_may_be_unhealthy() -> None:
    unhealthy = {"insufficient_data_health_status": "Unhealthy"}
    pair = {"west": alarm("w", "eu-west-1", **unhealthy), "central": alarm("c", "eu-central-1")}
    assert findings(followed(**pair)) == []


def test_one_routing_control_for_both_sides_is_refused() -> None:
    def one(resource: Values) -> None:
        followed(west=control("arn:w"), central=control("arn:w"))(resource)
        resource[RECORD]["central"]["health_check_id"] = f"${{{CHECK}.west.id}}"

    assert len(findings(one)) == 1


@pytest.mark.parametrize(
    "check",
    [
        alarm("one", "us-east-1"),
        control("arn:one"),
        {"type": "TCP", "fqdn": "${var.host}", "port": 443},
    ],
)
def test_two_checks_that_follow_one_thing_are_one_check(check: Values) -> None:
    (message,) = findings(followed(west=check, central=dict(check)))
    assert "leads to eu-west-1, which does not serve" in message


def test_an_inverted_check_of_an_object_in_the_standbys_region_is_a_switch() -> None:
    host = "stop.s3.eu-central-1.amazonaws.com"
    stop = {"type": "HTTPS", "fqdn": host, "port": 443, "resource_path": "/initiate-failover"}
    assert findings(setting(CHECK, west=stop | {"invert_healthcheck": True})) == []
    assert len(findings(setting(CHECK, west=stop))) == 1


def test_one_alarm_may_be_followed_by_both_sides_if_one_inverts_it() -> None:
    one = alarm("one", "us-east-1")
    assert findings(followed(west=one, central=one | {"invert_healthcheck": True})) == []


def web(west: str, central: str, check: Values) -> Values:
    """Return a pair of other endpoints than AWS IoT."""
    document = design()
    del document["resource"]["aws_iot_domain_configuration"]
    for id_, target in (("west", west), ("central", central)):
        document["resource"][RECORD][id_]["records"] = [target]
        document["resource"][CHECK][id_] |= {"fqdn": target, **check}
    return document


def test_endpoints_of_which_no_region_is_known_are_judged_by_their_names() -> None:
    https = {"type": "HTTPS", "port": 443}
    document = web("one.example.net", "two.example.net", https)
    assert judged(RULE, {"dns": document}) == []
    checks = document["resource"][CHECK]
    for id_, other in (("west", "two.example.net"), ("central", "one.example.net")):
        checks[id_]["fqdn"] = other
    (finding,) = judged(RULE, {"dns": document})
    assert "one.example.net" in finding.message


@pytest.mark.parametrize("target", ["${var.%s}", "%s.example.net", "${aws_lb.%s.dns_name}"])
def test_evaluated_aliases_need_no_check(target: str) -> None:
    document = web("one.example.net", "two.example.net", {})
    for id_ in ("west", "central"):
        record = document["resource"][RECORD][id_]
        del record["records"], record["ttl"], record["health_check_id"]
        record["alias"] = {"name": target % id_, "evaluate_target_health": True}
    document["resource"]["aws_lb"] = {
        id_: {"name": "app", "provider": f"aws.{id_}"} for id_ in ("west", "central")
    }
    assert judged(RULE, {"dns": document}) == []


def test_a_static_page_in_the_same_region_is_a_warning() -> None:
    document = web(
        "app.us-east-1.elb.amazonaws.com",
        "app.s3-website.us-east-1.amazonaws.com",
        {"type": "HTTP", "port": 80},
    )
    assert [each.verdict for each in judged(RULE, {"dns": document})] == [Verdict.WARN]


def test_a_cause_that_another_rule_names_is_not_repeated() -> None:
    assert findings(setting(RECORD, west={"health_check_id": None})) == []
    assert findings(setting(CHECK, west={"port": 1})) == []


def test_what_is_not_judged_is_said() -> None:
    document = design()
    record = document["resource"][RECORD]
    zones = document["resource"]["aws_route53_zone"]
    assert not_judged(ResourceSet([parsed_resources("dns", document)])) == ()
    for id_ in ("west", "central"):
        record[f"unknown_{id_}"] = {**record[id_], "name": "${each.value}"}
        record[f"private_{id_}"] = {
            **record[id_],
            "name": "db",
            "zone_id": "${aws_route53_zone.p.id}",
        }
    zones["p"] = {"name": "in.example.com", "vpc": {"vpc_id": "vpc-1"}, "provider": "aws.west"}
    assert not_judged(ResourceSet([parsed_resources("dns", document)])) == (
        *(
            f"the name of {RECORD}.unknown_{id_} is not known, so its failover is not judged"
            for id_ in ("west", "central")
        ),
        "db.in.example.com is in a private zone, so its failover is not proved",
    )
    assert judged(RULE, {"dns": json.loads(json.dumps(document))}) == []


def test_a_region_of_which_nothing_was_passed_is_not_judged() -> None:
    document = design()
    document["resource"][RECORD]["central"]["records"] = ["a1-ats.iot.us-east-2.amazonaws.com"]
    assert not_judged(ResourceSet([parsed_resources("dns", document)])) == (
        "nothing of us-east-2 was passed, to which mqtt.iot.example.com leads",
    )


def test_records_below_a_failover_that_another_policy_chooses_are_not_judged() -> None:
    document = design()
    records = document["resource"][RECORD]
    for number in (1, 2):
        records[f"weighted_{number}"] = {
            "zone_id": records["west"]["zone_id"],
            "name": "pool.iot.example.com",
            "type": "CNAME",
            "ttl": 60,
            "records": [f"pool-{number}.example.net"],
            "provider": "aws.west",
            "set_identifier": str(number),
            "weighted_routing_policy": {"weight": 1},
        }
    del records["central"]["records"], records["central"]["ttl"]
    records["central"]["alias"] = {"name": "pool.iot.example.com", "evaluate_target_health": True}
    assert not_judged(ResourceSet([parsed_resources("dns", document)])) == (
        "mqtt.iot.example.com leads to weighted records, so its failover is not proved",
    )
    assert judged(RULE, {"dns": document}) == []
