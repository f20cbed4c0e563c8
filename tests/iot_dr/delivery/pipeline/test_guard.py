import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_dr.delivery.pipeline.guard import (
    ExpectedWave,
    refuse_inactive,
    refuse_other_wave,
    refuse_passed_by,
)
from iot_dr.delivery.pipeline.refusal import RefusedError
from stacks.platform_graph import platform_graph
from stacks.rollout import Rollout
from tests.support.pipeline import PIPELINE
from tests.support.settings import REGIONS, settings

ACTIVE, STANDING = "eu-west-1", "eu-central-1"
CHOSEN = settings(pipeline=PIPELINE)
WAVES = Rollout(platform_graph(CHOSEN)).waves
NAMES = [name for wave in WAVES for name in wave.names]


def test_the_pipeline_that_the_settings_name_goes_on() -> None:
    refuse_inactive(CHOSEN, ACTIVE)


def test_the_standing_copy_is_told_what_would_make_it_the_active_one() -> None:
    with pytest.raises(RefusedError) as refused:
        refuse_inactive(CHOSEN, STANDING)
    assert str(refused.value) == (
        "dev.yaml: pipeline.active: 'eu-west-1' rolls dev out, and not 'eu-central-1';"
        " `iot-dr pipeline activate --env dev --region eu-central-1` makes it this one"
    )
    assert refused.value.status == 3


@pytest.mark.parametrize("region", ["us-east-1", "", "eu-west-1 ", "\x1b[2J"])
def test_a_region_without_a_pipeline_is_told_so_on_one_plain_line(region: str) -> None:
    with pytest.raises(RefusedError, match=r"which has no pipeline\Z") as refused:
        refuse_inactive(CHOSEN, region)
    assert str(refused.value).isprintable()


def test_an_environment_without_a_pipeline_is_rolled_out_by_none() -> None:
    with pytest.raises(RefusedError, match=r"dev\.yaml: pipeline: is not there"):
        refuse_inactive(settings(), ACTIVE)


@pytest.mark.parametrize("active", [ACTIVE, STANDING])
def test_of_two_pipelines_exactly_one_goes_on(active: str) -> None:
    chosen = settings(pipeline={**PIPELINE, "active": active})
    refused: list[str] = []
    for region in (ACTIVE, STANDING):
        try:
            refuse_inactive(chosen, region)
        except RefusedError:
            refused.append(region)
    assert refused == [region for region in (ACTIVE, STANDING) if region != active]


@pytest.mark.parametrize("count", [2, 3, 5])
def test_each_wave_of_the_settings_is_taken_in_whatever_order_its_stacks_are_named(
    count: int,
) -> None:
    chosen = settings(regions=REGIONS[:count], pipeline=PIPELINE, data={})
    waves = Rollout(platform_graph(chosen)).waves
    assert max(len(wave.names) for wave in waves) > 1
    for wave in waves:
        for names in (wave.names, wave.names[::-1]):
            refuse_other_wave(chosen, ExpectedWave(number=wave.number, stacks=names))
        twice = ExpectedWave(number=wave.number, stacks=(*wave.names, wave.names[0]))
        with pytest.raises(RefusedError, match="and the pipeline was made for"):
            refuse_other_wave(chosen, twice)


@given(st.integers(0, 9), st.lists(st.sampled_from([*NAMES, "iot-dev-other"]), max_size=3))
def test_a_wave_with_any_other_stacks_is_refused(number: int, stacks: list[str]) -> None:
    expected = ExpectedWave(number=number, stacks=tuple(stacks))
    if any(wave.number == number and sorted(wave.names) == sorted(stacks) for wave in WAVES):
        refuse_other_wave(CHOSEN, expected)
        return
    with pytest.raises(RefusedError, match=rf"wave {number}\b.*, and the pipeline was made for"):
        refuse_other_wave(CHOSEN, expected)


@pytest.mark.parametrize("told", [["false"], ["false", "false"], []])
@pytest.mark.parametrize("other", ["true", "", "#{Wave3.PASSED_BY}"])
def test_what_leads_devices_is_changed_once_no_region_was_passed_by(
    told: list[str], other: str
) -> None:
    refuse_passed_by(CHOSEN, told)
    with pytest.raises(RefusedError, match="start a new execution, which brings the rest"):
        refuse_passed_by(CHOSEN, [*told, other])


def test_both_definitions_of_a_wave_are_told() -> None:
    with pytest.raises(RefusedError) as refused:
        refuse_other_wave(CHOSEN, ExpectedWave(number=3, stacks=("iot-dev-iot-eu-west-1",)))
    assert str(refused.value) == (
        "dev: wave 3 of this commit is iot-dev-iot-eu-central-1, and the pipeline was made for"
        " iot-dev-iot-eu-west-1; it has changed since: start a new execution"
    )
