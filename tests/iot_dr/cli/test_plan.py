"""Where `iot-dr plan` keeps its plans."""

from pathlib import Path

import pytest

from tests.support.command import iot_dr_here


@pytest.mark.parametrize("below", ["", "below"])
def test_a_file_in_the_place_of_the_folder_is_refused_before_anything_is_planned(
    tmp_path: Path, below: str
) -> None:
    file = tmp_path / "plans"
    file.touch()
    out = file / below
    done = iot_dr_here("plan", "--out", str(out))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"--out {out}: is not a folder; expected a folder or a new path\n"


@pytest.mark.usefixtures("lent")
def test_plans_that_cannot_be_kept_are_reported_with_the_option(tmp_path: Path) -> None:
    out = tmp_path / "plans"
    (out / "manifest.json").mkdir(parents=True)
    done = iot_dr_here("plan", "--wave", "1", "--out", str(out), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    planned, line = done.stderr.splitlines()
    assert planned.startswith("iot-dev-state: ")
    assert line == f"--out {out}: the plans cannot be kept: Is a directory"
