from pathlib import Path

import pytest

from iot_dr.rules.catalogue import RULES
from iot_dr.rules.page import page
from iot_dr.rules.rule import Rule

PAGE = Path(__file__).parents[3] / "docs" / "rules.md"


def test_the_page_of_the_docs_is_what_the_rules_say() -> None:
    assert PAGE.read_text("utf-8") == page(RULES), "write page(RULES) to docs/rules.md"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_says_what_why_and_who_says_so(rule: Rule) -> None:
    assert rule.title[0].isupper()
    assert not rule.title.endswith(".")
    assert rule.why.endswith(".")
    assert 2 <= rule.why.count(". ") + 1 <= 3
    assert "." in rule.source
    assert "\n" not in rule.title + rule.why + rule.source
