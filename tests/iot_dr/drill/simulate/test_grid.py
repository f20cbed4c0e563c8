"""The combinations of settings that a sweep tries."""

import pytest

from environments.errors import SettingsError
from iot_dr.common.user_error import UsageError
from iot_dr.drill.simulate.grid import SWEPT, grid
from tests.support.settings import settings


def test_each_combination_is_tried_the_present_one_too() -> None:
    chosen = grid(settings(), ["endpoint.ttl=10,30", "health.interval=10"])
    assert chosen.current == {"endpoint.ttl": 60, "health.interval": 30}
    points = list(chosen.points())
    assert [tuple(point.values.values()) for point in points] == [
        (60, 30),
        (60, 10),
        (10, 30),
        (10, 10),
        (30, 30),
        (30, 10),
    ]
    for point in points:
        assert point.settings.endpoint.ttl == point.values["endpoint.ttl"]
        assert point.settings.health.interval == point.values["health.interval"]
        assert point.settings.recovery == settings().recovery


def test_a_value_that_is_given_twice_is_tried_once() -> None:
    chosen = grid(settings(), ["endpoint.ttl=10,60,10", "endpoint.ttl=20"])
    assert chosen.axes == {"endpoint.ttl": (60, 10, 20)}


def test_without_a_wish_what_is_usually_worth_a_try_is_tried() -> None:
    chosen = grid(settings(), [])
    assert set(chosen.axes) < set(SWEPT)
    assert 10 < len(list(chosen.points())) < 100


def test_values_are_refused_in_the_words_of_the_settings_all_at_once() -> None:
    chosen = grid(settings(), ["endpoint.ttl=0,soon", "health.interval=20", "health.mode=deeper"])
    with pytest.raises(SettingsError) as caught:
        list(chosen.points())
    assert str(caught.value).splitlines() == [
        "--set: endpoint.ttl: 0 is out of range; expected 1 to 3600 seconds",
        "--set: endpoint.ttl: 'soon' is not an integer; expected digits without quotes",
        "--set: health.interval: 20 is not allowed; expected 10 or 30",
        "--set: health.mode: 'deeper' is not allowed; expected deep or shallow",
    ]


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        (
            "endpoint.ttl",
            "--set endpoint.ttl: expected KEY=VALUE,VALUE, such as endpoint.ttl=10,30",
        ),
        ("endpoint.ttl=", "--set endpoint.ttl=: expected KEY=VALUE,VALUE"),
        (
            "endpoint.label=mqtt",
            "--set endpoint.label: the simulation does not depend on this setting;",
        ),
        ("ttl=10", "expected one of endpoint.ttl, health.interval,"),
        (
            f"endpoint.ttl={','.join(map(str, range(1, 1_002)))}",
            "--set: 1,001 combinations; expected at most 1,000",
        ),
    ],
    ids=["no value", "empty", "without effect", "no such key", "too many"],
)
def test_a_wish_that_cannot_be_tried_is_refused(assignment: str, message: str) -> None:
    with pytest.raises(UsageError, match=r"^--set") as caught:
        grid(settings(), [assignment])
    assert message in str(caught.value)
