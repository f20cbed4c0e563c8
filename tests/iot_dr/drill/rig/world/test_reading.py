"""The world that is read from Terraform: our own designs, and wrong ones."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from iot_dr.drill.rig.world.design import WorldError
from iot_dr.drill.rig.world.reading import read_world, synthesized_world
from iot_dr.drill.rig.world.world import World
from iot_dr.generate.synthesis import stack_file
from iot_dr.route53.check import HealthCheck
from iot_dr.route53.record import Record
from iot_dr.terraform_json.files import NoFilesError
from tests.iot_dr.rules.designs import (
    Documents,
    our_settings,
    ours,
    ours_with_data,
    planned,
    resources,
)
from tests.support.drill_worlds import world
from tests.support.existing import ZONE, existing
from tests.support.settings import REGIONS, settings, with_data

ONE, TWO, THREE = REGIONS[:3]
DEVICE = "mqtt.iot-dev.example.com"
ENTRY, WEST, CENTRAL = "iot-dev-entry-point", f"iot-dev-iot-{ONE}", f"iot-dev-iot-{TWO}"

Read = Callable[[Documents], World]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Read the world of documents as a synthesis would have written them."""

    def read_documents(documents: Documents) -> World:
        for name, document in documents.items():
            file = stack_file(tmp_path, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(document), encoding="utf-8")
        return read_world(tmp_path, with_data(our_settings()))

    return read_documents


def records(documents: Documents) -> dict[str, dict[str, Any]]:
    return resources(documents, ENTRY, "aws_route53_record")


def checks(documents: Documents, stack: str = ENTRY) -> dict[str, dict[str, Any]]:
    return resources(documents, stack, "aws_route53_health_check")


def record(of: World, side: str) -> Record:
    return next(each for each in of.records if (each.name, each.side) == (DEVICE, side))


def check(of: World, name: str) -> HealthCheck:
    return next(each for id_, each in of.checks.items() if id_.endswith(f".{name}"))


def answer(of: World, *bad: str) -> str:
    """Return the region that the device name leads to while the checks of some regions fail."""
    result = of.evaluation.answer(
        DEVICE, {id_: each.region not in bad for id_, each in of.checks.items()}
    ).record
    return next(site.region for site in of.sites if site.regional_name == result.target)


def test_the_world_of_two_regions_is_what_their_settings_say() -> None:
    chosen = settings(
        endpoint={"ttl": 30}, health={"interval": 10, "threshold": 2}, recovery={"rto": 200}
    )
    of = world(chosen)
    assert (of.environment, of.device_name, of.zone_name) == ("dev", DEVICE, "iot-dev.example.com")
    assert (of.ttl, of.recovery.rto, of.unrehearsed) == (30, 200, ())
    assert [site.region for site in of.sites] == [ONE, TWO]
    for site in of.sites:
        assert site.regional_name == chosen.regional_name(site.region)
        assert site.served_names == {DEVICE, site.regional_name}
        assert site.canary
        assert site.canary.region == site.region
        assert site.canary.handler == "functions.canary.handler.handle"
        assert site.canary.variables == {
            "CANARY_HOST": site.regional_name,
            "CANARY_TOPIC": "iot-dr/dev/canary",
            "CANARY_ENVIRONMENT": "dev",
            "CANARY_INTERVAL": "10",
        }
        assert site.canary.timeout == 3


def test_a_zone_that_is_looked_up_gives_the_same_world() -> None:
    assert world(settings(zone={"lookup": True})) == world(settings())


def test_the_checks_of_two_regions_are_those_that_their_records_ask() -> None:
    of = world(settings(health={"interval": 10, "threshold": 2}))
    deep, tcp = check(of, "deep"), check(of, f"tcp_{TWO.replace('-', '_')}")
    assert (deep.type, deep.region, deep.host, deep.port) == ("HTTPS", ONE, None, 443)
    assert (tcp.type, tcp.region, tcp.port) == ("TCP", TWO, 8883)
    assert tcp.host == f"mqtt-{TWO}.iot-dev.example.com"
    assert {(each.interval, each.threshold) for each in (deep, tcp)} == {(10, 2)}
    switch, both = check(of, "switch_eu_west_1"), check(of, "calculated_deep_eu_west_1")
    assert both.child_threshold == 2
    assert set(both.children) == {deep.id, switch.id}
    assert (record(of, "PRIMARY").check, record(of, "SECONDARY").check) == (both.id, tcp.id)
    assert len(of.checks) == 4
    (alarm,) = of.alarms.values()
    assert (switch.type, switch.alarm) == ("CLOUDWATCH_METRIC", alarm.id)
    assert switch.insufficient_data_status == "LastKnownStatus"
    assert (alarm.region, alarm.namespace, alarm.metric) == (
        TWO,
        "IotDr/Switch/dev",
        "SwitchedAway",
    )
    assert alarm.dimensions == {"Environment": "dev", "Region": ONE}
    assert (alarm.threshold, alarm.period) == (1, 60)


