"""One look at five regions."""

import io
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.aws.errors import NoAnswerError
from iot_dr.observe.status.network import Network, QueryLimits
from iot_dr.observe.status.observer import Observer
from iot_dr.observe.status.report import Observations, RegionReport
from iot_dr.observe.status.unknown import UnknownValue
from iot_dr.observe.switch.check_reports import CheckReports
from iot_dr.observe.switch.metric import alarm_name
from tests.support.settings import REGIONS, settings
from tests.support.state_files import state_file

SETTINGS = settings(regions=list(REGIONS))
KINDS = ("deep", "tcp", "switch", "calculated_deep", "calculated_tcp")
IDS = {region: {kind: f"{region} {kind}" for kind in KINDS} for region in REGIONS}
STATE = state_file(outputs={"health_check_ids": IDS})


class Bucket:
    def __init__(self, state: bytes) -> None:
        self._state = state

    def get_object(self, **_: str) -> dict[str, Any]:
        body = io.BytesIO(self._state)
        return {
            "Body": body,
            "LastModified": datetime(2026, 1, 2, tzinfo=UTC),
            "ETag": '"1"',
            "ResponseMetadata": {"HTTPHeaders": {"date": "Fri, 02 Jan 2026 00:00:00 GMT"}},
        }


class Route53(Clients):
    """An account in which only Route 53 and one state answer; records the times of the calls."""

    def __init__(self) -> None:
        super().__init__(None)
        self.asked: list[tuple[float, str]] = []
        self.state = STATE

    def client(self, service: str, region: str, endpoint: str | None = None) -> Any:
        assert endpoint is None
        if region != SETTINGS.home_region:
            raise NoAnswerError(f"{service} in {region}: no answer")
        return Bucket(self.state)

    def call(self, service: str, region: str, method: str, **arguments: object) -> dict[str, Any]:
        if method != "get_health_check_status":
            raise NoAnswerError(f"{service} in {region}: no answer")
        self.asked.append((time.monotonic(), str(arguments["HealthCheckId"])))
        return {"HealthCheckObservations": [{"StatusReport": {"Status": "Success"}}]}


def expected() -> Iterator[str]:
    """Return the checks that the records ask, then the rest."""
    primary, *standbys = REGIONS
    yield f"{primary} deep"
    yield from (f"{each} tcp" for each in standbys)
    yield from (f"{each} switch" for each in REGIONS[:-1])
    yield f"{primary} tcp"
    yield from (f"{each} deep" for each in standbys)


@pytest.fixture(scope="module")
def look() -> tuple[Route53, Observations]:
    clients, alone = Route53(), Network(resolvers=(), limits=QueryLimits(total=30))
    return clients, Observer(settings=SETTINGS, network=alone, clients=clients).observe()


def test_route_53_is_asked_five_times_a_second_at_most_what_decides_first(
    look: tuple[Route53, Observations],
) -> None:
    seconds = [at for at, _ in look[0].asked]
    assert all(later - first > 0.5 for first, later in zip(seconds, seconds[5:], strict=False))
    wanted, asked = list(expected()), [check for _, check in look[0].asked]
    for place in range(0, len(wanted), 5):
        assert set(asked[place : place + 5]) == set(wanted[place : place + 5])


def test_every_check_is_reported(look: tuple[Route53, Observations]) -> None:
    check_reports = [each for region in look[1].regions for each in region.checks.values()]
    assert len(check_reports) == len(list(expected()))
    assert all(isinstance(each, CheckReports) and each.healthy for each in check_reports)
    assert (look[1].route.region, look[1].route.unknown) == (REGIONS[0], ())


def test_what_does_not_answer_is_unknown_and_hides_nothing_else(
    look: tuple[Route53, Observations],
) -> None:
    for region in look[1].regions:
        observations = (region.endpoint, region.switch, region.audit, *region.quotas.values())
        assert all(isinstance(each, UnknownValue) for each in observations)
    assert not look[1].is_empty


class Alarms(Route53):
    """An account with the checks and alarms of three regions' switches, but without one alarm."""

    def __init__(self, missing: str) -> None:
        super().__init__()
        self._missing = missing

    def call(self, service: str, region: str, method: str, **arguments: object) -> dict[str, Any]:
        if method != "describe_alarms" or "AlarmNames" not in arguments:
            return super().call(service, region, method, **arguments)
        names = cast("list[str]", arguments["AlarmNames"]) if region != self._missing else ()
        return {"MetricAlarms": [{"AlarmName": name, "StateValue": "OK"} for name in names]}


THREE = settings(regions=list(REGIONS[:3]))
WITH_SECOND = {region: {**kinds, "switch_second": f"{region} 2"} for region, kinds in IDS.items()}


def switches(missing: str, ids: Mapping[str, Mapping[str, str]]) -> dict[str, RegionReport]:
    """Return the reports of three regions, by region, while an alarm region has no alarms."""
    clients, network = Alarms(missing), Network(resolvers=(), limits=QueryLimits(total=30))
    clients.state = state_file(outputs={"health_check_ids": ids})
    report = Observer(settings=THREE, network=network, clients=clients).observe()
    return {each.region: each for each in report.regions}


def test_a_second_alarm_that_is_not_deployed_yet_leaves_the_switch_known() -> None:
    for region, report in switches(REGIONS[2], IDS).items():
        expected = [each for each in THREE.alarm_regions(region) if each != REGIONS[2]]
        assert dict(report.alarms) == dict.fromkeys(expected, "OK")
        assert report.switch == "OK"


def test_an_alarm_that_was_deleted_is_reported() -> None:
    for missing, ids in ((REGIONS[0], IDS), (REGIONS[2], WITH_SECOND)):
        for region, report in switches(missing, ids).items():
            if missing in THREE.alarm_regions(region):
                assert isinstance(report.switch, UnknownValue)
                assert f"there is no such alarm in {missing}" in report.switch.reason


class Copies(Alarms):
    """An account with the check of each alarm, in which one region's alarms do not answer."""

    def call(self, service: str, region: str, method: str, **arguments: object) -> dict[str, Any]:
        if method == "describe_alarms" and region == self._missing:
            time.sleep(9)
        if method != "list_health_checks":
            return super().call(service, region, method, **arguments)
        time.sleep(0.5)
        checks = [
            {
                "Id": "c",
                "HealthCheckConfig": {
                    "AlarmIdentifier": {"Region": other, "Name": alarm_name(THREE, switched)}
                },
                "CloudWatchAlarmConfiguration": {"Namespace": "old"},
            }
            for switched in THREE.regions
            for other in THREE.alarm_regions(switched)
        ]
        return {"HealthChecks": checks}


def test_an_alarm_region_that_does_not_answer_leaves_the_other_copies_known() -> None:
    clients = Copies(REGIONS[2])
    report = Observer(settings=THREE, network=Network(resolvers=()), clients=clients).observe()
    assert {(copy.alarm_region, copy.is_outdated) for copy in report.known_copies} == {
        (REGIONS[0], True),
        (REGIONS[1], True),
        (REGIONS[2], False),
    }
