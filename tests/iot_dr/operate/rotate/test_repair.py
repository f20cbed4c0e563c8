"""A rotation that was cut short, while the region is gone that keeps its record and its switch."""

import pytest

from iot_dr.cli.confirmation import RefusedError
from iot_dr.operate.rotate.runs import CERTIFICATE, DOMAINS
from tests.iot_dr.operate.rotate.bench import States
from tests.iot_dr.operate.rotate.command import outcomes, puts, rotate, stop
from tests.iot_dr.operate.rotate.day import Day
from tests.iot_dr.operate.rotate.world import CENTRAL, DEV, WEST, arn
from tests.support.json_output import result_of
from tests.support.region_health import RegionHealth


def half_done(day: Day, states: States, region: str, *addresses: str) -> None:
    """Leave a region without what exists at these addresses, its switch's alarm region gone."""
    stop(day, region, "replace")
    states.lose(states.regional(region), *DOMAINS)
    states.lose(states.owner(region), *addresses)
    day.live()
    day.faults.fail("refuse", DEV.alarm_regions(region)[0])


LOST = (CERTIFICATE, "aws_acm_certificate_validation.certificate")


@pytest.mark.parametrize(
    ("region", "lost"),
    [
        (DEV.regions[0], LOST),
        (DEV.regions[1], ()),
        pytest.param(DEV.regions[0], (), marks=pytest.mark.exhaustive),
        pytest.param(DEV.regions[1], LOST, marks=pytest.mark.exhaustive),
    ],
)
def test_forced_the_endpoint_is_made_again_and_the_rotation_goes_on_later(
    day: Day,
    states: States,
    region: str,
    lost: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
) -> None:
    half_done(day, states, region, *lost)
    before = puts(day)
    with pytest.raises(RefusedError, match=f"{region} has no endpoint: --force recreates it"):
        rotate(day, region)
    capsys.readouterr()
    assert rotate(day, region, force=True, as_json=True) == 0
    captured = capsys.readouterr()
    assert result_of(captured.out)["outcome"] == "repaired"
    assert f"The endpoint of {region} is recreated" in captured.err
    assert day.serving(region) == [day.certificate(region)] * 2
    assert (day.certificate(region) == arn(region)) is (not lost)
    assert puts(day) == before
    day.faults.failing.clear()
    assert rotate(day, region) == 0
    assert day.certificate(region) != arn(region)
    assert day.serving(region) == [day.certificate(region)] * 2
    assert outcomes(day, region) == ["begun", "done"]


def test_without_its_certificate_a_rotation_goes_on(day: Day, states: States) -> None:
    stop(day, CENTRAL, "replace")
    states.lose(states.owner(CENTRAL), *states.of(states.owner(CENTRAL)).read())
    assert rotate(day, CENTRAL) == 0
    assert day.serving(CENTRAL) == [day.certificate(CENTRAL)] * 2


def test_half_deleted_it_goes_on_although_the_other_region_fails(day: Day, states: States) -> None:
    stop(day, WEST, "replace")
    states.lose(states.regional(WEST), *DOMAINS)
    day.world.see({CENTRAL: RegionHealth(tcp=False)})
    # Route 53 answers with the primary, when all fail.
    day.names.route53.away = frozenset()
    assert rotate(day, WEST) == 0
    assert day.serving(WEST) == [day.certificate(WEST)] * 2
