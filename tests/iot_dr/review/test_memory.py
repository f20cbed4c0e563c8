"""What a large plan takes in memory."""

import gc
import json
import tracemalloc
from collections.abc import Callable, Generator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from iot_dr.resources.resource_set import ResourceSet
from iot_dr.review.plan_source import PlanSource, StackSource
from iot_dr.review.reading import read
from iot_dr.review.render import html, json_document, markdown, terminal
from iot_dr.review.review import Review
from iot_dr.review.reviewing import review
from tests.support.plan_parts import document, entry, update
from tests.support.sample_review import sample_review

CHANGES = 6_000


def write_text(made: Review, file: BinaryIO) -> None:
    text = TextIOWrapper(file, encoding="utf-8")
    terminal.write(made, text)
    text.detach()


WRITERS: dict[str, Callable[[Review, BinaryIO], object]] = {
    "terminal": write_text,
    "markdown": lambda made, file: file.write(markdown.render(made).text.encode()),
    "html": html.write,
    "json": json_document.write,
}


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


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "plan.json"
    write_plan(file)
    return file


@contextmanager
def in_less_than_three_times_its_size(file: Path) -> Generator[None]:
    gc.collect()
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3 * file.stat().st_size


def test_a_plan_is_read_and_told_in_less_than_three_times_its_size(file: Path) -> None:
    # Python's own table of names doubles at some time.
    read(planned(file))
    with in_less_than_three_times_its_size(file):
        told = read(planned(file))
        assert sum(len(each.diffs) for each in told.review.changes) == CHANGES
        assert told.resources is not None
        resources = ResourceSet([told.resources])
        names = {each.values["name"] for each in resources.of_type("aws_x")}
        assert len(names) == CHANGES


def test_what_the_rules_read_of_it_is_kept_in_less_than_three_times_its_size(
    tmp_path: Path,
) -> None:
    file = tmp_path / "plan.json"
    changes = [update(f"aws_x.y{at}", {}, {"l": [0.5] * 800}) for at in range(1_500)]
    file.write_text(json.dumps(document(resource_changes=changes)), encoding="utf-8")
    with in_less_than_three_times_its_size(file):
        told = read(planned(file)).resources
        assert told is not None
        found = ResourceSet([told]).of_type("aws_x")
        assert sum(len(each.values["l"]) for each in found) == 1_500 * 800


@pytest.mark.parametrize("form", WRITERS)
def test_a_review_of_it_is_written_in_less_than_three_times_its_size(
    form: str, tmp_path: Path
) -> None:
    file = tmp_path / "plan.json"
    after = {"m": {f"k{at}": at for at in range(400)}}
    changes = [update(f"aws_x.y{at}", {}, after) for at in range(150)]
    file.write_text(json.dumps(document(resource_changes=changes)), encoding="utf-8")
    plans = PlanSource(environment=None, provider=None, base=None, stacks=(planned(file),))
    with (tmp_path / "warm-up").open("wb") as first:
        WRITERS[form](sample_review(), first)
    with in_less_than_three_times_its_size(file), (tmp_path / "review").open("wb") as written:
        WRITERS[form](review(plans, None), written)
    assert b"aws_x.y149" in (tmp_path / "review").read_bytes()


def planned(file: Path) -> StackSource:
    return StackSource(name="x", region=None, role=None, status="planned", file=file)
