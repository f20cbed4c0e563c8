"""The page about the API: it is what signatures and docstrings say."""

from iot_dr import api
from tests.support.api_page import PAGE, page


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "run .venv/bin/python -m tests.support.api_page"
    )


def test_every_name_of_the_api_has_a_docstring() -> None:
    assert all(getattr(api, name).__doc__ for name in api.__all__)
