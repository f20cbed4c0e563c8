"""Route 53's copies of switches' alarms, in an account in which a check copies its alarm."""

from collections.abc import Iterator
from typing import Any

import pytest

from iot_dr.observe.aws.clients import CallLimits, Clients
from iot_dr.observe.aws.errors import NoAnswerError
from iot_dr.observe.switch.alarm_copies import AlarmCopy, alarm_copies
from tests.iot_dr.observe.switch.place import CENTRAL, NORTH, SETTINGS, WEST, Place

_KEPT = ("AlarmName", "Namespace", "MetricName", "Dimensions", "Statistic", "Threshold")
_MORE = ("ComparisonOperator", "Period", "EvaluationPeriods", "TreatMissingData")


def seen(seconds: float = 60) -> dict[tuple[str, str], AlarmCopy]:
    clients = Clients(None, CallLimits(connect=10, read=20, attempts=1))
    copies = alarm_copies(SETTINGS, clients, seconds)
    return {(copy.region, copy.alarm_region): copy for copy in copies}


@pytest.fixture
def changed(place: Place) -> Iterator[Place]:
    """The alarm of the first region's switch in its first alarm region was changed by hand."""
    cloudwatch, name = place.client("cloudwatch", CENTRAL), place.world.switch_name(WEST)
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    values: dict[str, Any] = {each: alarm[each] for each in (*_KEPT, *_MORE)}
    other = [{"Name": "Region", "Value": WEST}, {"Name": "Environment", "Value": "prod"}]
    cloudwatch.put_metric_alarm(**{**values, "Threshold": 2.0, "Dimensions": other})
    yield place
    cloudwatch.put_metric_alarm(**values)
    copy_again(place, seen()[WEST, CENTRAL])


def copy_again(place: Place, copy: AlarmCopy) -> None:
    """Let Route 53 copy an alarm's settings, as `triggers` do."""
    place.client("route53", "us-east-1").update_health_check(
        HealthCheckId=copy.check_id,
        AlarmIdentifier={"Region": copy.alarm_region, "Name": copy.alarm},
    )


def test_after_a_deploy_every_copy_is_as_its_alarm(place: Place) -> None:
    assert place.settings == SETTINGS
    assert {key: copy.differences for key, copy in seen().items()} == {
        (region, alarm_region): ()
        for region in SETTINGS.regions
        for alarm_region in SETTINGS.alarm_regions(region)
    }


def test_a_change_of_an_alarm_is_named_until_route_53_copies_it_again(changed: Place) -> None:
    copies = seen()
    outdated = copies.pop((WEST, CENTRAL))
    dev, prod = (f"Environment={each}, Region=eu-west-1" for each in ("dev", "prod"))
    assert outdated.differences == (
        "Threshold is 1, in the alarm 2",
        f"Dimensions is {dev}, in the alarm {prod}",
    )
    assert not any(copy.is_outdated for copy in copies.values())
    copy_again(changed, outdated)
    assert not seen()[WEST, CENTRAL].is_outdated


def test_a_lost_alarm_region_leaves_its_copies_unknown_and_the_others_known(place: Place) -> None:
    place.faults.fail("refuse", NORTH)
    differences = {key: copy.differences for key, copy in seen().items()}
    assert isinstance(differences[WEST, NORTH], NoAnswerError)
    assert differences[WEST, CENTRAL] == ()
