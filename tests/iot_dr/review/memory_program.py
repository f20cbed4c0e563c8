"""Prints the peak memory, in bytes, of reading a plan or of writing its review.

The first argument is what is measured, the second the file of the plan.
"""

import gc
import json
import sys
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import BinaryIO

from iot_dr.review.impact.plan_review import review
from iot_dr.review.impact.review import Review
from iot_dr.review.read.plan_source import PlanSource, StackSource
from iot_dr.review.render import html, json_document, markdown, terminal
from iot_dr.terraform_json.resource_set import ResourceSet
from tests.iot_dr.review.read_one import read_one
from tests.support.plan_parts import document
from tests.support.sample_review import sample_review

CHANGES = 3_000
NUMBERS, LISTS = 800, 1_500


def write_text(result: Review, file: BinaryIO) -> None:
    text = TextIOWrapper(file, encoding="utf-8")
    terminal.write(result, text)
    text.detach()


WRITERS: dict[str, Callable[[Review, BinaryIO], object]] = {
    "terminal": write_text,
    "markdown": lambda result, file: file.write(markdown.render(result).text.encode()),
    "html": html.write,
    "json": json_document.write,
}


def stack(file: Path) -> StackSource:
    return StackSource(name="x", region=None, role=None, status="planned", file=file)


def report(file: Path) -> None:
    stack_read = read_one(stack(file))
    assert sum(len(each.diffs) for each in stack_read.review.changes) == CHANGES
    assert stack_read.resources is not None
    resources = ResourceSet([stack_read.resources])
    names = {each.values["name"] for each in resources.of_type("aws_x")}
    assert len(names) == CHANGES


def keep(file: Path) -> None:
    stack_read = read_one(stack(file)).resources
    assert stack_read is not None
    matching = ResourceSet([stack_read]).of_type("aws_x")
    assert sum(len(each.values["l"]) for each in matching) == LISTS * NUMBERS


def reviewed(file: Path) -> Review:
    plans = PlanSource(environment=None, provider=None, base=None, stacks=(stack(file),))
    return review(plans, None)


@dataclass(frozen=True)
class Write:
    """Writes a review in one format to the file `review` next to the plan."""

    form: str

    def warm_up(self, file: Path) -> None:
        # A review imports the rules.
        small = file.with_name("small.json")
        small.write_text(json.dumps(document()), encoding="utf-8")
        reviewed(small)
        WRITERS[self.form](sample_review(), BytesIO())

    def __call__(self, file: Path) -> None:
        with file.with_name("review").open("wb") as written:
            WRITERS[self.form](reviewed(file), written)


# Warm up before the measurement: modules are loaded, and Python's intern table grows.
MEASURED: dict[str, tuple[Callable[[Path], object], Callable[[Path], None]]] = {
    "report": (report, report),
    "keep": (lambda _file: None, keep),
    **{form: (Write(form).warm_up, Write(form)) for form in WRITERS},
}


def peak(mode: str, file: Path) -> int:
    warm_up, work = MEASURED[mode]
    warm_up(file)
    gc.collect()
    tracemalloc.start()
    work(file)
    return tracemalloc.get_traced_memory()[1]


if __name__ == "__main__":
    sys.stdout.write(f"{peak(sys.argv[1], Path(sys.argv[2]))}\n")
