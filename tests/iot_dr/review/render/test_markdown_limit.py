"""A comment is never too long, and leaves out the least important parts."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iot_dr.review.impact.review import Review
from iot_dr.review.render.json_document import fingerprint
from iot_dr.review.render.markdown import LIMIT, Rendered, render
from iot_dr.rules.engine import Judgement
from iot_dr.rules.rule import Verdict
from iot_dr.terraform_json.change import Action
from tests.iot_dr.review.render.reviews import (
    Reads,
    any_review,
    device_change,
    finding,
    review,
    stack,
)
from tests.support.examples import examples

FULL = "0" * 64


def rendered(result: Review) -> Rendered:
    return render(result, full=FULL)


@settings(max_examples=examples(50), suppress_health_check=[HealthCheck.too_slow])
@given(any_review(), st.sampled_from([16_384, 16_384, 16_384, LIMIT]))
def test_no_review_is_longer_than_a_comment_may_be(result: Review, limit: int) -> None:
    page = render(result, limit=limit, full=FULL)
    assert len(page.text.encode()) <= limit
    assert page.text.startswith("### Plan review of `")
    assert "\n\n**block**: " in page.text[:8_000]
    # A random note may contain the hash by chance.
    assert bool(page.cut) == (f"The full review has the SHA-256 `{FULL}`." in page.text)


def test_a_limit_too_small_for_the_verdict_is_rejected() -> None:
    with pytest.raises(ValueError, match="does not fit into 500 bytes"):
        render(review(), limit=500)


def test_a_review_that_fits_is_not_shortened() -> None:
    page = rendered(review(stack("s", (Reads().change("s", 0, Action.UPDATE, '"x"'),))))
    assert page.cut == ()
    assert "This is not all" not in page.text


def test_omitted_parts_are_counted_with_the_full_hash() -> None:
    reads = Reads()
    changes = tuple(reads.change("s", at, Action.CREATE, '"x"') for at in range(3_000))
    result = review(stack("s", changes))
    page = render(result)
    assert f"The full review has the SHA-256 `{fingerprint(result)}`." in page.text
    lines = page.text.count("**create** ")
    diffs = page.text.count("```diff")
    assert page.cut == (
        f"{3_000 - lines:,} changes",
        f"the attributes of {lines - diffs:,} changes",
    )
    assert all(each in page.text.split("\n\n")[2] for each in page.cut)


def test_replacements_are_omitted_last() -> None:
    reads = Reads()
    result = [reads.change("s", at, Action.CREATE, '"x"') for at in range(3_000)]
    replaced = [reads.change("s", at, Action.REPLACE, '"y"') for at in range(3_000, 3_100)]
    text = rendered(review(stack("s", (*result, *replaced)))).text
    assert all(f"**replace** `aws_iot_thing.t{at}`" in text for at in range(3_000, 3_100))
    assert text.count('name: "y"') == 100


def test_blocking_items_are_omitted_last() -> None:
    reads = Reads()
    change = reads.change("s", 0, Action.REPLACE, '"x"')
    worst = [device_change(change, Verdict.BLOCK)] * 30
    mild = [device_change(change, Verdict.WARN)] * 3_000
    blocking = [finding(Verdict.BLOCK, "it must be fixed")] * 30
    odd = [finding(Verdict.WARN, "it is odd")] * 3_000
    page = rendered(
        replace(
            review(stack("iot-dev-iot", (change,)), stack("iot-dev-data", (), "it broke")),
            device_changes=(*worst, *mild),
            judgement=Judgement(findings=(*blocking, *odd), suppressed=()),
        )
    )
    assert page.text.count("- **block** the device name") == 30
    assert page.text.count("it must be fixed") == 30
    assert "it broke" in page.text
    assert "| `iot-dev-iot` | `eu-west-1` primary |" in page.text
    assert "**warn** the device name" in page.text


def test_a_long_table_leaves_room_for_blocking_items() -> None:
    change = Reads().change("s", 0, Action.REPLACE, '"x"')
    stacks = [stack(f"stack-{at}", (change,)) for at in range(5_000)]
    page = rendered(
        replace(review(*stacks), device_changes=(device_change(change, Verdict.BLOCK),))
    )
    assert "**block** the device name" in page.text
    assert "| all |  | 5,000 |" in page.text
    assert page.cut[0].endswith("rows of the table")


def test_a_huge_value_is_shortened_with_its_length() -> None:
    change = Reads().change("s", 0, Action.UPDATE, f'"{"x" * 1_000_000}"')
    page = rendered(review(stack("s", (change,))))
    assert "xx... (1,000,002 characters)" in page.text
    assert len(page.text) < 2_000


def test_a_long_difference_is_shortened_and_counted() -> None:
    change = Reads().change("s", 0, Action.UPDATE, "")
    (diff,) = change.diffs
    long = replace(diff, lines=tuple(f"+{at}" for at in range(10_000)))
    page = rendered(review(stack("s", (replace(change, read_diffs=lambda: (long,)),))))
    assert page.cut == ("the end of 1 long difference",)


def test_omitted_differences_are_never_read() -> None:
    reads = Reads()
    changes = tuple(reads.change("s", at, Action.UPDATE, '"x"') for at in range(50_000))
    rendered(review(stack("s", changes)))
    assert 0 < reads.number < LIMIT / 20
