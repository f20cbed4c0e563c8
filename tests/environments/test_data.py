"""The block `data`: accepted values, and refusals that are reported at once."""

import pytest
from pydantic import ValidationError

from environments.settings import Data, Settings
from tests.environments.files import VALID, mistakes
from tests.support.settings import settings


def test_data_is_null_by_default() -> None:
    assert settings().data is None
    assert settings(data=None).data is None


def test_an_empty_block_takes_the_defaults() -> None:
    chosen = settings(data={}).data
    assert chosen == Data(point_in_time_days=35, stream_hours=24, reconcile_hours=24)


def test_it_survives_being_written_and_read() -> None:
    chosen = settings(data={"stream_hours": 48})
    assert Settings.model_validate(chosen.model_dump()) == chosen


@pytest.mark.parametrize(
    ("key", "lowest", "highest"),
    [
        *(("point_in_time_days", 1, 35), ("stream_hours", 24, 8760)),
        *(("stream_shards", 1, 1000), ("reconcile_hours", 1, 168), ("reconcile_rate", 1, 1000)),
        ("parallelization_factor", 1, 10),
    ],
)
def test_each_number_is_within_its_bounds(key: str, lowest: int, highest: int) -> None:
    for number in (lowest, highest):
        assert getattr(settings(data={key: number}).data, key) == number
    for number in (lowest - 1, highest + 1):
        with pytest.raises(ValidationError, match=f"{lowest} to {highest}"):
            settings(data={key: number})


def test_what_devices_report_is_copied_unless_the_settings_say_otherwise() -> None:
    assert Data().copy_reported
    assert not Data(copy_reported=False).copy_reported
    for other in ("no", 0, None):
        with pytest.raises(ValidationError, match="copy_reported"):
            settings(data={"copy_reported": other})


def test_all_mistakes_are_reported_at_once_with_their_lines() -> None:
    block = "data: {point_in_time_days: 36, stream_hours: 1.5, reconcile_hours: 0, days: 1}\n"
    found_mistakes = mistakes(VALID + block)
    assert sorted(each.key for each in found_mistakes) == [
        "data.days",
        "data.point_in_time_days",
        "data.reconcile_hours",
        "data.stream_hours",
    ]
    assert {each.line for each in found_mistakes} == {VALID.count("\n") + 1}
