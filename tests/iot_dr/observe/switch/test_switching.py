"""One use of a switch, with one region or another gone."""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from iot_dr.common.user_error import UsageError
from iot_dr.drill.play.faults import ApiRequest, Failing, Reply
from iot_dr.observe.aws.errors import CredentialsError, NoAnswerError, NotAllowedError
from iot_dr.observe.switch.alarms import NoAlarmError
from iot_dr.observe.switch.audit import AuditEntry, AuditRecord
from iot_dr.observe.switch.metric import Action
from iot_dr.observe.switch.parameters import text_of
from iot_dr.observe.switch.situation import WrongAccountError
from iot_dr.observe.switch.switching import NoRecordError
from tests.iot_dr.observe.switch.place import CENTRAL, NORTH, SETTINGS, WEST, Place, used
from tests.support.region_health import RegionHealth

WHO = "arn:aws:sts::111111111111:user/moto"


def last(place: Place, region: str) -> AuditEntry:
    kept = place.switching(region).newest()
    assert kept.entry
    return kept.entry


def _is_put(request: ApiRequest) -> bool:
    return request.headers.get("X-Amz-Target", "").endswith(".PutMetricData")


def may_not_put(request: ApiRequest) -> Reply | None:
    """Refuse the put of a metric."""
    if not _is_put(request):
        return None
    return Reply(
        400,
        b'{"__type": "AccessDeniedException", "message": "not you"}',
        "application/x-amz-json-1.1",
    )


def test_a_switch_is_put_and_recorded_in_both_alarm_regions(place: Place) -> None:
    switching = place.switching(WEST)
    look = switching.observe()
    assert (look.who, look.outlook.now, look.outlook.afterwards) == (WHO, (WEST,), (CENTRAL,))
    put = used(switching, look.who, "a test", forced=False)
    assert put.record
    assert (switching.stage, put.problem, put.record.is_done) == ("set", "", True)
    assert last(place, WEST) == put.record
    assert put.unset == {}
    assert place.values_put(WEST) == [1.0, 1.0]


def test_a_switch_back_puts_a_zero(place: Place) -> None:
    place.world.switch(NORTH, "ALARM")
    switching = place.switching(NORTH, "back")
    assert switching.observe().outlook.is_away(NORTH)
    used(switching, WHO, "a test", forced=False)
    assert place.values_put(NORTH) == [0.0, 0.0]


@pytest.mark.parametrize("how", ["refuse", "hang", "500"])
def test_it_works_with_every_region_gone_but_the_alarm_region(place: Place, how: Failing) -> None:
    for region in {WEST, NORTH, "us-east-1"}:
        place.faults.fail(how, region)
    place.reachable = [CENTRAL]
    switching = place.switching(WEST)
    look = switching.observe()
    assert not look.outlook.leaves_none_healthy
    put = used(switching, look.who, "a test", forced=False)
    assert put.record
    assert put.unset.keys() == {NORTH}
    assert switching.alarm().startswith("unknown (cloudwatch:DescribeAlarms in eu-north-1")
    assert place.values_put(WEST) == [1.0]
    place.reachable = ()


def test_with_both_alarm_regions_gone_nothing_is_known_to_be_put(place: Place) -> None:
    place.faults.fail("refuse", CENTRAL)
    place.faults.fail("refuse", NORTH)
    switching = place.switching(WEST)
    look = switching.observe()
    assert look.who == "unknown"
    assert isinstance(look.kept, NoAnswerError)
    with pytest.raises(NoRecordError, match="--force switches without a record"):
        used(switching, look.who, "a test", forced=False)
    assert switching.stage == "nothing"
    with pytest.raises(NoAnswerError, match="it is not known whether the switch was set"):
        used(switching, look.who, "a test", forced=True)
    assert switching.stage == "sent"


def test_a_switch_can_be_put_without_a_record_when_that_is_forced(place: Place) -> None:
    place.faults.fail("500", CENTRAL, "ssm")
    place.faults.fail("500", NORTH, "ssm")
    switching = place.switching(WEST)
    with pytest.raises(NoRecordError, match="ssm:PutParameter in eu-"):
        used(switching, WHO, "a test", forced=False)
    assert place.values_put(WEST) == []
    put = used(switching, WHO, "a test", forced=True)
    assert put.record is None
    assert "ssm:PutParameter" in put.problem
    assert place.values_put(WEST) == [1.0, 1.0]


