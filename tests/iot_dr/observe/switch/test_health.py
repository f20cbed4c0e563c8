"""Sources of a region's health."""

from collections.abc import Callable
from functools import partial

import pytest

from iot_dr.drill.play.faults import ApiRequest, Failing, Reply
from iot_dr.observe.aws.clients import CallLimits, Clients
from iot_dr.observe.switch.checks import find_check_ids
from iot_dr.observe.switch.health import HealthObservation, region_health
from tests.iot_dr.observe.switch.place import CENTRAL, NORTH, SETTINGS, WEST, Place
from tests.support.region_health import RegionHealth

QUICK = CallLimits(connect=0.8, read=1, attempts=1)


def seen(place: Place) -> dict[str, HealthObservation]:
    return region_health(SETTINGS, Clients(None, QUICK), place.probe)


def words(place: Place) -> list[str]:
    return [f"{each.word} {each.source}".strip() for each in seen(place).values()]


def test_the_checks_are_found_without_any_state(place: Place) -> None:
    ids = find_check_ids(SETTINGS, Clients(None))
    for region, checks in place.world.checks.items():
        assert ids[region] == {kind: checks[kind] for kind in ("tcp", "deep")}


def test_route_53_is_the_source_if_it_answers(place: Place) -> None:
    assert words(place) == ["healthy Route 53"] * 3
    place.world.see({WEST: RegionHealth(deep=False), CENTRAL: RegionHealth(deep=False)})
    # A standby is judged by TCP alone.
    assert words(place) == ["unhealthy Route 53", "healthy Route 53", "healthy Route 53"]
    place.world.see({NORTH: RegionHealth(tcp=False)})
    assert words(place) == ["healthy Route 53", "healthy Route 53", "unhealthy Route 53"]


@pytest.mark.parametrize("how", ["refuse", "hang", "500"])
def test_without_us_east_1_a_local_probe_is_the_source(place: Place, how: Failing) -> None:
    place.faults.fail(how, "us-east-1")
    place.reachable = [CENTRAL]
    assert words(place) == ["unknown", "healthy TLS from here", "unknown"]
    observation = seen(place)[WEST]
    assert "route53:ListHealthChecks in us-east-1" in observation.route53
    assert "no answer on port 8883" in observation.probe
    place.reachable = ()


def said(successes: int, failures: int, path: str, request: ApiRequest) -> Reply | None:
    if request.service != "route53" or not request.path.endswith(path):
        return None
    one = (
        "<HealthCheckObservation><Region>us-east-1</Region><StatusReport><Status>{}</Status>"
        "</StatusReport></HealthCheckObservation>"
    )
    body = one.format("Success: x") * successes + one.format("Failure: x") * failures
    return Reply(
        200,
        (
            "<GetHealthCheckStatusResponse><HealthCheckObservations>"
            f"{body}</HealthCheckObservations></GetHealthCheckStatusResponse>"
        ).encode(),
    )


@pytest.mark.parametrize(
    ("successes", "failures", "word"),
    [(18, 82, "unhealthy"), (19, 81, "healthy"), (0, 16, "unhealthy"), (0, 0, "unknown")],
)
def test_more_than_18_percent_of_the_checkers_are_enough(
    place: Place, successes: int, failures: int, word: str
) -> None:
    answer: Callable[[ApiRequest], Reply | None] = partial(said, successes, failures, "/status")
    place.faults.answers.insert(0, answer)
    assert seen(place)[CENTRAL].word == word


def test_a_caller_that_may_not_ask_route_53_is_reported_what_is_needed(place: Place) -> None:
    def refuse(request: ApiRequest) -> Reply | None:
        body = b"<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>"
        return Reply(403, body) if request.service == "route53" else None

    place.faults.answers.insert(0, refuse)
    assert "IAM action route53:ListHealthChecks" in seen(place)[WEST].route53
