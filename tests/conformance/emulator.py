"""Changes in later plans that are the emulator's, and their table in docs/reference/stand-in.md."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from iot_dr.common.page_section import with_section
from tests.conformance.later import LaterChange

PAGE: Final = Path(__file__).parents[2] / "docs" / "reference" / "stand-in.md"
"""The page with the table."""

_FILE: Final = Path(__file__).with_name("emulator.yaml")


@dataclass(frozen=True, slots=True)
class EmulatorChange:
    """Arguments that a later plan changes because of what moto returns, and why AWS differs.

    `returns` is moto's value as JSON, `known after apply`, or an action; `*` is any text, in an
    argument too.
    """

    arguments: tuple[str, ...]
    returns: str
    moto: str
    aws: str

    def explains(self, change: LaterChange) -> bool:
        """Whether this is the reason for a change."""
        is_named = any(_matches(name, change.argument) for name in self.arguments)
        return is_named and _matches(self.returns, change.returned)


def emulator_changes() -> tuple[EmulatorChange, ...]:
    """Return the known changes; raises ValueError if an argument with a value occurs twice."""
    rows = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    known = tuple(
        EmulatorChange(tuple(row["arguments"]), row["returns"], row["moto"], row["aws"])
        for row in rows
    )
    pairs = [(name, each.returns) for each in known for name in each.arguments]
    if len(pairs) > len(set(pairs)):
        message = f"{_FILE.name}: an argument with the same value occurs twice"
        raise ValueError(message)
    return known


def unexplained(
    changes: Collection[LaterChange], known: Collection[EmulatorChange]
) -> list[LaterChange]:
    """Return the changes without a known reason."""
    return sorted(each for each in changes if not any(one.explains(each) for one in known))


def needless(changes: Collection[LaterChange], known: Collection[EmulatorChange]) -> list[str]:
    """Return the known arguments that no later plan changed."""
    return [
        f"{name} ({row.returns})"
        for row in known
        for name in row.arguments
        if not any(_matches(name, change.argument) and row.explains(change) for change in changes)
    ]


def _matches(pattern: str, text: str) -> bool:
    return bool(re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), text))


def table() -> str:
    """Return the table of the known changes."""
    lines = [
        "| changed in a later plan | moto returns | why | on AWS |",
        "| --- | --- | --- | --- |",
    ]
    for row in emulator_changes():
        names = ", ".join(f"`{name}`" for name in row.arguments)
        lines.append(f"| {names} | `{row.returns}` | {row.moto} | {row.aws} |")
    return "\n".join(lines) + "\n"


def page() -> str:
    """Return the page with the present table."""
    text = PAGE.read_text(encoding="utf-8")
    return with_section(PAGE, text, "later plans on moto", "docs", table())


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
