from datetime import timedelta
from ssl import SSLContext

import pytest

from iot_dr.cli.confirmation import RefusedError
from iot_dr.operate.drain.other_regions import NoOtherRegionError
from iot_dr.operate.rotate.runs import CERTIFICATE, DOMAINS, certificate_stack, run_before, runs
from tests.iot_dr.operate.rotate.command import outcomes, puts, rotate
from tests.iot_dr.operate.rotate.day import Day
from tests.iot_dr.operate.rotate.world import CENTRAL, DEV, WEST, arn
from tests.support.policy import allowed, needed
from tests.support.region_health import RegionHealth
from tests.support.settings import REGIONS, settings
from tests.support.synthesis import Synthesis

SETTINGS = settings(regions=list(REGIONS[:3]))
HOME, *STANDBYS = SETTINGS.regions


def test_a_standby_is_replaced_in_its_own_stack_by_one_plan() -> None:
    (run,) = runs(SETTINGS, STANDBYS[0], is_new=False)
    assert run.stack == f"iot-dev-iot-{STANDBYS[0]}" == certificate_stack(SETTINGS, STANDBYS[0])
    assert run.options == (f"-replace={CERTIFICATE}",)


def test_home_s_domain_configurations_go_before_the_certificate_that_they_use() -> None:
    before = run_before(SETTINGS, HOME)
    assert before
    assert before.stack == f"iot-dev-iot-{HOME}"
    assert before.options == ("-destroy", *(f"-target={each}" for each in DOMAINS))
    assert before.may_change == {*DOMAINS}
    first, second = runs(SETTINGS, HOME, is_new=False)
    assert (first.stack, first.options) == ("iot-dev-hosted-zone", (f"-replace={CERTIFICATE}",))
    assert (second.stack, second.options) == (f"iot-dev-iot-{HOME}", ())


@pytest.mark.parametrize("region", STANDBYS)
def test_within_one_stack_terraform_deletes_in_the_right_order(region: str) -> None:
    assert run_before(SETTINGS, region) is None


@pytest.mark.parametrize("region", SETTINGS.regions)
def test_a_certificate_that_is_new_already_is_not_replaced_again(region: str) -> None:
    assert {run.options for run in runs(SETTINGS, region, is_new=True)} == {()}


@pytest.mark.parametrize("region", SETTINGS.regions)
@pytest.mark.parametrize("is_new", [True, False])
def test_no_run_may_touch_the_zone_or_what_devices_are_known_by(region: str, is_new: bool) -> None:
    allowed = {each for run in runs(SETTINGS, region, is_new=is_new) for each in run.may_change}
    types = {each.partition(".")[0] for each in allowed}
    assert types <= {
        "aws_acm_certificate",
        "aws_acm_certificate_validation",
        "aws_cloudwatch_metric_alarm",
        "aws_iot_domain_configuration",
        "aws_route53_record",
    }
    assert not [each for each in allowed if "zone" in each or "failover" in each]


@pytest.mark.parametrize("region", SETTINGS.regions)
def test_all_that_a_run_names_is_there_in_the_stack(
    region: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    stacks = Synthesis(tmp_path_factory.mktemp("stacks"))(SETTINGS)
    for run in runs(SETTINGS, region, is_new=False):
        for address in run.may_change:
            type_, _, name = address.partition(".")
            assert name in stacks[run.stack].resources(type_), (run.stack, address)


def test_the_runbook_s_policy_allows_what_is_asked_beyond_a_switch_and_nothing_else(
    day: Day,
) -> None:
    assert rotate(day, CENTRAL) == 0
    asked = needed(day.faults.seen, DEV.account_id)
    switch, own = (allowed(page) for page in ("switch.md", "rotate.md"))
    assert asked <= switch | own
    assert own <= asked


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
