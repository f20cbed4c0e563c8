from ssl import SSLContext, SSLObject, SSLSocket

import pytest

from iot_dr.observe.status.endpoint import Handshake
from iot_dr.observe.status.unknown import UnknownValue
from iot_dr.operate.rotate.rotation_target import RotationTarget
from iot_dr.operate.rotate.serving import ServedView, Serving
from iot_dr.terraform_json.provider_choice import Provider
from tests.iot_dr.operate.rotate.day import Day
from tests.iot_dr.operate.rotate.world import DEV, WEST, arn
from tests.support.region_health import RegionHealth

BOTH = f"{DEV.regional_name(WEST)} and {DEV.device_name}"


def serving(day: Day, name: str = WEST) -> Serving:
    return RotationTarget(
        settings=DEV,
        region=WEST,
        provider=Provider.STANDIN,
        workbench=day.workbench,
        network=day.network,
        prober=lambda _name: None,
        waits=day.waits,
    ).serving(arn(name))


def test_the_certificate_that_acm_shows_served_by_both_names_is_all_there_is_to_see(
    day: Day,
) -> None:
    assert serving(day).missing() == ""


def test_a_good_certificate_that_is_another_one_is_not_taken_for_it(day: Day) -> None:
    result = serving(day, "new").missing()
    assert result.startswith(f"{BOTH}: serves another certificate (SHA-256 ")


def test_the_device_name_is_asked_of_the_region_although_it_leads_elsewhere(day: Day) -> None:
    day.follow(WEST, is_away=True)
    new, old = (day.issuer.context(arn(each)) for each in ("new", WEST))

    def choose(channel: SSLSocket | SSLObject, name: str | None, _context: SSLContext) -> None:
        channel.context = old if name == DEV.device_name else new

    day.tls.regions[WEST].context = context = day.authority.served("x", ["x"])
    context.sni_callback = choose
    result = serving(day, "new").missing()
    assert result.startswith(f"{DEV.device_name}: serves another certificate")


def test_what_aws_serves_for_a_name_it_does_not_know_is_not_it(day: Day) -> None:
    day.tls.regions[WEST].context = day.issuer.default
    assert serving(day).missing() == f"{BOTH}: certificate unfit: for another name"


def test_a_region_that_route_53_holds_for_unhealthy_is_not_given_devices(day: Day) -> None:
    day.world.see({WEST: RegionHealth(deep=False)})
    assert serving(day).missing() == "Route 53's health check of it fails"


def test_route_53_that_does_not_report_holds_nothing_up(day: Day) -> None:
    day.faults.fail("refuse", "us-east-1")
    assert serving(day).missing() == ""


def test_without_acm_s_word_nothing_is_known_of_the_certificate(day: Day) -> None:
    day.issuer.refuses = True
    result = serving(day).missing()
    assert result.startswith(
        "the new certificate cannot be read from ACM: acm:GetCertificate in eu-west-1"
    )


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        (Handshake(address="192.0.2.1"), "mqtt: its certificate cannot be read"),
        (UnknownValue("as one of TLS 1.2 may"), "mqtt: unknown: as one of TLS 1.2 may"),
    ],
)
def test_a_name_that_does_not_let_its_certificate_be_seen_counts_when_that_is_forced(
    endpoint: Handshake | UnknownValue, expected: str
) -> None:
    seen = ServedView(issued="ab", names={"mqtt": endpoint}, is_healthy=True)
    assert [*seen.problems()] == [expected]
    assert [*seen.problems(is_forced=True)] == []


def test_a_name_that_is_not_served_counts_never() -> None:
    endpoint = Handshake(address="192.0.2.1", problem="Connection refused")
    seen = ServedView(issued="ab", names={"mqtt": endpoint}, is_healthy=True)
    assert [*seen.problems(is_forced=True)] == ["mqtt: Connection refused"]