def test_a_put_that_is_not_allowed_is_recorded_as_failed(place: Place) -> None:
    place.faults.answers.insert(0, may_not_put)
    switching = place.switching(WEST)
    with pytest.raises(NotAllowedError, match="IAM action cloudwatch:PutMetricData"):
        used(switching, WHO, "a test", forced=False)
    assert switching.stage == "nothing"
    assert last(place, WEST).outcome == "failed"


def test_a_put_without_an_answer_stays_open_in_the_record(place: Place) -> None:
    place.faults.fail("500", CENTRAL, "monitoring")
    place.faults.fail("500", NORTH, "monitoring")
    switching = place.switching(WEST)
    with pytest.raises(NoAnswerError):
        used(switching, WHO, "a test", forced=False)
    assert last(place, WEST).outcome == "begun"


def test_the_later_of_two_operators_sees_the_first(place: Place) -> None:
    first, second = place.switching(WEST), place.switching(WEST)
    seen = second.observe().kept
    assert isinstance(seen, AuditRecord)
    used(first, "arn:aws:iam::111111111111:user/ada", "the first", forced=False)
    newest = second.newest()
    assert newest.number > seen.number
    assert newest.entry
    assert (newest.entry.who, newest.entry.reason) == (
        "arn:aws:iam::111111111111:user/ada",
        "the first",
    )


def test_what_was_just_put_counts_before_the_alarm_has_followed(place: Place) -> None:
    used(place.switching(WEST), WHO, "a test", forced=False)
    assert place.switching(WEST, "back").observe().outlook.is_away(WEST)
    place.world.switch(WEST, "ALARM")
    entry = AuditEntry(action="back", reason="x", who=WHO, at=datetime.now(UTC), outcome="done")
    name = "/iot-dr/example/dev/switch/eu-west-1"
    parameters = place.client("ssm", CENTRAL)
    parameters.put_parameter(Name=name, Value=text_of(entry), Type="String", Overwrite=True)
    assert not place.switching(WEST).observe().outlook.is_away(WEST)
    old = entry.model_copy(update={"at": entry.at - timedelta(hours=1)})
    parameters.put_parameter(Name=name, Value=text_of(old), Type="String", Overwrite=True)
    assert place.switching(WEST).observe().outlook.is_away(WEST)


def test_a_switch_back_waits_until_no_publisher_can_put_the_away(place: Place) -> None:
    def wait(action: Action) -> float:
        switching = place.switching(WEST, action)
        switching.register(WHO, "a test", forced=False)
        return switching.seconds_to_wait()

    assert wait("back") == 0
    assert wait("away") == 0
    assert 10 <= wait("back") <= 70
    # Written within the last minutes.
    assert wait("back") >= 10


