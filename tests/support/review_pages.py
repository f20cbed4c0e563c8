"""Writes the comments in docs/reviews: `python -m tests.support.review_pages`."""

from pathlib import Path
from typing import Final

from iot_dr.generate.expectation import design_expectation
from iot_dr.review.impact.plan_review import review
from iot_dr.review.render import markdown
from tests.support.review_scenarios import FIRST, SCENARIOS, scenario, scenario_settings

_FOLDER: Final = Path(__file__).parents[2] / "docs" / "reviews"

PAGES: Final = {
    name: _FOLDER / f"{name.replace(' ', '-')}.md" for name in SCENARIOS if name != FIRST
}
"""The file of each scenario."""


def page(name: str) -> markdown.Rendered:
    """Return the comment of a scenario."""
    return markdown.render(review(scenario(name), design_expectation(scenario_settings(name))))


if __name__ == "__main__":
    _FOLDER.mkdir(exist_ok=True)
    for name, file in PAGES.items():
        file.write_text(page(name).text, encoding="utf-8")