def test_three_regions_are_a_pair_below_a_pair() -> None:
    of = world(settings(regions=[TWO, ONE, THREE], home_region=ONE, primary_region=ONE))
    assert [site.region for site in of.sites] == [ONE, TWO, THREE]
    above = record(of, "SECONDARY")
    assert above.is_alias
    assert above.evaluates_target
    assert above.ttl is None
    below = {each.side: each for each in of.records if each.name == above.target}
    assert below["PRIMARY"].target == f"mqtt-{TWO}.iot-dev.example.com"
    last = below["SECONDARY"].target
    assert {(each.side, each.target) for each in of.records if each.name == last} == {
        ("PRIMARY", f"mqtt-{THREE}.iot-dev.example.com"),
        ("SECONDARY", f"mqtt-{TWO}.iot-dev.example.com"),
    }
    assert {(alarm.dimensions["Region"], alarm.region) for alarm in of.alarms.values()} == {
        *((ONE, TWO), (ONE, THREE)),
        *((TWO, ONE), (TWO, THREE)),
    }


def test_the_watcher_stands_in_the_first_standby_and_nowhere_where_nothing_is_latched() -> None:
    (watcher,) = world(settings()).watchers
    assert (watcher.region, watcher.handler) == (TWO, "functions.watcher.handler.handle")
    assert watcher.variables["WATCHER_PRIMARY"] == ONE
    for place, region in ((1, ONE), (2, TWO)):
        assert watcher.variables[f"WATCHER_NAME_{place}"] == f"mqtt-{region}.iot-dev.example.com"
        check = f"{ENTRY}/aws_route53_health_check.tcp_{region.replace('-', '_')}"
        assert watcher.variables[f"WATCHER_CHECK_{place}"] == check
    assert world(settings(recovery={"fail_back": "auto"})).watchers == ()


def test_each_standby_of_three_regions_watches_the_one_before_it() -> None:
    of = world(settings(regions=[ONE, TWO, THREE]))
    assert [(each.region, each.variables["WATCHER_AWAY"]) for each in of.watchers] == [
        (TWO, ONE),
        (THREE, f"{ONE},{TWO}"),
    ]


def test_a_shallow_world_has_no_canary_and_asks_by_tcp_alone() -> None:
    of = world(settings(health={"mode": "shallow"}))
    assert [site.canary for site in of.sites] == [None, None]
    assert {each.type for each in of.checks.values()} == {"TCP", "CALCULATED", "CLOUDWATCH_METRIC"}


def test_a_standby_knows_devices_where_the_registry_is_copied(read: Read) -> None:
    def known(of: World) -> list[bool]:
        return [site.knows_devices for site in of.sites]

    assert known(world(settings())) == [True, False]
    documents = ours_with_data()
    assert known(read(documents)) == [True, True]
    del resources(documents, f"iot-dev-device-registry-{TWO}", "aws_lambda_function")[
        "registry_apply"
    ]
    assert known(read(documents)) == [True, False]


def test_a_standby_knows_devices_that_join_by_their_ca(read: Read) -> None:
    documents = ours_with_data()
    stack = f"iot-dev-device-registry-{TWO}"
    functions = resources(documents, stack, "aws_lambda_function")
    del functions["registry_apply"]
    ca = {"provider": "aws.eu_central_1", "active": True, "allow_auto_registration": True}
    documents[stack]["resource"]["aws_iot_ca_certificate"] = {"device": ca}
    assert read(documents).site(TWO).knows_devices
    ca["active"] = False
    assert not read(documents).site(TWO).knows_devices


def test_a_design_without_failover_is_reported_as_it_is(read: Read) -> None:
    documents = ours()
    del records(documents)["failover_1_primary"]["health_check_id"]
    of = read(documents)
    assert record(of, "PRIMARY").check == ""
    assert answer(of, ONE) == ONE
    assert [each.type for each in of.checks.values()] == ["TCP"]


