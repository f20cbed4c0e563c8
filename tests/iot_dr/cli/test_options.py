"""An empty path comes from an unset variable."""

import pytest

from tests.support.command import iot_dr_here


@pytest.mark.parametrize(
    "words",
    [
        ("plan", "--out"),
        ("apply", "--plans"),
        ("apply", "--plans", "plans", "--review"),
        ("review", "--plans"),
        ("comment", "--body"),
        ("check",),
    ],
    ids=" ".join,
)
def test_an_empty_path_is_refused(words: tuple[str, ...]) -> None:
    done = iot_dr_here(*words, "")
    assert (done.returncode, done.stdout) == (2, "")
    assert "must not be empty; expected a path" in " ".join(done.stderr.split())
