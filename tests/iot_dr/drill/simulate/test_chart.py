"""The picture of a sweep."""

from xml.etree import ElementTree as ET

import pytest

from iot_dr.drill.simulate.chart import chart
from tests.iot_dr.drill.simulate.sweeps import swept

TTL = "endpoint.ttl"


def texts(svg: bytes) -> list[str]:
    root = ET.fromstring(svg)  # noqa: S314 - the project's own
    return ["".join(each.itertext()) for each in root.iter("{http://www.w3.org/2000/svg}text")]


@pytest.fixture(scope="module")
def drawn() -> bytes:
    tried = [swept({TTL: ttl}, 100.0 + ttl) for ttl in range(1, 61)]
    return chart(tried, {TTL: 60}, 150, "dev: loss of a region")


def test_it_has_a_row_for_each_of_the_fastest_and_for_the_settings_of_now(drawn: bytes) -> None:
    labels = texts(drawn)
    assert "ttl 1" in labels
    assert "ttl 40" in labels
    assert "ttl 41" not in labels
    assert "now: ttl 60" in labels
    assert "dev: loss of a region; 19 slower ones not shown" in labels


def test_its_axis_has_a_unit_and_its_marks_are_reported(drawn: bytes) -> None:
    labels = texts(drawn)
    assert "seconds after the outage" in labels
    for mark in ("p50: half are back", "p99: 99 % are back", "target 150 s (recovery.rto)"):
        assert mark in labels


def test_the_same_sweep_is_drawn_in_the_same_bytes() -> None:
    tried = [swept({TTL: 60}, 100.0)]
    one, two = (chart(tried, {TTL: 60}, 150, "dev") for _ in range(2))
    assert one == two
