"""What a large plan takes in memory."""

import gc
import json
import tracemalloc
from pathlib import Path
from typing import Any

from iot_dr.resources.resource_set import ResourceSet
from iot_dr.review.plan_source import StackSource
from iot_dr.review.reading import read
from tests.support.plan_parts import document, entry, update

CHANGES = 6_000


def values(number: int, **more: Any) -> dict[str, Any]:
    return {"id": f"{number:032x}", "name": f"name-{number}", "tags": {"a": "b"}, **more}


def write_plan(file: Path) -> None:
    """Write updates with what a plan repeats of them: planned values and the prior state."""
    changes: list[Any] = []
    told: list[Any] = []
    for number in range(CHANGES):
        before, after = values(number, ttl=60), values(number, ttl=300)
        changes.append(update(f"aws_x.y{number}", before, after))
        told.append({**entry(f"aws_x.y{number}"), "values": after, "sensitive_values": {}})
    module = {"root_module": {"resources": told}}
    plan = document(
        resource_changes=changes,
        planned_values=module,
        prior_state={"format_version": "1.0", "values": module},
    )
    file.write_text(json.dumps(plan, separators=(",", ":")), encoding="utf-8")


def test_a_plan_is_read_and_told_in_less_than_three_times_its_size(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    write_plan(file)
    source = StackSource(name="x", region=None, role=None, status="planned", file=file)
    gc.collect()
    tracemalloc.start()
    try:
        told = read(source)
        assert sum(len(each.diffs) for each in told.review.changes) == CHANGES
        assert told.resources is not None
        resources = ResourceSet([told.resources])
        names = {each.values["name"] for each in resources.of_type("aws_x")}
        assert len(names) == CHANGES
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3 * file.stat().st_size
