import pytest

from iot_dr.operate.rotate.runs import CERTIFICATE, DOMAINS, certificate_stack, run_before, runs
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
