"""Switch and status with two to five regions and any one or two of them gone.

The table of docs/explanation/failover.md says what is left. It is computed from the alarm regions;
here the commands' own code meets an account in which every API of those regions refuses.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pytest

from iot_dr.observe.aws.clients import CallLimits, Clients
from iot_dr.observe.state.states_overview import StatesOverview
from iot_dr.observe.status.network import Network, QueryLimits
from iot_dr.observe.status.observer import Observer
from iot_dr.observe.status.unknown import UnknownValue
from iot_dr.observe.switch.metric import Action
from iot_dr.observe.switch.switching import NoRecordError
from tests.iot_dr.observe.switch.place import SETTINGS, Place, used
from tests.support.applied_world import applied_world, new_test
from tests.support.aws_account import lead_to
from tests.support.lost_regions import COUNTS, lost_regions_table
from tests.support.region_health import RegionHealth
from tests.support.settings import REGIONS, settings
from tests.support.shared_clients import share_clients

WHO = "arn:aws:sts::111111111111:user/moto"
GONE = RegionHealth(deep=False, tcp=False)
# A region that refuses is known at once; nothing else is too late on a busy machine.
PATIENT = QueryLimits(total=60, aws=CallLimits(connect=10, read=20, attempts=1))
ACTIONS: Final[dict[Action, float]] = {"away": 1.0, "back": 0.0}
AS_ALWAYS = len(SETTINGS.regions)


@dataclass(frozen=True)
class Row:
    """What the page's table says is left."""

    answer: str
    works: frozenset[str]
    only_away: frozenset[str]


def rows(count: int) -> dict[frozenset[str], Row]:
    """Return the rows of the table by the lost regions, one or two."""
    regions = {str(number): region for number, region in enumerate(REGIONS[:count], 1)}

    def named(cell: str, separator: str) -> frozenset[str]:
        return frozenset(regions[each] for each in cell.split(separator) if each in regions)

    made: dict[frozenset[str], Row] = {}
    for line in lost_regions_table(count).splitlines()[2:]:
        gone, answer, *switches = (cell.strip() for cell in line.strip("|").split("|"))
        works, only_away = (named(each, ", ") for each in switches)
        made[named(gone, " and ")] = Row(regions[answer], works, only_away)
    return made


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(count, marks=() if count == AS_ALWAYS else pytest.mark.exhaustive)
        for count in COUNTS
    ],
    ids="{} regions".format,
)
def of_any_size(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    count: int = request.param
    if count == AS_ALWAYS:
        yield request.getfixturevalue("applied")
        return
    chosen = settings(regions=list(REGIONS[:count]))
    with applied_world(chosen, tmp_path_factory.mktemp("stacks")) as (world, faults):
        yield Place(world, faults, settings=chosen)


@pytest.fixture
def here(of_any_size: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    lead_to(of_any_size.faults.endpoint, monkeypatch)
    share_clients(monkeypatch)
    return of_any_size


def lose(place: Place, gone: frozenset[str]) -> None:
    """Let regions be gone, and everything else be well."""
    new_test(place.world, place.faults)
    for region in gone:
        place.faults.fail("refuse", region)
    place.world.see(dict.fromkeys(gone, GONE))
    place.reachable = {*place.settings.regions} - gone


def test_switches_work_as_the_table_says(here: Place) -> None:
    for gone, row in rows(len(here.settings.regions)).items():
        lose(here, gone)
        for region in here.settings.regions:
            alarm_regions = {*here.settings.alarm_regions(region)}
            for action, value in ACTIONS.items():
                here.faults.seen.clear()
                switching = here.switching(region, action)
                if region not in row.works | row.only_away:
                    with pytest.raises(NoRecordError):
                        used(switching, WHO, "a test", forced=False)
                    assert alarm_regions <= gone
                    continue
                put = used(switching, WHO, "a test", forced=False)
                # An alarm region that did not accept it is named: there the alarm keeps its state.
                assert put.unset.keys() == alarm_regions & gone
                assert bool(put.unset) is (region in row.only_away)
                assert here.values_put(region) == [value] * len(alarm_regions - gone)


@pytest.mark.exhaustive
def test_status_shows_all_but_what_only_the_lost_regions_know(here: Place) -> None:
    alone = Network(resolvers=(), limits=PATIENT)
    for gone, row in rows(len(here.settings.regions)).items():
        lose(here, gone)
        clients = Clients(None, PATIENT.aws)
        seen = Observer(settings=here.settings, network=alone, clients=clients).observe()
        # The ids of the checks are in home's bucket, and in the copies if it is home that is gone.
        # A switch with a lost alarm region is unknown: then the answer by checks may be so too, and
        # the name servers' answers say where devices are led.
        unknown = {region for region, kind in seen.route.unknown if kind == "switch"}
        assert len(unknown) == len(seen.route.unknown)
        assert all({*here.settings.alarm_regions(region)} & gone for region in unknown)
        assert seen.route.region == row.answer or (unknown and seen.route.region is None), gone
        for report in seen.regions:
            for alarm_region, alarm in report.alarms.items():
                assert isinstance(alarm, UnknownValue) == (alarm_region in gone), (
                    gone,
                    report.region,
                )
            assert report.healthy("tcp") is (report.region not in gone)
        assert isinstance(seen.states, StatesOverview)
        silent = {each.location.region for each in seen.states.states if each.problem}
        assert silent == gone
