"""The check of `make lint` that a fact has one owner: no two files define equal constants.

Constants are equal if name and value are, with or without `_`; a distinctive string is equal to
itself under any name. Rename what is equal by chance, and import the rest from one owner.
`equal_constants.yaml` next to this file lists what may be equal, each with its reason.
"""

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import yaml

ROOT: Final = Path(__file__).parents[1]
ALLOWED: Final = Path(__file__).with_suffix(".yaml")

_PACKAGES: Final = ("environments", "functions", "iot_dr", "modules", "stacks")
# It answers for AWS: with its own copy of a limit it finds one that is wrong in the modules.
_INDEPENDENT: Final = "iot_dr/terraform/standin/"
_NAME: Final = re.compile(r"_?([A-Z][A-Z0-9_]+)")
# Terraform's own vocabulary, which cannot drift.
_RESOURCE_TYPE: Final = re.compile(r"'(aws_[a-z0-9_]+|terraform_remote_state)'")
_DISTINCTIVE: Final = re.compile(r"'(?=[a-z]*[^a-z'])(.{9,})'")


def equal_constants(root: Path) -> dict[str, list[str]]:
    """Return the constants that two files define, as `NAME = VALUE`, each with `FILE:LINE`."""
    places = defaultdict[str, list[str]](list)
    for file in sorted(file for name in _PACKAGES for file in (root / name).rglob("*.py")):
        name = file.relative_to(root).as_posix()
        if not name.startswith(_INDEPENDENT):
            for constant, line in _constants(file.read_text(encoding="utf-8")):
                places[constant].append(f"{name}:{line}")
    return {
        constant: lines
        for constant, lines in sorted(places.items())
        if len({line.partition(":")[0] for line in lines}) > 1
    }


def _constants(text: str) -> Iterator[tuple[str, int]]:
    for statement in ast.parse(text).body:
        if not isinstance(statement, ast.Assign | ast.AnnAssign) or not statement.value:
            continue
        target = statement.target if isinstance(statement, ast.AnnAssign) else statement.targets[0]
        name, value = _NAME.fullmatch(ast.unparse(target)), ast.unparse(statement.value)
        if name and not _RESOURCE_TYPE.fullmatch(value):
            distinctive = _DISTINCTIVE.fullmatch(value)
            yield distinctive[1] if distinctive else f"{name[1]} = {value}", statement.lineno


def findings(equal: Mapping[str, list[str]], allowed: Mapping[str, str]) -> Iterator[str]:
    """Return a line for each equal constant without a reason, and each reason without one."""
    for constant in equal.keys() - allowed.keys():
        yield f"{', '.join(equal[constant])}: {constant}: import it from one owner, or rename one"
    for constant in allowed.keys() - equal.keys():
        yield f"{ALLOWED.relative_to(ROOT)}: {constant}: no longer equal; remove the entry"


def main() -> int:
    """Print the findings; return the exit status, 1 with findings."""
    allowed = yaml.safe_load(ALLOWED.read_text(encoding="utf-8")) or {}
    lines = sorted(findings(equal_constants(ROOT), allowed))
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
