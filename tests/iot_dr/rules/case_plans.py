"""Plans the cases once for all tests, and as a program writes the sample again."""

import iot_dr  # noqa: F401, I001 - first, for the fast start

import json
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

from iot_dr.terraform_json.json_value import Json, is_mapping, is_sequence
from iot_dr.delivery.session import RunLimits, Session, offline_session
from iot_dr.terraform.terraform import Terraform
from tests.support.made_once import made_once

CASES = Path(__file__).with_name("cases")
SAMPLE = CASES / "naive-design" / "bad.naive.json"
"""The one plan that is kept, which the README judges."""
_KINDS = ("bad", "good")
# The stand-in refuses a provider without a region; the official one takes the shell's.
_OFFICIAL = "resource-without-provider/bad.platform.tf"
_LEFT_OUT = {
    *("timestamp", "relevant_attributes", "before_sensitive", "after_sensitive"),
    *("sensitive_values", "applyable", "complete", "errored", "schema_version"),
}


def _files() -> Iterator[Path]:
    """Return the HCL of every case that the stand-in plans."""
    result = (file for kind in _KINDS for file in sorted(CASES.glob(f"*/{kind}.*.tf")))
    return (file for file in result if not file.match(_OFFICIAL))


@cache
def plans() -> dict[str, Any]:
    """Return the plan of every case by the name of its HCL, below the folder of the cases."""
    return made_once("rules' cases", _plans)


def _plans() -> dict[str, Any]:
    with (
        TemporaryDirectory() as work,
        offline_session(CASES, Path(work), RunLimits(jobs=1, timeout=60)) as session,
    ):
        return {str(file.relative_to(CASES)): _plan(session, file) for file in _files()}


def _plan(session: Session, file: Path) -> dict[str, Any]:
    """Plan a case: a new platform, or the change of the one in the `before` next to it."""
    folder = Path(mkdtemp(dir=session.work))
    before = file.with_name(f"before.{file.name.split('.', 1)[1]}")
    with session.pool.lent() as commands:
        terraform = Terraform(folder, commands, session.timeout)
        out = folder / "case.tfplan"
        for step in (before, file):
            if step.is_file():
                shutil.copy(step, folder / "main.tf")
                terraform.init(backend=False)
                terraform.plan(out)
                if step is before:
                    terraform.apply(out)
        return _trimmed(terraform.show(out))


def _trimmed(value: Json) -> Json:
    """Leave out what no rule reads, and what differs between two runs."""
    if is_mapping(value):
        return {key: _trimmed(each) for key, each in value.items() if key not in _LEFT_OUT}
    return [_trimmed(each) for each in value] if is_sequence(value) else value


def sample() -> dict[str, Any]:
    """Return the plan of the naive design."""
    return plans()[str(SAMPLE.relative_to(CASES).with_suffix(".tf"))]


if __name__ == "__main__":
    SAMPLE.write_text(f"{json.dumps(sample(), indent=1, sort_keys=True)}\n", encoding="utf-8")