def test_an_https_check_of_an_iot_name_asks_that_name_and_no_health_api(read: Read) -> None:
    documents = ours()
    tcp = checks(documents)["tcp_eu_central_1"]
    tcp |= {"type": "HTTPS", "port": 443, "resource_path": "/"}
    wrong = check(read(documents), "tcp_eu_central_1")
    name = f"mqtt-{TWO}.iot-dev.example.com"
    assert (wrong.type, wrong.region, wrong.host, wrong.port) == ("HTTPS", TWO, name, 443)
    # The endpoint's own name is as much AWS IoT's.
    tcp["fqdn"] = f"a1b2-ats.iot.{TWO}.amazonaws.com"
    wrong = check(read(documents), "tcp_eu_central_1")
    assert (wrong.region, wrong.host) == (TWO, tcp["fqdn"])


def test_a_ttl_of_an_hour_is_read_as_such(read: Read) -> None:
    documents = ours()
    for record_name in ("failover_1_primary", "failover_1_secondary"):
        records(documents)[record_name]["ttl"] = 3600
    of = read(documents)
    assert of.ttl == 3600
    # The regional names keep theirs.
    assert {each.ttl for each in of.records if not each.side} == {60}


def test_checks_that_are_inverted_disabled_or_fast_are_read_as_such(read: Read) -> None:
    documents = ours()
    changes = {"invert_healthcheck": True, "disabled": "true", "failure_threshold": "5"}
    checks(documents)["tcp_eu_central_1"] |= changes
    checks(documents)["switch_eu_west_1"]["insufficient_data_health_status"] = "Unhealthy"
    of = read(documents)
    tcp = check(of, "tcp_eu_central_1")
    assert (tcp.inverted, tcp.disabled, tcp.threshold) == (True, True, 5)
    assert check(of, "switch_eu_west_1").insufficient_data_status == "Unhealthy"
    assert not check(of, "deep").inverted


def test_a_name_that_a_region_does_not_serve_is_missing_there(read: Read) -> None:
    documents = ours()
    del resources(documents, CENTRAL, "aws_iot_domain_configuration")["device_name"]
    resources(documents, WEST, "aws_iot_domain_configuration")["device_name"]["status"] = "DISABLED"
    of = read(documents)
    for site in of.sites:
        assert site.served_names == {site.regional_name}


def no_primary(documents: Documents) -> None:
    del records(documents)["failover_1_primary"]


def two_primaries(documents: Documents) -> None:
    policy = records(documents)["failover_1_secondary"]["failover_routing_policy"]
    policy["type"] = "PRIMARY"


def no_pair(documents: Documents) -> None:
    for record_name in ("failover_1_primary", "failover_1_secondary"):
        del records(documents)[record_name]


def lost_hand_over(documents: Documents) -> None:
    del documents[CENTRAL]["output"]["regional_name"]


def lost_check(documents: Documents) -> None:
    records(documents)["failover_1_secondary"]["health_check_id"] = (
        "${aws_route53_health_check.nothing.id}"
    )


def lost_child(documents: Documents) -> None:
    del checks(documents)["switch_eu_west_1"]


def lost_alarm(documents: Documents) -> None:
    del resources(documents, ENTRY, "aws_cloudwatch_metric_alarm")[
        "switch_eu_west_1_in_eu_central_1"
    ]


def alarm_elsewhere(documents: Documents) -> None:
    checks(documents)["switch_eu_west_1"]["cloudwatch_alarm_region"] = ONE


def circle(documents: Documents) -> None:
    checks(documents)["calculated_deep_eu_west_1"]["child_healthchecks"].append(
        "${aws_route53_health_check.calculated_deep_eu_west_1.id}"
    )


def deep_sum(documents: Documents) -> None:
    for number in range(40):
        child = f"${{aws_route53_health_check.sum_{number + 1}.id}}"
        checks(documents)[f"sum_{number}"] = {"type": "CALCULATED", "child_healthchecks": [child]}
    records(documents)["failover_1_primary"]["health_check_id"] = (
        "${aws_route53_health_check.sum_0.id}"
    )


def lost_target(documents: Documents) -> None:
    checks(documents)["tcp_eu_central_1"]["fqdn"] = "${aws_route53_record.nothing.fqdn}"


def no_regional_name(documents: Documents) -> None:
    endpoint = f"a1b2-ats.iot.{TWO}.amazonaws.com"
    records(documents)["failover_1_secondary"]["records"] = [endpoint]
    del resources(documents, CENTRAL, "aws_route53_record")["regional_name"]


def leads_elsewhere(documents: Documents) -> None:
    records(documents)["failover_1_secondary"]["records"] = ["www.example.org"]


