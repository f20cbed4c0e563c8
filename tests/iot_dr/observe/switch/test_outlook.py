"""The regions that devices may be directed to."""

from hypothesis import given
from hypothesis import strategies as st

from iot_dr.common.user_error import UserError
from iot_dr.generate.expectation import failover_config
from iot_dr.observe.switch.health import HealthObservation
from iot_dr.observe.switch.metric import Action
from iot_dr.observe.switch.outlook import Outlook
from iot_dr.route53.check import AlarmState
from tests.iot_dr.observe.switch.place import CENTRAL, NORTH, SETTINGS, WEST
from tests.support.region_health import RegionHealth, answer
from tests.support.settings import settings

KNOWN = st.sampled_from([True, False, None])
SWITCHES: st.SearchStrategy[AlarmState | UserError] = st.sampled_from(
    ["OK", "ALARM", "INSUFFICIENT_DATA", UserError("silent")]
)


def outlook(
    region: str,
    action: Action = "away",
    health: dict[str, bool | None] | None = None,
    switches: dict[str, AlarmState | UserError] | None = None,
) -> Outlook:
    """Return an outlook; what is left out is well, and not switched away."""
    seen = {
        name: HealthObservation((health or {}).get(name, True), "a test")
        for name in SETTINGS.regions
    }
    states: dict[str, AlarmState | UserError] = dict.fromkeys(SETTINGS.regions, "OK")
    return Outlook(
        settings=SETTINGS,
        region=region,
        action=action,
        health=seen,
        switches={**states, **(switches or {})},
    )


def test_devices_move_to_the_next_region_and_back() -> None:
    assert (outlook(WEST).now, outlook(WEST).afterwards) == ((WEST,), (CENTRAL,))
    back = outlook(WEST, "back", switches={WEST: "ALARM"})
    assert (back.now, back.afterwards) == ((CENTRAL,), (WEST,))


def test_what_is_not_known_may_be_either() -> None:
    predicted = outlook(WEST, health={CENTRAL: None})
    assert (predicted.now, predicted.afterwards) == ((WEST,), (CENTRAL, NORTH))


def test_the_last_healthy_region_is_not_taken_away() -> None:
    gone: dict[str, bool | None] = {CENTRAL: False, NORTH: False}
    assert outlook(WEST, health=gone).leaves_none_healthy
    assert not outlook(WEST, health={CENTRAL: False}).leaves_none_healthy
    assert outlook(WEST, health={CENTRAL: None, NORTH: None}).leaves_none_healthy


def test_a_region_that_is_switched_away_takes_no_devices_but_for_the_last() -> None:
    one = outlook(WEST, health={NORTH: False}, switches={CENTRAL: "ALARM"})
    assert one.leaves_none_healthy
    assert not outlook(WEST, switches={CENTRAL: "ALARM", NORTH: "ALARM"}).leaves_none_healthy


def test_an_unknown_switch_does_not_stop_an_operator() -> None:
    silent = UserError("no answer")
    predicted = outlook(WEST, switches={CENTRAL: silent, NORTH: silent})
    assert not predicted.leaves_none_healthy
    assert predicted.is_away(CENTRAL) is None
    assert predicted.afterwards == (CENTRAL, NORTH)


def test_the_last_region_s_switch_is_not_asked() -> None:
    last = outlook(NORTH, health={WEST: False, CENTRAL: False})
    assert last.is_last
    assert not last.leaves_none_healthy
    assert last.now == last.afterwards == (NORTH,)
    nobody: dict[str, bool | None] = dict.fromkeys(SETTINGS.regions, False)
    assert not outlook(NORTH, health=nobody).leaves_none_healthy
    assert outlook(WEST, health=nobody).leaves_none_healthy
    # Putting a switch again takes nothing away.
    assert not outlook(WEST, health=nobody, switches={WEST: "ALARM"}).leaves_none_healthy


def test_the_watcher_undoes_a_switch_back_only_while_a_latched_primary_fails() -> None:
    assert outlook(WEST, "back", health={WEST: False}).is_undone_by_watcher
    assert not outlook(WEST, "back").is_undone_by_watcher
    assert not outlook(CENTRAL, "back", health={CENTRAL: False}).is_undone_by_watcher
    # A standby that fails is switched away again while DNS answers a later region.
    unused: dict[str, AlarmState | UserError] = {WEST: "ALARM"}
    assert outlook(CENTRAL, "back", {CENTRAL: False}, unused).is_undone_by_watcher
    assert not outlook(NORTH, "back", {NORTH: False}, unused).is_undone_by_watcher
    auto = settings(recovery={"fail_back": "auto"})
    given_ = Outlook(
        settings=auto,
        region=WEST,
        action="back",
        health={
            WEST: HealthObservation(False, "a test"),
            CENTRAL: HealthObservation(True, "a test"),
        },
        switches=dict.fromkeys(auto.regions, "OK"),
    )
    assert not given_.is_undone_by_watcher


def test_a_primary_whose_switch_is_unknown_is_not_counted_as_available() -> None:
    health: dict[str, bool | None] = {WEST: True, CENTRAL: True, NORTH: False}
    switches: dict[str, AlarmState | UserError] = {WEST: UserError("silent")}
    assert outlook(CENTRAL, "away", health=health, switches=switches).leaves_none_healthy
    assert not outlook(CENTRAL, "away", health=health).leaves_none_healthy


@given(
    region=st.sampled_from(SETTINGS.regions),
    action=st.sampled_from(["away", "back"]),
    health=st.fixed_dictionaries(dict.fromkeys(SETTINGS.regions, KNOWN)),
    switches=st.fixed_dictionaries(dict.fromkeys(SETTINGS.regions, SWITCHES)),
    data=st.data(),
)
def test_the_answer_is_among_the_predicted_ones_whatever_the_unknowns_are(
    region: str,
    action: Action,
    health: dict[str, bool | None],
    switches: dict[str, AlarmState | UserError],
    data: st.DataObject,
) -> None:
    predicted = outlook(region, action, health, switches)
    true = {
        name: data.draw(st.booleans()) if known is None else known for name, known in health.items()
    }
    away = {
        name
        for name in SETTINGS.regions
        if (
            data.draw(st.booleans()) if predicted.is_away(name) is None else predicted.is_away(name)
        )
    }
    after = away | {region} if action == "away" else away - {region}
    chain = failover_config(SETTINGS)
    seen = {each: RegionHealth(deep=well, tcp=well) for each, well in true.items()}
    assert answer(chain, seen, frozenset(away)).leads_to in predicted.now
    then = answer(chain, seen, frozenset(after))
    assert then.leads_to in predicted.afterwards
    if (
        action == "away"
        and not predicted.leaves_none_healthy
        and predicted.is_away(CENTRAL) is not None
    ):
        was_away = predicted.is_away(region)
        assert was_away or predicted.is_last or not then.is_fallback
