"""Which alarms are watched after which wave."""

from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from environments.settings import Settings
from stacks.platform_graph import platform_graph
from stacks.rollout import RolloutWaves
from stacks.wave_alarms import WatchedAlarm, wave_alarms
from tests.support.examples import examples
from tests.support.pipeline import PIPELINE
from tests.support.settings import REGIONS, settings
from tests.support.synthesis import Synthesis

CANARY = "example-dev-canary-{}"
WEST, CENTRAL = (
    WatchedAlarm(name=CANARY.format(region), region=region)
    for region in ("eu-west-1", "eu-central-1")
)


def watched(environment: Settings) -> dict[int, tuple[WatchedAlarm, ...]]:
    """Return the alarms after each wave that has some."""
    waves = RolloutWaves(platform_graph(environment)).waves
    by_wave = {wave.number: wave_alarms(environment, wave) for wave in waves}
    return {number: alarms for number, alarms in by_wave.items() if alarms}


def test_after_a_region_its_canary_is_watched_and_after_the_entry_point_every_ones() -> None:
    assert watched(settings(pipeline=PIPELINE)) == {3: (CENTRAL,), 4: (WEST,), 5: (WEST, CENTRAL)}


def test_where_health_is_shallow_the_entry_points_own_alarms_are_watched() -> None:
    names = ["example-dev-tcp-eu-west-1", "example-dev-tcp-eu-central-1"]
    alarms = tuple(WatchedAlarm(name=name, region="us-east-1") for name in names)
    assert watched(settings(health={"mode": "shallow"})) == {5: alarms}


def test_a_region_that_leaves_has_no_alarm() -> None:
    assert watched(settings(leaving_regions=["eu-north-1"])) == watched(settings())


@st.composite
def environments(draw: st.DrawFn) -> Settings:
    regions = draw(st.lists(st.sampled_from(REGIONS), min_size=2, max_size=5, unique=True))
    return settings(
        regions=regions,
        home_region=draw(st.sampled_from(regions)),
        primary_region=draw(st.sampled_from(regions)),
        health={"mode": draw(st.sampled_from(["deep", "shallow"]))},
    )


@limits(max_examples=examples(4), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(environments())
def test_every_alarm_that_is_watched_stands_where_it_is_looked_for(
    synthesis: Synthesis, environment: Settings
) -> None:
    stacks = synthesis(environment)
    standing = {
        WatchedAlarm(
            name=alarm["alarm_name"],
            region=template.providers[alarm["provider"].removeprefix("aws.")]["region"],
        )
        for template in stacks.values()
        for alarm in template.resources("aws_cloudwatch_metric_alarm").values()
    }
    results = {alarm for alarms in watched(environment).values() for alarm in alarms}
    assert results
    assert results <= standing