def alias_to_itself(documents: Documents) -> None:
    second = records(documents)["failover_1_secondary"]
    del second["records"], second["ttl"], second["health_check_id"]
    second["alias"] = {"name": DEVICE, "zone_id": "Z1", "evaluate_target_health": True}


def alias_to_nothing(documents: Documents) -> None:
    alias_to_itself(documents)
    records(documents)["failover_1_secondary"]["alias"]["name"] = f"gone.{DEVICE}"


def odd_ttl(documents: Documents) -> None:
    records(documents)["failover_1_primary"]["ttl"] = "a minute"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (two_primaries, f"must have one PRIMARY record, not {ENTRY}/"),
        (no_primary, "must have one PRIMARY record, not none"),
        (no_pair, f"{DEVICE}: no record in iot-dev-"),
        (lost_hand_over, f"{ENTRY}/aws_route53_record.failover_1_secondary: records: "),
        (lost_check, f"{ENTRY}/aws_route53_record.failover_1_secondary: health_check_id: "),
        (lost_child, "calculated_deep_eu_west_1: child_healthchecks: "),
        (lost_alarm, "switch_eu_west_1: cloudwatch_alarm_name: "),
        (alarm_elsewhere, "switch_eu_west_1: cloudwatch_alarm_region is eu-west-1, but iot-dev-"),
        (circle, "calculated_deep_eu_west_1: child_healthchecks: a cycle"),
        (deep_sum, "sum_33: child_healthchecks: a cycle, or more than 32"),
        (lost_target, "tcp_eu_central_1: fqdn: "),
        (no_regional_name, f"{TWO} has no regional name: no record in {CENTRAL}"),
        (leads_elsewhere, "failover_1_secondary: www.example.org does not resolve to"),
        (alias_to_itself, f"{DEVICE}: its records form a cycle"),
        (alias_to_nothing, f"gone.{DEVICE}: no record in iot-dev-"),
        (odd_ttl, "failover_1_primary: ttl: must be a whole number, not 'a minute'"),
    ],
)
def test_what_leads_nowhere_is_reported_with_its_place(
    read: Read, change: Callable[[Documents], None], message: str
) -> None:
    documents = ours()
    change(documents)
    with pytest.raises(WorldError) as raised:
        read(documents)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def few_regions(documents: Documents) -> str:
    some = ["eu-west-1", "us-east-1", "sa-east-1"]
    checks(documents)["tcp_eu_central_1"]["regions"] = some
    return "configured for checkers of 3 regions"


def test_what_is_rehearsed_in_part_is_named_and_still_asked(read: Read) -> None:
    documents = ours()
    expected = few_regions(documents)
    of = read(documents)
    (sentence,) = of.unrehearsed
    assert expected in sentence
    assert sentence.startswith("iot-dev-")
    assert sentence.endswith(".")
    assert answer(of, ONE) == TWO
    assert answer(of, ONE, TWO) == ONE


def test_a_check_is_read_with_what_its_checkers_send(read: Read) -> None:
    documents = ours()
    deep = checks(documents, WEST)["deep"]
    deep |= {"type": "HTTPS_STR_MATCH", "search_string": "well", "enable_sni": False}
    checks(documents)["tcp_eu_central_1"] |= {"type": "HTTP", "port": None, "resource_path": "/a?b"}
    of = read(documents)
    asked = check(of, "deep")
    assert (asked.type, asked.searched, asked.has_sni) == ("HTTPS", "well", False)
    (route,) = of.primary.api.routes if of.primary.api else ()
    assert route.key == f"GET {asked.path}"
    plain = check(of, "tcp_eu_central_1")
    assert (plain.type, plain.port, plain.path, plain.has_sni) == ("HTTP", 80, "/a", True)
    assert of.not_understood == ()


def by_address(documents: Documents) -> str:
    tcp = checks(documents)["tcp_eu_central_1"]
    del tcp["fqdn"]
    tcp["ip_address"] = "192.0.2.1"
    return "this check probes an IP address"


def of_the_device_name(documents: Documents) -> str:
    checks(documents)["tcp_eu_central_1"]["fqdn"] = DEVICE
    return "this check probes a name that does not resolve to a single region"


def of_somebody_else(documents: Documents) -> str:
    checks(documents)["tcp_eu_central_1"]["fqdn"] = "www.example.org"
    return "www.example.org, which is not in a region of the environment"


