"""The table of public designs in docs/why.md says what `check` and `prove` say."""

from tests.support.public_designs_page import PAGE, page


def test_the_table_is_current() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert page(text) == text, "run `make docs`"
