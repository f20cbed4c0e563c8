"""`make test-room`: the tests of one package and of the packages that import it."""

import subprocess
import sys

import pytest

from tests.rooms import ROOMS, TESTS, USED_BY, room_tests

IOT_DR = TESTS.parent / "iot_dr"
# They judge the repository as a whole.
_OF_NO_ROOM = {TESTS / "test_checks.py", TESTS / "test_rooms.py"}


def test_a_room_has_tests_that_exist_and_is_used_by_rooms_that_exist() -> None:
    for room, tests in ROOMS.items():
        assert all((TESTS / name).exists() for name in tests.split()), room
    assert USED_BY.keys() <= ROOMS.keys()
    assert {user for users in USED_BY.values() for user in users.split()} <= ROOMS.keys()


def test_every_package_is_a_room() -> None:
    packages = {folder.parent.name for folder in IOT_DR.glob("*/__init__.py")}
    others = {"benchmarks", "common", "environments", "functions", "modules", "stacks"}
    assert packages | others == ROOMS.keys()


def test_every_test_is_in_a_room() -> None:
    places = {TESTS / name for tests in ROOMS.values() for name in tests.split()}
    files = set(TESTS.rglob("test_*.py")) - _OF_NO_ROOM
    assert {file for file in files if places.isdisjoint({file, *file.parents})} == set()


def test_a_rooms_tests_come_with_those_of_the_rooms_that_use_it() -> None:
    tests = room_tests("review")
    assert tests[0] == TESTS / "iot_dr" / "review"
    assert {TESTS / "iot_dr" / "apply", TESTS / "iot_dr" / "drill"} < set(tests)
    assert TESTS / "iot_dr" / "rotate" not in tests


@pytest.mark.parametrize("room", ["", "revue"])
def test_a_room_that_does_not_exist_is_refused_with_the_list_of_rooms(room: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.rooms", room],
        cwd=TESTS.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert done.stderr.startswith(f"ROOM={room}: no such room; use one of acceptance, apply, ")
    assert done.stdout == ""
