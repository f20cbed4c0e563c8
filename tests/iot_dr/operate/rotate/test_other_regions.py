"""What the other region has to serve before one is taken out."""

from datetime import timedelta
from ssl import SSLContext

import pytest

from iot_dr.cli.confirmation import RefusedError
from iot_dr.operate.drain.other_regions import NoOtherRegionError
from tests.iot_dr.operate.rotate.command import outcomes, puts, rotate
from tests.iot_dr.operate.rotate.day import Day
from tests.iot_dr.operate.rotate.world import CENTRAL, DEV, WEST, arn
from tests.support.region_health import RegionHealth

WILDCARD = f"*.{DEV.zone_name}"


@pytest.fixture(params=["wrong", "expired"])
def unfit(request: pytest.FixtureRequest, day: Day) -> SSLContext:
    """What a server has that passes Route 53's TCP check and that no device connects to."""
    if request.param == "wrong":
        return day.issuer.default
    return day.authority.served(WILDCARD, [WILDCARD], lasts=timedelta(days=-1))


@pytest.mark.parametrize("force", [False, True])
def test_a_region_that_no_device_can_connect_to_takes_none(
    day: Day, unfit: SSLContext, force: bool
) -> None:
    day.issuer.contexts[arn(CENTRAL)] = unfit
    day.tls.regions[CENTRAL].context = unfit
    with pytest.raises(RefusedError, match=r"eu-central-1 does not serve mqtt.iot-dev.example.com"):
        rotate(day, WEST, force=force)
    assert (puts(day), day.records(WEST)) == ([], [])


def test_a_certificate_that_is_lost_while_it_drains_leaves_all_as_it_is(
    day: Day, unfit: SSLContext
) -> None:
    def lose() -> None:
        day.tls.regions[CENTRAL].context = unfit

    day.events.append(lose)
    with pytest.raises(NoOtherRegionError, match=r"nothing was replaced: .* does not serve mqtt"):
        rotate(day, WEST)
    assert day.certificate(WEST) == arn(WEST)
    assert day.serving(WEST) == [arn(WEST)] * 2


def test_when_the_other_region_fails_while_it_drains_nothing_is_replaced(day: Day) -> None:
    day.events.append(lambda: day.world.see({CENTRAL: RegionHealth(tcp=False)}))
    with pytest.raises(NoOtherRegionError, match="nothing was replaced"):
        rotate(day, WEST)
    assert day.certificate(WEST) == arn(WEST)
    # The rollback, with the other region as it is.
    assert rotate(day, WEST, abandon=True) == 0
    assert puts(day) == [(WEST, True), (WEST, False)]
    assert outcomes(day, WEST)[-1] == "abandoned"
