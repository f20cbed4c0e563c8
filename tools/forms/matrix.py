"""The designs, their forms, and the matrix of verdicts."""

import os
import shutil
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, cast

import yaml

from environments.loader import load
from environments.settings import Settings
from iot_dr.emit.catalogue import CATALOGUE
from iot_dr.emit.emission import emit
from iot_dr.generate.expectation import design_expectation
from iot_dr.prover.proofs import proofs
from iot_dr.rules.engine import judge
from iot_dr.rules.rule import Verdict
from iot_dr.terraform.commands import Commands
from iot_dr.terraform.engine import Engine
from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.daemon import Daemon
from iot_dr.terraform.standin.mirror import standin_environment
from iot_dr.terraform_json.document import stack_resources
from iot_dr.terraform_json.resource_set import ResourceSet
from tools.forms.forms import Form, Forms, as_hcl, module_forms, stack_forms


class Judged(StrEnum):
    """What a reader of both commands concludes."""

    RIGHT = "right"
    WRONG = "wrong"
    OPEN = "not judged"


def _judged(documents: Mapping[str, bytes], settings: Settings | None) -> Judged:
    """Return the verdict: wrong if a rule blocks or the proof disproves, right if it proves.

    It is open otherwise.
    """
    stacks = [stack_resources(name, document) for name, document in documents.items()]
    resources = ResourceSet(stacks)
    expected = design_expectation(settings) if settings else None
    judgement = judge(resources, expected, expected.accepted_rules if expected else ())
    results = proofs(resources, expected)
    if judgement.verdict is Verdict.BLOCK or any(proof.violations for proof in results):
        return Judged.WRONG
    is_proved = bool(results) and all(proof.is_proved for proof in results)
    return Judged.RIGHT if is_proved else Judged.OPEN


_FOLDER: Final = Path(__file__).parent
_DESIGNS: Final = _FOLDER / "designs"
_AS_HCL: Final = "-hcl"


@dataclass(frozen=True, slots=True)
class Row:
    """A design, whether it is wrong, and the verdict in each of its forms."""

    design: str
    is_wrong: bool
    verdicts: dict[Form, Judged]

    @property
    def contradictions(self) -> tuple[Form, ...]:
        """The forms with the opposite of the design's verdict."""
        opposite = Judged.RIGHT if self.is_wrong else Judged.WRONG
        return tuple(form for form, verdict in self.verdicts.items() if verdict is opposite)


def own_rows(environment: str) -> Iterator[Row]:
    """Yield the row of an environment's stacks, with and without its settings."""
    settings = load(environment)
    with TemporaryDirectory() as folder:
        forms = stack_forms(settings, Path(folder))
    yield _row(f"{environment} with settings", forms, settings=settings)
    yield _row(environment, forms)


def emitted_row() -> Row:
    """Return the row of the emitted platform, as its complete example calls it."""
    with _terraform() as (commands, folder):
        emit(list(CATALOGUE), folder / "dist", force=False)
        return _row("emitted", module_forms(folder / "dist" / "examples" / "complete", commands))


def design_rows() -> Iterator[Row]:
    """Yield the rows of the designs in `designs`, then of the wrong ones made of them."""
    entries: object = yaml.safe_load((_FOLDER / "wrong.yaml").read_text())
    wrong = cast("Sequence[tuple[str, str, str, str]]", entries)
    right = sorted(each.name for each in _DESIGNS.iterdir())
    made = [(name, name, "", "") for name in right] + [tuple(each) for each in wrong]
    with _terraform() as (commands, folder):
        for name, design, old, new in made:
            for kind in _kinds(design):
                root = folder / f"{name}{kind}"
                shutil.copytree(_DESIGNS / design, root)
                _change(root, old, new)
                if kind:
                    as_hcl(root)
                yield _row(root.name, module_forms(root, commands), is_wrong=name not in right)


def as_text(rows: Sequence[Row]) -> str:
    """Return the matrix as a table, with the contradictions in the last line."""
    lines = [f"{'design':28}" + "".join(f"{form:>22}" for form in Form)]
    for row in rows:
        name = f"{row.design}{' (wrong)' if row.is_wrong else ''}"
        lines.append(f"{name:28}" + "".join(f"{row.verdicts.get(form, '-'):>22}" for form in Form))
    contradictions = [f"{row.design} as {form}" for row in rows for form in row.contradictions]
    total = sum(len(row.verdicts) for row in rows)
    count = f"{len(contradictions)} contradictions in {total} forms of {len(rows)} designs"
    return "\n".join([*lines, ": ".join([count, *filter(None, [", ".join(contradictions)])])])


@contextmanager
def _terraform() -> Generator[tuple[Commands, Path]]:
    """Yield Terraform with the stand-in, and a folder for its files."""
    cache = SchemaCache.default()
    with TemporaryDirectory() as folder, Daemon(cache) as daemon:
        variables = {**standin_environment(cache), **daemon.environment}
        commands = Engine.chosen(os.environ).commands(variables)
        try:
            yield commands, Path(folder)
        finally:
            commands.close()


def _row(
    name: str, forms: Forms, *, is_wrong: bool = False, settings: Settings | None = None
) -> Row:
    return Row(name, is_wrong, {form: _judged(each, settings) for form, each in forms.items()})


def _kinds(design: str) -> tuple[str, ...]:
    """Return the suffixes under which a design is judged: JSON once more as HCL."""
    return ("", _AS_HCL) if list((_DESIGNS / design).glob("*.tf.json")) else ("",)


def _change(root: Path, old: str, new: str) -> None:
    """Replace the first occurrence of a text in each file of a design that has it."""
    for file in (each for each in root.rglob("*.tf*") if old):
        file.write_text(file.read_text().replace(old, new, 1))
