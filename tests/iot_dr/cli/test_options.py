"""A path that is empty comes of a variable that is not set."""

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
def test_an_empty_path_is_not_the_working_folder(words: tuple[str, ...]) -> None:
    done = iot_dr_here(*words, "")
    assert (done.returncode, done.stdout) == (2, "")
    assert "it is empty; name a path" in " ".join(done.stderr.split())
