"""Versions are semantic, and one leads to the next."""

import pytest

from iot_dr.emit.contract.version import Kind, Version


@pytest.mark.parametrize(
    ("before", "after", "step"),
    [
        ("1.2.3", "2.0.0", "major"),
        ("1.2.3", "1.10.0", "minor"),
        ("1.2.3", "1.2.10", "patch"),
        ("1.2.3", "1.2.3", None),
        ("1.2.3", "1.1.9", None),
    ],
)
def test_a_step_is_told_by_the_first_number_that_grew(
    before: str, after: str, step: Kind | None
) -> None:
    assert Version.of(before).step_to(Version.of(after)) == step


@pytest.mark.parametrize(
    ("kind", "after"), [("major", "2.0.0"), ("minor", "1.3.0"), ("patch", "1.2.4")]
)
def test_the_numbers_behind_the_one_that_grows_start_anew(kind: Kind, after: str) -> None:
    assert str(Version.of("1.2.3").after(kind)) == after


@pytest.mark.parametrize("text", ["v1.0.0", "1.0", "1.0.0-rc.1", "01.0.0", "1.0.0\n", "\u0661.0.0"])
def test_what_is_no_released_version_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no version; write MAJOR\.MINOR\.PATCH"):
        Version.of(text)
