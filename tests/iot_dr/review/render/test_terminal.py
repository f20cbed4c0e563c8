"""A review on a terminal."""

from dataclasses import replace
from io import StringIO

import pytest
from hypothesis import given
from rich.cells import cell_len
from rich.console import Console

from iot_dr.review.render.terminal import show
from iot_dr.terraform_json.change import Action
from tests.iot_dr.review.render.formats import on_terminal, plain_text
from tests.iot_dr.review.render.reviews import Reads, review, stack
from tests.support.hostile_text import hostile
from tests.support.sample_review import sample_review


def test_the_first_lines_are_the_title_and_the_verdict() -> None:
    assert plain_text(sample_review()).splitlines()[:2] == [
        "Plan review of dev, provider stand-in, against HEAD (1a2b3c4)",
        "block: the plan replaces the zone iot-dev.example.com, forced by name",
    ]


def test_without_colours_there_is_no_escape_sequence() -> None:
    assert "\x1b" not in plain_text(sample_review())


def test_a_console_with_colours_colours_the_verdict() -> None:
    file = StringIO()
    show(sample_review(), Console(file=file, force_terminal=True, width=100, _environ={}))
    assert "\x1b[1;31mblock\x1b[0m" in file.getvalue()


@given(hostile)
def test_no_string_reaches_the_terminal_as_more_than_text(text: str) -> None:
    shown = on_terminal(sample_review(lambda calm: f"{calm}{text}"), 200)
    assert all(line.isprintable() for line in shown.split("\n"))


@pytest.mark.parametrize("markup", ["[bold]x[/bold]", "[/]", "[link=https://a]x[/link]", ":smile:"])
def test_markup_is_shown_literally(markup: str) -> None:
    assert f"forced by name{markup}" in plain_text(sample_review(lambda calm: f"{calm}{markup}"))


@pytest.mark.parametrize("width", [40, 80, 100, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    lines = on_terminal(sample_review(), width).splitlines()
    assert max(map(cell_len, lines)) <= width


def test_a_narrow_terminal_shows_a_line_for_each_stack() -> None:
    assert "  iot-dev-hosted-zone, eu-west-1: 1 replace, 1 forget, 1 output" in on_terminal(
        sample_review(), 80
    )


def test_new_and_removed_resources_have_no_attributes() -> None:
    reads = Reads()
    changes = (
        reads.change("s", 0, Action.CREATE, '"made"'),
        reads.change("s", 1, Action.UPDATE, '"changed"'),
    )
    shown = plain_text(review(stack("s", changes)))
    assert "create aws_iot_thing.t0\n" in shown
    assert '+ name: "changed"' in shown
    assert "result" not in shown


def test_an_import_shows_its_id() -> None:
    change = replace(
        Reads().change("s", 0, Action.UPDATE, '"x"'), is_imported=True, import_id="an-id"
    )
    moved = replace(change, action=None)
    shown = plain_text(review(stack("s", (change,)), stack("t", (moved,))))
    assert "update aws_iot_thing.t0, imported (an-id)\n" in shown
    assert "import aws_iot_thing.t0 (an-id)\n" in shown


def test_a_long_review_repeats_the_verdict() -> None:
    reads = Reads()
    changes = tuple(reads.change("s", at, Action.CREATE, '"x"') for at in range(30))
    assert plain_text(review(stack("s", changes))).count("block: it is so") == 2
    assert plain_text(review(stack("s", changes[:3]))).count("block: it is so") == 1


def test_most_of_many_changes_are_only_counted() -> None:
    reads = Reads()
    changes = tuple(reads.change("s", at, Action.UPDATE, '"x"') for at in range(1_500))
    shown = plain_text(review(stack("s", changes), stack("t", changes[:5])))
    assert "and 500 more: see the JSON review" in shown
    assert "and 5 more: see the JSON review" in shown
    assert reads.number == 1_000


def test_a_review_without_changes_has_no_table() -> None:
    result = replace(review(stack("iot-dev-data", ())), provider=None, environment=None)
    assert plain_text(result) == "Plan review\nblock: it is so\n\nUnchanged: iot-dev-data\n"