def of_the_api_by_tcp(documents: Documents) -> str:
    host = f"a1.execute-api.{TWO}.amazonaws.com"
    checks(documents)["tcp_eu_central_1"] |= {"fqdn": host, "port": 443}
    return f"this check probes {host}, which is not an API of these stacks"


def recovery_control(documents: Documents) -> str:
    checks(documents)["tcp_eu_central_1"]["type"] = "RECOVERY_CONTROL"
    return "the type RECOVERY_CONTROL"


@pytest.mark.parametrize(
    "change",
    [by_address, of_the_device_name, of_somebody_else, of_the_api_by_tcp, recovery_control],
)
def test_what_is_not_rehearsed_is_named_and_counts_as_healthy(
    read: Read, change: Callable[[Documents], str]
) -> None:
    documents = ours()
    expected = change(documents)
    of = read(documents)
    (sentence,) = of.not_understood
    assert expected in sentence
    assert "it counts as healthy" in sentence
    assert check(of, "tcp_eu_central_1").region is None
    # The standby is never reported dead.
    assert answer(of, ONE, TWO) == TWO


def test_an_alarm_that_is_not_a_switch_is_named_and_counts_as_healthy(read: Read) -> None:
    documents = ours()
    alarms = resources(documents, ENTRY, "aws_cloudwatch_metric_alarm")
    alarms["switch_eu_west_1_in_eu_central_1"]["namespace"] = "AWS/IoT"
    of = read(documents)
    (sentence,) = of.not_understood
    assert "is not a switch" in sentence
    assert of.alarms == {}
    assert check(of, "switch_eu_west_1").alarm is None


@pytest.mark.parametrize(
    ("treated", "expected"),
    [("ignore", "ignore"), ("notBreaching", "notBreaching"), (None, "missing")],
)
def test_a_switch_treats_missing_data_as_its_alarm_does(
    read: Read, treated: str | None, expected: str
) -> None:
    documents = ours()
    alarms = resources(documents, ENTRY, "aws_cloudwatch_metric_alarm")
    alarms["switch_eu_west_1_in_eu_central_1"]["treat_missing_data"] = treated
    of = read(documents)
    assert of.unrehearsed == ()
    (alarm,) = of.alarms.values()
    assert alarm.missing_data == expected


def test_a_switch_that_is_evaluated_otherwise_is_named(read: Read) -> None:
    documents = ours()
    alarms = resources(documents, ENTRY, "aws_cloudwatch_metric_alarm")
    alarms["switch_eu_west_1_in_eu_central_1"]["evaluation_periods"] = 2
    of = read(documents)
    (sentence,) = of.not_understood
    assert sentence.startswith(f"{ENTRY}/aws_cloudwatch_metric_alarm.switch_eu_west_1_in_")
    assert sentence.endswith(": evaluation_periods is 2, but rehearsed as 1")
    assert len(of.alarms) == 1


def test_two_regions_of_ours_are_understood(read: Read) -> None:
    of = read(ours_with_data())
    assert of.not_understood == ()
    assert [watcher.period for watcher in of.watchers] == [60]
    for function in (*of.watchers, *(site.canary for site in of.sites)):
        assert function
        assert function.concurrency
        assert not function.problem


FUNCTION, POLICY = "aws_lambda_function", "aws_iam_role_policy"
ROUTE, STAGE = "aws_apigatewayv2_route", "aws_apigatewayv2_stage"
INTEGRATION, API = "aws_apigatewayv2_integration", "aws_apigatewayv2_api"
PERMISSION, RULE = "aws_lambda_permission", "aws_cloudwatch_event_rule"
WATCHER = "watcher_eu_central_1"


