"""The page about own stacks shows the example as it is, and what its commands print."""

import json
from typing import Final

from environments.loader import load
from iot_dr.generate.graph import environment_chart, text
from tests.support.command import ROOT

EXAMPLE: Final = ROOT / "examples" / "own-stacks"
PAGE: Final = (ROOT / "docs" / "how-to" / "own-stacks.md").read_text(encoding="utf-8")


def test_the_page_shows_the_examples_classes() -> None:
    assert f"```python\n{(EXAMPLE / 'my_stacks.py').read_text(encoding='utf-8')}```" in PAGE


def test_the_page_shows_the_examples_declaration() -> None:
    shown = json.loads(PAGE.partition("```json\n")[2].partition("```")[0])
    whole = json.loads((EXAMPLE / "cdktf.json").read_text(encoding="utf-8"))
    assert whole["context"] == shown["context"]


def test_the_page_shows_the_examples_module() -> None:
    shown = PAGE.partition("```yaml\n")[2].partition("```")[0]
    assert shown.startswith("modules:")
    assert (EXAMPLE / "environments" / "dev.yaml").read_text(encoding="utf-8").endswith(shown)


def test_the_page_shows_the_waves_as_printed() -> None:
    settings = load("dev", {}, EXAMPLE / "environments")
    assert f"```text\n{text(environment_chart(settings, in_waves=True))}```" in PAGE
