"""Every form of a design's Terraform has its verdict, or is not judged."""

import pytest

from tools.forms.forms import Form
from tools.forms.matrix import Row, as_text, design_rows, emitted_row, own_rows
from tools.forms.verdicts import Judged

_COMPLETE = (Form.UNCHANGED, Form.CHANGED)


def test_the_opposite_of_a_designs_verdict_is_a_contradiction() -> None:
    verdicts = {Form.FIRST_PLAN: Judged.OPEN, Form.STATE: Judged.WRONG, Form.CHANGED: Judged.RIGHT}
    assert Row("right", False, verdicts).contradictions == (Form.STATE,)
    assert Row("wrong", True, verdicts).contradictions == (Form.CHANGED,)
    assert as_text([Row("right", False, verdicts)]).endswith(
        "1 contradictions in 3 forms of 1 designs: right as state"
    )


@pytest.mark.exhaustive
def test_our_stacks_and_modules_are_proved_once_their_values_are_known() -> None:
    rows = [*own_rows("dev"), *own_rows("prod"), emitted_row()]
    assert not any(row.contradictions for row in rows), as_text(rows)
    for row in rows:
        assert all(row.verdicts[form] is Judged.RIGHT for form in _COMPLETE), as_text(rows)


@pytest.mark.exhaustive
def test_designs_of_other_projects_have_one_verdict() -> None:
    rows = list(design_rows())
    right = [row for row in rows if not row.is_wrong]
    unjudged = [row for row in right if row.verdicts[Form.UNCHANGED] is Judged.OPEN]
    assert not any(row.contradictions for row in rows), as_text(rows)
    assert len(unjudged) * 10 <= len(right), as_text(rows)
