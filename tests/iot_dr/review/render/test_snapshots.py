"""The complete sample review in every format."""

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.iot_dr.review.render.formats import FORMATS
from tests.iot_dr.review.render.text_file import text_file
from tests.support.sample_review import sample_review

HOSTILE = "`|\n<b>@org/team #12 www.a.example \x1b[1m\u202e"


@pytest.mark.parametrize("ending", FORMATS)
def test_a_review_in_each_format(ending: str, snapshot: SnapshotAssertion) -> None:
    assert FORMATS[ending](sample_review()) == snapshot.use_extension(text_file(ending))


@pytest.mark.parametrize("ending", FORMATS)
def test_a_hostile_review_in_each_format(ending: str, snapshot: SnapshotAssertion) -> None:
    review = sample_review(lambda text: text + HOSTILE)
    assert FORMATS[ending](review) == snapshot.use_extension(text_file(ending))
