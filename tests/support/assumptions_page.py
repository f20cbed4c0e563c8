"""The page of the ledger; run as a module to write docs/reference/assumptions.md."""

from typing import Final

from iot_dr.acceptance.catalogue import STEPS
from iot_dr.common.assumptions import Assumption, ledger
from tests.support.command import ROOT

PAGE: Final = ROOT / "docs" / "reference" / "assumptions.md"

_HEAD: Final = """\
# What is assumed of AWS

Written by `make docs` from `iot_dr/common/assumptions.json`. {users} {verdicts} {state}

| id | assumption | source | depends on it | used by | probe | seen on AWS |
| --- | --- | --- | --- | --- | --- | --- |
"""
_USERS: Final = (
    "`iot-dr prove`, `iot-dr rto` and the report of a drill name the assumptions that they used, by"
    " the ids of this page."
)
_VERDICTS: Final = (
    "An assumption is confirmed if a transcript of the [acceptance run](../how-to/acceptance.md)"
    " has a probe of it that passed; it is refuted if one has a probe that found the opposite."
)
_PARTS: Final = {
    "always": "",
    "alias": " with nested names",
    "switch": " with a switch",
    "watcher": " with a watcher",
    "data": " with `data`",
}


def page() -> str:
    """Return the page."""
    seen = sum(bool(each.transcripts) for each in ledger())
    state = f"Transcripts were read about {seen} of {len(ledger())}."
    head = _HEAD.format(users=_USERS, verdicts=_VERDICTS, state=state)
    return head + "".join(map(_row, ledger()))


def _row(row: Assumption) -> str:
    users = (f"`{user}`{_PARTS[part]}" for user, part in row.used_by.items())
    steps = {step.name for step in STEPS}
    probes = (f"step `{name}`" if name in steps else f"`{name}`" for name in row.probes)
    cells = (
        *(f"`{row.id}`", row.statement, row.source, row.depends),
        *(", ".join(users) or "-", ", ".join(probes) or "none", row.state),
    )
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
