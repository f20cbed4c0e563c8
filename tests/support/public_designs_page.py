"""The table of public designs of the page why.md, as they are judged; run it to write it."""

import re
from pathlib import Path
from typing import Final

from iot_dr.common.page_section import with_section
from iot_dr.prover.proofs import proofs
from iot_dr.rules.engine import judge
from iot_dr.terraform_json.configuration import read_configuration
from iot_dr.terraform_json.resource_set import ResourceSet
from tests.iot_dr.rules.test_public_designs import CERTAIN, DESIGNS, OPEN, RIGHT, Body

PAGE: Final = Path(__file__).parents[2] / "docs" / "explanation" / "why.md"

_BY_AWS: Final = {RIGHT: "fails over", CERTAIN: "does not", OPEN: "not as declared"}
_HEAD: Final = (
    "| design | by AWS's documents it | `check` | `prove` | the first counterexample |",
    "|---|---|---|---|---|",
)


def page(text: str) -> str:
    """Return the page's text with the table as the designs are judged now."""
    rows = (_row(name, *design) for name, design in DESIGNS.items())
    table = "".join(f"{line}\n" for line in (*_HEAD, *rows))
    return with_section(PAGE, text, "public designs", "docs", table)


def _row(name: str, truth: str, document: Body) -> str:
    resources = ResourceSet([read_configuration("dns", document)])
    judgement, results = judge(resources), proofs(resources)
    rules = dict.fromkeys(
        finding.rule for finding in judgement.findings if finding.verdict is judgement.verdict
    )
    check = f"{judgement.verdict.value}{': ' if rules else ''}{', '.join(rules)}"
    proof = ", ".join(result.verdict for result in results) or "nothing to prove"
    events = (
        str(violation) for result in results for violation in (*result.violations, *result.possible)
    )
    # The events are named before the region that they are in, and again after it.
    shown = re.sub(r" \([^()]*\),", ",", next(events, ""))
    return f"| {name} | {_BY_AWS[truth]} | {check} | {proof} | {shown} |"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
