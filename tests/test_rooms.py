"""`make test-room`: the tests of one package and of the packages that import it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.rooms import ROOMS, TESTS, room_tests

ROOT = TESTS.parent
IOT_DR = ROOT / "iot_dr"
# They judge the repository as a whole.
_OF_NO_ROOM = {TESTS / "test_checks.py", TESTS / "test_rooms.py"}


def test_a_room_has_tests_that_exist() -> None:
    for room, tests in ROOMS.items():
        assert all((TESTS / name).exists() for name in tests.split()), room


def test_every_package_is_a_room() -> None:
    packages = {folder.parent.name for folder in IOT_DR.glob("*/__init__.py")}
    others = {"environments", "functions", "modules", "stacks", "tools"}
    assert packages | others == ROOMS.keys()


def test_every_test_is_in_a_room() -> None:
    places = {TESTS / name for tests in ROOMS.values() for name in tests.split()}
    files = set(TESTS.rglob("test_*.py")) - _OF_NO_ROOM
    assert {file for file in files if places.isdisjoint({file, *file.parents})} == set()


def test_a_rooms_tests_come_with_those_of_the_rooms_that_import_it() -> None:
    tests = room_tests("review")
    assert tests[0] == TESTS / "iot_dr" / "review"
    assert {TESTS / "iot_dr" / "delivery", TESTS / "iot_dr" / "cli"} < set(tests)
    assert TESTS / "iot_dr" / "emit" not in tests


def test_an_import_of_a_package_that_comes_later_fails_the_style_check(tmp_path: Path) -> None:
    late = {
        "common/late.py": "import iot_dr.drill.case\n",
        "review/read/late.py": "import iot_dr.review.render.html\n",
    }
    done = _contracts_of_a_copy(tmp_path, late)
    assert done.returncode == 1
    assert "iot_dr.common is not allowed to import iot_dr.drill" in done.stdout
    assert "iot_dr.review.read is not allowed to import iot_dr.review.render" in done.stdout


def test_a_package_without_a_place_in_the_order_fails_the_style_check(tmp_path: Path) -> None:
    new = {"another/__init__.py": "", "review/another/__init__.py": ""}
    done = _contracts_of_a_copy(tmp_path, new)
    assert done.returncode == 1
    assert "- iot_dr.another" in done.stdout
    assert "- iot_dr.review.another" in done.stdout


def _contracts_of_a_copy(
    folder: Path, files: Mapping[str, str]
) -> "subprocess.CompletedProcess[str]":
    for package in ("environments", "functions", "iot_dr", "modules", "stacks"):
        shutil.copytree(
            ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", folder)
    for name, content in files.items():
        file = folder / "iot_dr" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(content, encoding="utf-8")
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("room", ["", "revue"])
def test_a_room_that_does_not_exist_is_refused_with_the_list_of_rooms(room: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.rooms", room],
        cwd=TESTS.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert done.stderr.startswith(f"ROOM={room}: no such room; use one of acceptance, bindings, ")
    assert done.stdout == ""
