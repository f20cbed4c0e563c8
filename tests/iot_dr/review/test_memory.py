"""The memory that a large plan takes."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.iot_dr.review.memory_program import CHANGES, LISTS, NUMBERS, WRITERS
from tests.support.command import ROOT, plain_environment
from tests.support.plan_parts import document, entry, update


def values(number: int, **more: Any) -> dict[str, Any]:
    return {"id": f"{number:032x}", "name": f"name-{number}", "tags": {"a": "b"}, **more}


def write_plan(file: Path) -> None:
    """Write a plan of updates, which repeats them in planned values and the prior state."""
    changes: list[Any] = []
    sizes: list[Any] = []
    for number in range(CHANGES):
        before, after = values(number, ttl=60), values(number, ttl=300)
        changes.append(update(f"aws_x.y{number}", before, after))
        sizes.append({**entry(f"aws_x.y{number}"), "values": after, "sensitive_values": {}})
    module = {"root_module": {"resources": sizes}}
    plan = document(
        resource_changes=changes,
        planned_values=module,
        prior_state={"format_version": "1.0", "values": module},
    )
    file.write_text(json.dumps(plan, separators=(",", ":")), encoding="utf-8")


def peak(mode: str, file: Path) -> int:
    """Measure in a new process: memory of earlier tests would count here."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.iot_dr.review.memory_program", mode, str(file)],
        cwd=ROOT,
        env=plain_environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def test_a_plan_is_read_and_compared_in_less_than_three_times_its_size(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    write_plan(file)
    assert peak("report", file) < 3 * file.stat().st_size


@pytest.mark.exhaustive
def test_the_rules_resources_take_less_than_three_times_its_size(
    tmp_path: Path,
) -> None:
    file = tmp_path / "plan.json"
    changes = [update(f"aws_x.y{at}", {}, {"l": [0.5] * NUMBERS}) for at in range(LISTS)]
    file.write_text(json.dumps(document(resource_changes=changes)), encoding="utf-8")
    assert peak("keep", file) < 3 * file.stat().st_size


@pytest.mark.parametrize(
    "form",
    [
        writer if writer == "html" else pytest.param(writer, marks=pytest.mark.exhaustive)
        for writer in WRITERS
    ],
)
def test_a_review_of_it_is_written_in_less_than_three_times_its_size(
    form: str, tmp_path: Path
) -> None:
    file = tmp_path / "plan.json"
    after = {"m": {f"k{at}": f"{at:040}" for at in range(100)}}
    changes = [update(f"aws_x.y{at}", {}, after) for at in range(75)]
    file.write_text(json.dumps(document(resource_changes=changes)), encoding="utf-8")
    assert peak(form, file) < 3 * file.stat().st_size
    assert b"aws_x.y74" in (tmp_path / "review").read_bytes()
