from datetime import timedelta
from typing import Any

from dns.rdatatype import RdataType

from iot_dr.drill.play.faults import ApiRequest
from iot_dr.observe.status.unknown import UnknownValue
from iot_dr.operate.rotate.drain import Drain
from iot_dr.operate.rotate.rotation_target import RotationTarget
from iot_dr.terraform_json.provider_choice import Provider
from tests.iot_dr.operate.rotate.day import Day
from tests.iot_dr.operate.rotate.world import CENTRAL, DEV, WEST

BOUND = DEV.endpoint.ttl + DEV.recovery.backoff_ceiling


def drain(day: Day, *, is_forced: bool = False) -> Drain:
    return RotationTarget(
        settings=DEV,
        region=WEST,
        provider=Provider.STANDIN,
        workbench=day.workbench,
        network=day.network,
        prober=lambda _name: None,
        waits=day.waits,
        is_forced=is_forced,
    ).drain()


def test_a_switch_that_nothing_has_followed_yet_leaves_a_region_undrained(day: Day) -> None:
    result = drain(day).missing()
    assert result == (
        "its alarm in eu-central-1 is OK; the zone's own servers still lead to eu-west-1"
    )


def test_it_is_drained_a_ttl_and_a_back_off_after_the_answer_has_moved(day: Day) -> None:
    looks = drain(day)
    day.follow(WEST, is_away=True)
    assert looks.missing() == (
        "the zone's own servers lead to eu-central-1; waiting 90 s for cached answers and devices"
        " that back off"
    )
    day.now += BOUND - 1
    assert looks.missing()
    day.now += 1
    assert looks.missing() == ""


def test_an_answer_that_comes_back_begins_the_wait_again(day: Day) -> None:
    looks = drain(day)
    day.follow(WEST, is_away=True)
    looks.missing()
    day.names.route53.away = frozenset()
    day.now += BOUND
    assert looks.missing() == "the zone's own servers still lead to eu-west-1"
    day.names.route53.away = frozenset({WEST})
    assert "waiting 90 s" in looks.missing()


def test_one_server_that_still_leads_there_is_enough_to_wait(day: Day) -> None:
    day.follow(WEST, is_away=True)
    name = DEV.device_name
    day.names.own.own[name, RdataType.CNAME] = [(60, f"{DEV.regional_name(WEST)}.")]
    assert drain(day).missing() == "the zone's own servers still lead to eu-west-1"


def test_a_name_that_is_none_of_our_regions_is_not_a_place_for_devices(day: Day) -> None:
    day.follow(WEST, is_away=True)
    day.names.own.own[DEV.device_name, RdataType.CNAME] = [(60, "other.example.org.")]
    looks = drain(day)
    looks.missing()
    day.now += BOUND
    assert looks.missing() == "the zone's own servers lead to a foreign name: other.example.org"


def test_servers_that_do_not_answer_leave_it_unknown_and_undrained(day: Day) -> None:
    day.follow(WEST, is_away=True)
    day.names.own.is_silent = True
    looks = drain(day, is_forced=True)
    day.now += BOUND
    assert (
        "the answer of the zone's own servers is unknown: none of them answers" in looks.missing()
    )


def test_an_alarm_that_does_not_report_leaves_it_unknown_and_undrained(day: Day) -> None:
    day.follow(WEST, is_away=True)
    day.faults.fail("refuse", CENTRAL, "monitoring")
    result = drain(day).missing()
    assert "the state of its alarm in eu-central-1 is unknown: cloudwatch:" in result


def test_connects_are_waited_for_unless_that_is_forced(day: Day) -> None:
    day.follow(WEST, is_away=True)
    day.connects[WEST] = 3
    looks, forced = drain(day), drain(day, is_forced=True)
    for look in looks, forced:
        look.missing()
    day.now += BOUND
    assert looks.missing() == "3 connects in the last 5 minutes"
    assert forced.missing() == ""
    assert forced.seen
    assert (forced.seen.connects, forced.seen.pings) == (3, 3)


def test_a_broker_that_reported_nothing_for_hours_is_unknown_and_holds_nothing_up(day: Day) -> None:
    day.follow(WEST, is_away=True)
    day.connects[WEST] = None
    looks = drain(day)
    looks.missing()
    day.now += BOUND
    assert looks.missing() == ""
    assert looks.seen
    assert looks.seen.connects == UnknownValue("AWS/IoT has no data of the last 12 hours")


def test_the_broker_s_metrics_are_asked_by_their_names_in_the_region_itself(day: Day) -> None:
    drain(day).look()
    asked = [each for each in day.faults.seen if metric_of(each)]
    assert sorted(map(metric_of, asked)) == ["Connect.Success", "Ping.Success"]
    for request in asked:
        assert request.region == WEST
        assert body(request)["Namespace"] == "AWS/IoT"
        assert body(request)["Dimensions"] == [{"Name": "Protocol", "Value": "MQTT"}]
        seconds = body(request)["EndTime"] - body(request)["StartTime"]
        assert timedelta(seconds=seconds) == timedelta(hours=12)


def metric_of(request: ApiRequest) -> str:
    is_one = request.headers.get("X-Amz-Target", "").endswith(".GetMetricStatistics")
    return body(request)["MetricName"] if is_one else ""


def body(request: ApiRequest) -> dict[str, Any]:
    import json  # noqa: PLC0415 - one helper's

    return json.loads(request.body)
