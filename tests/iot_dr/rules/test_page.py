"""The documentation page of the rules is generated from them.

`python -m tests.iot_dr.rules.test_page` writes it.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from iot_dr.rules.catalogue import RULES
from iot_dr.rules.rule import Rule

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "rules.md"
HEAD = """\
# The rules

The rules for a design for disaster recovery, each with its reason. `iot-dr synth` and `make \
check` check the stacks of iot-dr, `iot-dr check PATH` any Terraform JSON or plan JSON. A \
finding is `block`, an error that stops a synthesis, or `warn`, a warning. To suppress a rule, \
add it with a reason to `suppressions` in the environment's settings; this applies to the stacks \
synthesized from these settings, and to other files with `--env NAME`.

`for_each` and `count` are expanded if their values are known. Parts that are not checked, such \
as HCL next to JSON, the resources of called modules, or a `for_each` over unknown values, are \
listed with the verdict.

This page is generated from the rules (`iot_dr/rules/`, one file per rule)."""


def page(rules: Iterable[Rule]) -> str:
    """Return the page as `docs/reference/rules.md` has it."""
    return "\n\n".join([HEAD, *sections(rules)]) + "\n"


def sections(rules: Iterable[Rule]) -> Iterator[str]:
    for rule in rules:
        yield f"## {rule.id}"
        yield f"**{rule.title}.** {rule.why}"
        if rule.needs_plan:
            yield "Only a plan can violate it."
        yield f"Source: {rule.source}."


def test_the_page_of_the_docs_is_what_the_rules_say() -> None:
    current = PAGE.read_text("utf-8") == page(RULES)
    assert current, "run .venv/bin/python -m tests.iot_dr.rules.test_page"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_has_a_title_a_reason_and_a_source(rule: Rule) -> None:
    assert rule.title[0].isupper()
    assert not rule.title.endswith(".")
    assert rule.why.endswith(".")
    assert 2 <= rule.why.count(". ") + 1 <= 3
    assert "." in rule.source
    assert "\n" not in rule.title + rule.why + rule.source


if __name__ == "__main__":
    PAGE.write_text(page(RULES), encoding="utf-8")
