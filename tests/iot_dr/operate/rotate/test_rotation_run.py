"""Whole rotations by the command, on states that are changed without Terraform."""

import sys
from io import StringIO

import pytest

from iot_dr.cli.confirmation import RefusedError
from iot_dr.common.user_error import UsageError
from iot_dr.common.waiting import WaitTimeoutError
from iot_dr.drill.play.faults import ApiRequest
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.aws.errors import CredentialsError, NotAllowedError
from iot_dr.observe.switch.rotation import Rotation, RotationLog
from iot_dr.operate.rotate.claim import ConcurrentRotationError
from iot_dr.operate.rotate.situation import STEPS
from tests.iot_dr.operate.rotate.bench import States
from tests.iot_dr.operate.rotate.command import (
    deny,
    interrupt,
    outcomes,
    puts,
    rotate,
    stop,
    typed,
)
from tests.iot_dr.operate.rotate.day import Day
from tests.iot_dr.operate.rotate.world import CENTRAL, DEV, WEST, arn

HOUR = 3600.0


@pytest.mark.parametrize(
    ("region", "within"),
    [
        (WEST, ("iot-dev-hosted-zone: 2 to replace", "eu-west-1: 2 to create")),
        pytest.param(CENTRAL, (), marks=pytest.mark.exhaustive),
    ],
)
def test_stopped_at_every_step_another_operator_goes_on(
    day: Day, region: str, within: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    for at in (*STEPS[:3], *within, *STEPS[3:]):
        stop(day, region, at)
        assert day.certificate(region) in {arn(region), arn("new-1")}
    assert rotate(day, region) == 0
    assert "Under way: begun by arn:aws:sts::111111111111:user/moto" in capsys.readouterr().out
    assert day.serving(region) == [day.certificate(region)] * 2 == [arn("new-1")] * 2
    assert puts(day) == [(region, True), (region, False)]
    assert outcomes(day, region) == ["begun", "done"]


def test_not_served_in_an_hour_it_says_how_to_go_on_and_then_does(
    day: Day, capsys: pytest.CaptureFixture[str]
) -> None:
    day.serves_after = 2 * HOUR
    with pytest.raises(WaitTimeoutError) as error:
        rotate(day, CENTRAL)
    assert "not within 60 minutes: mqtt-eu-central-1.iot-dev.example.com" in str(error.value)
    assert "certificate unfit: for another name" in str(error.value)
    assert (
        "Stopped in step 4; nothing is lost. To continue: iot-dr rotate --region eu-central-1"
        " --env dev --provider standin\n"
    ) in capsys.readouterr().err
    # Not switched back while nothing is served.
    assert puts(day) == [(CENTRAL, True)]
    assert outcomes(day, CENTRAL)[-1] == "begun"
    day.now += 2 * HOUR
    assert rotate(day, CENTRAL) == 0
    assert puts(day) == [(CENTRAL, True), (CENTRAL, False)]


def test_devices_that_still_connect_are_waited_for_and_then_it_is_for_the_operator_to_say(
    day: Day, capsys: pytest.CaptureFixture[str]
) -> None:
    before = day.certificate(CENTRAL)
    day.connects[CENTRAL] = 7
    with pytest.raises(WaitTimeoutError, match="7 connects in the last 5 minutes"):
        rotate(day, CENTRAL)
    assert day.certificate(CENTRAL) == before
    assert rotate(day, CENTRAL, force=True) == 0
    stderr = capsys.readouterr().err
    assert "7 connects in the last 5 minutes, ignored (--force)" in stderr
    assert "they are cut off now" in stderr


def test_a_silent_broker_is_reported_and_neither_it_nor_a_silent_route_53_holds_anything_up(
    day: Day, capsys: pytest.CaptureFixture[str]
) -> None:
    day.faults.answers.insert(0, deny("GetMetricStatistics"))
    day.faults.fail("refuse", "us-east-1")
    assert rotate(day, CENTRAL) == 0
    stderr = capsys.readouterr().err
    assert "Whether devices still connect is unknown: cloudwatch:GetMetricStatistics" in stderr


def test_a_region_that_was_away_is_left_away(day: Day, capsys: pytest.CaptureFixture[str]) -> None:
    day.follow(CENTRAL, is_away=True)
    assert rotate(day, CENTRAL) == 0
    assert "It was switched away before, and stays so." in capsys.readouterr().out
    assert (CENTRAL, False) not in puts(day)


def test_a_switch_that_is_not_known_keeps_from_beginning(day: Day) -> None:
    day.follow(WEST, is_away=True)
    day.faults.answers.insert(0, deny("DescribeAlarms", CENTRAL))
    with pytest.raises(RefusedError, match="whether eu-west-1 is switched away is unknown"):
        rotate(day, WEST)
    assert (puts(day), day.records(WEST)) == ([], [])


def test_to_abandon_a_rotation_nothing_is_planned(day: Day, states: States) -> None:
    def refuse() -> None:
        raise AssertionError

    stop(day, CENTRAL, "drain")
    states.concurrent.append(refuse)
    assert rotate(day, CENTRAL, abandon=True) == 0
    assert puts(day) == [(CENTRAL, True), (CENTRAL, False)]
    assert outcomes(day, CENTRAL) == ["begun", "abandoned"]


def test_one_region_at_a_time(day: Day) -> None:
    stop(day, CENTRAL, "drain")
    with pytest.raises(RefusedError, match="eu-central-1 is being rotated, begun by arn:aws:sts"):
        rotate(day, WEST)
    assert puts(day) == [(CENTRAL, True)]
    assert day.records(WEST) == []


def test_the_later_of_two_operators_is_reported_of_the_first(
    day: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    def concurrently() -> None:
        begun = Rotation.begun("arn:aws:sts::111111111111:user/ada", "arn:old", was_away=False)
        RotationLog(DEV, Clients(None)).write(WEST, begun)

    typed(monkeypatch, "yes\n", concurrently)
    with pytest.raises(
        ConcurrentRotationError, match=r"the rotation of eu-west-1 has a newer record.*ada"
    ):
        rotate(day, CENTRAL, yes=False)
    assert (puts(day), day.records(CENTRAL)) == ([], [])


def test_of_two_who_begin_in_one_moment_none_goes_on(day: Day) -> None:
    log = RotationLog(DEV, Clients(None))

    def begin_elsewhere(request: ApiRequest) -> None:
        if request.headers.get("X-Amz-Target", "").endswith(".PutParameter"):
            day.faults.answers.remove(begin_elsewhere)
            log.write(WEST, Rotation.begun("ada", "arn:old", was_away=False))

    day.faults.answers.insert(0, begin_elsewhere)
    with pytest.raises(ConcurrentRotationError):
        rotate(day, CENTRAL)
    assert outcomes(day, CENTRAL) == ["begun", "abandoned"]
    assert puts(day) == []


def test_without_the_right_to_keep_a_record_nothing_is_begun(day: Day) -> None:
    before = day.certificate(CENTRAL)
    day.faults.answers.insert(0, deny("PutParameter"))
    with pytest.raises(NotAllowedError, match="ssm:PutParameter"):
        rotate(day, CENTRAL)
    assert (puts(day), day.certificate(CENTRAL)) == ([], before)


def test_without_credentials_it_says_so(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with pytest.raises(CredentialsError, match="no usable AWS credentials"):
        rotate(day, CENTRAL)


def test_ctrl_c_at_the_question_changes_nothing(
    day: Day, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, "", interrupt)
    assert rotate(day, CENTRAL, yes=False) == 130
    assert "Interrupted: nothing was changed." in capsys.readouterr().err
    assert (puts(day), day.records(CENTRAL)) == ([], [])


def test_ctrl_c_in_a_wait_says_where_it_was_and_how_to_go_on(
    day: Day, capsys: pytest.CaptureFixture[str]
) -> None:
    day.events.append(interrupt)
    assert rotate(day, CENTRAL) == 130
    stderr = capsys.readouterr().err
    assert "Interrupted in step 2; nothing is lost." in stderr
    assert "To continue: iot-dr rotate --region eu-central-1 --env dev --provider standin" in stderr
    day.events.clear()
    assert rotate(day, CENTRAL) == 0
    assert puts(day) == [(CENTRAL, True), (CENTRAL, False)]


@pytest.mark.parametrize(
    ("region", "options", "message"),
    [
        ("eu-west-2", {}, "'eu-west-2' is not a region of dev"),
        (CENTRAL, {"yes": False}, "confirmation needs a terminal; pass --yes"),
    ],
)
def test_a_usage_error_is_reported_and_aws_is_not_called(
    day: Day, region: str, options: dict[str, bool], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", StringIO())
    with pytest.raises(UsageError, match=message):
        rotate(day, region, **options)
    assert day.faults.seen == []
