"""Makes the plan JSON beside the cases: `python -m tests.iot_dr.rules.case_plans`."""

import iot_dr  # noqa: F401, I001 # pyright: ignore[reportUnusedImport] - first, for the fast start

import json
import shutil
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from iot_dr.resources.json_value import Json, is_mapping, is_sequence
from iot_dr.terraform.session import Limits, Session, offline_session
from iot_dr.terraform.terraform import Terraform

CASES = Path(__file__).with_name("cases")
_KINDS = ("bad", "good")
# The stand-in refuses a provider without a region; the official one takes the shell's.
_OFFICIAL = "resource-without-provider/bad.platform.tf"
_LEFT_OUT = {
    *("timestamp", "relevant_attributes", "before_sensitive", "after_sensitive"),
    *("sensitive_values", "applyable", "complete", "errored", "schema_version"),
}


def files() -> Iterator[Path]:
    """Give the HCL of every case that the stand-in plans."""
    found = (file for kind in _KINDS for file in sorted(CASES.glob(f"*/{kind}.*.tf")))
    return (file for file in found if not file.match(_OFFICIAL))


@contextmanager
def planner(work: Path) -> Generator[Session]:
    """Run Terraform in this process, with the stand-in provider."""
    with offline_session(CASES, work, Limits(jobs=1, timeout=60)) as session:
        yield session


def plan(session: Session, file: Path) -> dict[str, Any]:
    """Plan a case: a new platform, or the change of the one in the `before` beside it."""
    folder = Path(tempfile.mkdtemp(dir=session.work))
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
        return trimmed(terraform.show(out))


def trimmed(value: Json) -> Json:
    """Leave out what no reader asks for, and what is another at each run."""
    if is_mapping(value):
        return {key: trimmed(each) for key, each in value.items() if key not in _LEFT_OUT}
    return [trimmed(each) for each in value] if is_sequence(value) else value


def main() -> None:
    """Write the plan of every case beside its HCL."""
    with tempfile.TemporaryDirectory() as work, planner(Path(work)) as session:
        for file in files():
            text = json.dumps(plan(session, file), indent=1, sort_keys=True)
            file.with_suffix(".json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
