import re

import pytest

from iot_dr.emit.variables.pattern import conditions


def test_what_a_lookahead_refuses_is_a_condition_of_its_own() -> None:
    assert list(conditions(r"(?!${)(?:a\.)+(?!b$|c$)[a-c]", "var.text")) == [
        r'can(regex("^(?:(?:a\\.)+[a-c])$", var.text))',
        r'!can(regex("^(?:$${)", var.text))',
        r'!can(regex("^(?:a\\.)+(?:b$|c$)", var.text))',
    ]


@pytest.mark.parametrize(
    ("pattern", "because"),
    [
        (r"a\d", r"'\\d'"),
        (r"\S(.*\S)?", r"'\\S'"),
        (r"(a)\1", r"'\\1'"),
        ("(?i)a", "'(?'"),
        ("(?=a)a", "'(?'"),
        ("(?!a(b))c", "'(?'"),
    ],
)
def test_a_pattern_that_terraform_cannot_have_is_refused(pattern: str, because: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"because of {because}")) as refused:
        list(conditions(pattern, "var.text"))
    assert repr(pattern) in str(refused.value)