@contextmanager
def without_alarms(place: Place, *alarm_regions: str) -> Generator[None]:
    """Delete the alarms of a region's switch in these alarm regions during a test."""
    name = place.world.switch_name(WEST)
    with ExitStack() as restored:
        for alarm_region in alarm_regions:
            cloudwatch = place.client("cloudwatch", alarm_region)
            (alarm,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
            cloudwatch.delete_alarms(AlarmNames=[name])
            kept = ("AlarmName", "Namespace", "MetricName", "Dimensions", "Statistic", "Threshold")
            more = ("ComparisonOperator", "Period", "EvaluationPeriods", "TreatMissingData")
            values = {each: alarm[each] for each in (*kept, *more)}
            restored.callback(partial(cloudwatch.put_metric_alarm, **values))
        yield


def test_a_switch_that_no_alarm_follows_is_reported(place: Place) -> None:
    with without_alarms(place, CENTRAL, NORTH):
        problem = place.switching(WEST).observe().outlook.switches[WEST]
    assert isinstance(problem, NoAlarmError)
    name = place.world.switch_name(WEST)
    assert f"{name}: there is no such alarm in eu-central-1" in str(problem)


def test_before_its_second_alarm_is_deployed_a_switch_works_as_with_one(place: Place) -> None:
    with without_alarms(place, NORTH):
        assert place.switching(WEST).observe().outlook.switches[WEST] == "OK"
        place.client("cloudwatch", CENTRAL).set_alarm_state(
            AlarmName=place.world.switch_name(WEST), StateValue="ALARM", StateReason="by a test"
        )
        assert place.switching(WEST, "back").observe().outlook.is_away(WEST)


def test_an_alarm_region_that_refuses_is_named_and_the_other_one_is_enough(place: Place) -> None:
    def refuses(request: ApiRequest) -> Reply | None:
        return may_not_put(request) if request.region == NORTH else None

    place.faults.answers.insert(0, refuses)
    put = used(place.switching(WEST), WHO, "a test", forced=False)
    assert put.record
    assert put.record.is_done
    assert isinstance(put.unset[NORTH], NotAllowedError)
    assert last(place, WEST).outcome == "done"


def test_one_alarm_in_alarm_is_enough_to_be_away(place: Place) -> None:
    place.client("cloudwatch", NORTH).set_alarm_state(
        AlarmName=place.world.switch_name(WEST), StateValue="ALARM", StateReason="by a test"
    )
    assert place.switching(WEST, "back").observe().outlook.is_away(WEST)


def test_a_lost_alarm_region_is_removed_from_the_calculated_checks_alone(place: Place) -> None:
    route53 = place.client("route53", "us-east-1")

    def configs() -> dict[str, dict[str, Any]]:
        """Return the configurations of the calculated checks by id."""
        checks = route53.list_health_checks()["HealthChecks"]
        all_configs = {check["Id"]: check["HealthCheckConfig"] for check in checks}
        calculated = {"CALCULATED"}
        return {id_: each for id_, each in all_configs.items() if each["Type"] in calculated}

    def thresholds() -> dict[str, tuple[int, int]]:
        return {
            id_: (len(config["ChildHealthChecks"]), config["HealthThreshold"])
            for id_, config in configs().items()
        }

    before = thresholds()
    before_children = {id_: config["ChildHealthChecks"] for id_, config in configs().items()}
    assert set(before.values()) == {(3, 3)}
    removed = place.switching(WEST, "back").remove_alarm_region(NORTH)
    assert len(removed) == 2
    assert thresholds() == before | dict.fromkeys(removed, (2, 2))
    assert place.switching(WEST, "back").remove_alarm_region(NORTH) == ()
    checks = {check["Id"]: check for check in route53.list_health_checks()["HealthChecks"]}
    for id_ in removed:
        gone = {*before_children[id_]} - {*checks[id_]["HealthCheckConfig"]["ChildHealthChecks"]}
        (alarm,) = (checks[each]["HealthCheckConfig"]["AlarmIdentifier"] for each in gone)
        assert alarm == {"Region": NORTH, "Name": place.world.switch_name(WEST)}
        route53.update_health_check(
            HealthCheckId=id_,
            ChildHealthChecks=before_children[id_],
            HealthThreshold=len(before_children[id_]),
        )


def test_without_credentials_nothing_is_asked_further(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(CredentialsError, match="no usable AWS credentials"):
        place.switching(WEST).observe()


def test_credentials_of_another_account_are_refused(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = SETTINGS.model_copy(update={"account_id": "222222222222"})
    monkeypatch.setattr(place, "settings", elsewhere)
    with pytest.raises(WrongAccountError, match="of account 111111111111; dev is in 222222222222"):
        place.switching(WEST).observe()


def test_a_deployment_s_role_is_used_and_who_is_not_the_role(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    role = "arn:aws:iam::111111111111:role/deploy"
    monkeypatch.setattr(place, "settings", SETTINGS.model_copy(update={"deploy_role_arn": role}))
    switching = place.switching(WEST)
    look = switching.observe()
    assert look.who == WHO
    used(switching, look.who, "a test", forced=False)
    assumed = [each for each in place.faults.seen if b"AssumeRole" in each.body]
    assert CENTRAL in {each.region for each in assumed}


def test_a_region_of_another_environment_is_a_mistake(place: Place) -> None:
    with pytest.raises(UsageError, match=r"did you mean 'eu-west-1'\? it has eu-west-1, eu-cent"):
        place.switching("eu-west-3")


def test_devices_of_a_failed_primary_are_reported_to_be_where_they_are(place: Place) -> None:
    place.world.see({WEST: RegionHealth(deep=False)})
    outlook = place.switching(WEST).observe().outlook
    assert outlook.now == outlook.afterwards == (CENTRAL,)