@pytest.mark.parametrize(
    ("place", "values", "expected"),
    [
        (
            (WEST, FUNCTION, "canary"),
            {"vpc_config": {"subnet_ids": ["a"]}},
            "vpc_config is not",
        ),
        ((WEST, FUNCTION, "canary"), {"filename": "other.zip"}, "the code in other.zip"),
        ((WEST, FUNCTION, "canary"), {"role": "arn:aws:iam::1:role/a"}, "a policy of its role"),
        ((WEST, POLICY, "canary"), {"policy": '${file("a")}'}, "a policy of its role"),
        (
            (WEST, FUNCTION, "canary"),
            {"environment": {"variables": {"CANARY_TOPIC": "${random_id.a.hex}"}}},
            "the variable CANARY_TOPIC is only known after apply",
        ),
        (
            (WEST, FUNCTION, "canary"),
            {"handler": "index.handle"},
            "which is not a canary in eu-west-1",
        ),
        (
            (WEST, ROUTE, "health"),
            {"request_parameter": [{"a": 1}]},
            "request_parameter is",
        ),
        ((WEST, STAGE, "health"), {"stage_variables": {"a": "b"}}, "stage_variables is not read"),
        ((WEST, INTEGRATION, "health"), {"credentials_arn": "arn"}, "credentials_arn is not read"),
        (
            (WEST, INTEGRATION, "health"),
            {"integration_type": "HTTP_PROXY"},
            "only AWS_PROXY",
        ),
        ((WEST, API, "health"), {"body": "{}"}, "an OpenAPI document are not read"),
        ((WEST, PERMISSION, "health"), {"source_account": "1"}, "source_account is not read"),
        ((WEST, PERMISSION, "health"), {"source_arn": "${var.source}"}, "who may invoke"),
        ((ENTRY, RULE, WATCHER), {"schedule_expression": "cron(0 8 * * ? *)"}, "is not rehearsed"),
    ],
)
def test_what_is_not_understood_of_a_region_is_named(
    read: Read, place: tuple[str, str, str], values: dict[str, Any], expected: str
) -> None:
    documents = ours()
    stack, type_, id_ = place
    resources(documents, stack, type_)[id_].update(values)
    assert expected in "; ".join(read(documents).not_understood)


@pytest.mark.parametrize(
    ("type_", "values"),
    [
        (PERMISSION, {"principal": "iot.amazonaws.com"}),
        (PERMISSION, {"source_arn": "${aws_sns_topic.alarms.arn}"}),
        (RULE, {"state": "DISABLED"}),
    ],
)
def test_a_watcher_that_no_schedule_may_invoke_is_never_called(
    read: Read, type_: str, values: dict[str, Any]
) -> None:
    documents = ours()
    assert read(documents).is_watched
    resources(documents, ENTRY, type_)[WATCHER].update(values)
    of = read(documents)
    assert of.watchers
    assert not of.is_watched


def test_a_watcher_is_called_as_often_as_its_schedule_says(read: Read) -> None:
    documents = ours()
    resources(documents, ENTRY, RULE)[WATCHER]["schedule_expression"] = "rate(5 minutes)"
    assert [watcher.period for watcher in read(documents).watchers] == [300]


def test_weighted_records_of_a_regional_name_are_named(read: Read) -> None:
    documents = ours()
    regional = resources(documents, CENTRAL, "aws_route53_record")["regional_name"]
    regional |= {"weighted_routing_policy": {"weight": 1}, "set_identifier": "one"}
    (sentence,) = read(documents).not_understood
    assert "weighted routing; only this record answers" in sentence


def test_a_plan_of_somebody_else_is_read_alike(tmp_path: Path) -> None:
    (document,) = planned("failover-pair-incomplete", "good").values()
    text = json.dumps(document).replace("iot.example.com", "iot-dev.example.com")
    (tmp_path / "platform.json").write_text(text, encoding="utf-8")
    of = read_world(tmp_path, our_settings(3))
    names = {site.region: site.regional_name.partition(".")[0] for site in of.sites}
    assert names == {ONE: "mqtt-ireland", TWO: "mqtt-frankfurt", THREE: "mqtt-stockholm"}
    assert [answer(of, *bad) for bad in ((), (ONE,), (ONE, TWO))] == [ONE, TWO, THREE]
    assert {(each.type, each.port) for each in of.checks.values()} == {("TCP", 8883)}
    assert [site.knows_devices for site in of.sites] == [True, False, False]
    assert of.unrehearsed == ()


def test_a_folder_without_stacks_is_reported(tmp_path: Path) -> None:
    with pytest.raises(NoFilesError, match="contains no Terraform JSON"):
        read_world(tmp_path, our_settings())


def test_another_environment_next_to_it_changes_nothing(read: Read, tmp_path: Path) -> None:
    expected = read(ours())
    for name, document in ours(primary=TWO).items():
        file = stack_file(tmp_path, name.replace("dev", "prod"))
        file.parent.mkdir()
        file.write_text(json.dumps(document), encoding="utf-8")
    assert read(ours()) == expected


def test_a_platform_is_read_as_after_its_cut_over() -> None:
    adopted = settings(zone=ZONE, existing=existing(cut_over=False), data={})
    made = synthesized_world(adopted)
    assert [each.side for each in made.records if each.name == adopted.device_name] == [
        "PRIMARY",
        "SECONDARY",
    ]
    assert all(adopted.device_name in site.served_names for site in made.sites)
