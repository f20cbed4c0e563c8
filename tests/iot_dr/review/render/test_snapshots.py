"""The sample review in every format, whole."""

from collections.abc import Callable

import pytest
from syrupy.assertion import SnapshotAssertion

from iot_dr.review.impact.review import Review
from iot_dr.review.render import html, json_document, markdown, terminal
from tests.iot_dr.review.render.text_file import text_file
from tests.support.sample_review import sample_review

HOSTILE = "`|\n<b>@org/team #12 www.a.example \x1b[1m\u202e"
FORMATS: dict[str, Callable[[Review], str]] = {
    "md": lambda review: markdown.render(review).text,
    "txt": terminal.render,
    "json": json_document.render,
    "html": html.render,
}


@pytest.mark.parametrize("ending", FORMATS)
def test_a_review_is_shown_as_it_was(ending: str, snapshot: SnapshotAssertion) -> None:
    assert FORMATS[ending](sample_review()) == snapshot.use_extension(text_file(ending))


@pytest.mark.parametrize("ending", FORMATS)
def test_a_review_full_of_hostile_text_is_shown_as_it_was(
    ending: str, snapshot: SnapshotAssertion
) -> None:
    review = sample_review(lambda text: text + HOSTILE)
    assert FORMATS[ending](review) == snapshot.use_extension(text_file(ending))
