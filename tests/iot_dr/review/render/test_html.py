"""The HTML page of a review."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings

from iot_dr.common.html import style
from iot_dr.review.render import html
from iot_dr.terraform_json.change import Action
from tests.iot_dr.review.render.formats import html_page
from tests.iot_dr.review.render.largest_write import LargestWrite
from tests.iot_dr.review.render.reviews import Reads, review, stack
from tests.support.examples import examples
from tests.support.hostile_text import hostile
from tests.support.sample_review import sample_review

STYLE = style()
PAIRS = [
    *((name, "page") for name in ("ink", "muted", "hunk")),
    *((name, f"{name}-page") for name in ("add", "del", "ok", "warn", "block")),
    ("ink", "panel"),
]
LIGHT, DARK = STYLE.split("prefers-color-scheme: dark")


class Page(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.tags.append((f"/{tag}", ()))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        self.tags.append(("!--", ((data, None),)))


CALM = Page(html_page(sample_review()))


@settings(max_examples=examples(50))
@given(hostile, hostile)
def test_no_string_changes_a_tag_of_the_page(before: str, after: str) -> None:
    page = Page(html_page(sample_review(lambda text: f"{before}{text}{after}")))
    assert form(page) == form(CALM)
    assert all(line.isprintable() for text in page.texts for line in text.split("\n"))


def form(page: Page) -> list[tuple[str, tuple[tuple[str, str | None], ...]]]:
    """Leave out the elements that backticks in a sentence and lines of an error add."""
    return [
        each for each in page.tags if each[0] not in {"code", "/code", "div", "/div"} or each[1]
    ]


def test_the_page_loads_and_runs_nothing() -> None:
    names = {tag.strip("/") for tag, _ in CALM.tags}
    assert not names & {"script", "link", "img", "iframe", "a", "form", "object", "base"}
    attributes = {name for _, attributes in CALM.tags for name, _ in attributes}
    assert not {name for name in attributes if name.startswith("on")} | attributes & {
        "src",
        "href",
        "style",
    }
    assert "url(" not in STYLE
    assert "@import" not in STYLE


def test_the_policy_allows_the_pages_own_style_and_nothing_else() -> None:
    page = html_page(sample_review())
    style = re.findall("<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style[0].encode()).digest()).decode()
    assert policies(CALM) == [
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    ]


def policies(page: Page) -> list[str | None]:
    return [
        dict(attributes)["content"]
        for _, attributes in page.tags
        if ("http-equiv", "Content-Security-Policy") in attributes
    ]


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "page"), PAIRS)
def test_every_text_has_enough_contrast(colours: str, ink: str, page: str) -> None:
    """By WCAG 2.2, AA: 4.5 to 1; www.w3.org/TR/WCAG22/#contrast-minimum."""
    first, second = (luminance(colour_of(colours, name)) for name in (ink, page))
    assert (max(first, second) + 0.05) / (min(first, second) + 0.05) >= 4.5


def colour_of(colours: str, name: str) -> str:
    match = re.search(rf"--{name}: #([0-9a-f]{{6}});", colours)
    assert match
    return match[1]


def luminance(colour: str) -> float:
    """By www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_heading_levels_have_no_gap() -> None:
    levels = [tag for tag, _ in CALM.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == "h1"
    assert set(levels[1:]) == {"h2"}


def test_differences_have_signs_and_colours() -> None:
    page = html_page(sample_review())
    assert '<div class="add">+ ttl: 300</div>' in page
    assert '<div class="del">- ttl: 60</div>' in page


def test_updates_are_open_and_new_or_removed_resources_folded() -> None:
    reads = Reads()
    changes = tuple(reads.change("s", 0, action, '"x"') for action in Action)
    page = html_page(review(stack("s", changes)))
    opened = re.findall(r'<details class="change" open="">\s*<summary><strong>(\w+)', page)
    folded = re.findall(r'<details class="change">\s*<summary><strong>(\w+)', page)
    assert opened == ["replace", "update"]
    assert folded == ["destroy", "forget", "create"]


def test_the_last_of_many_changes_are_only_counted() -> None:
    reads = Reads()
    changes = tuple(reads.change("s", at, Action.CREATE, '"x"') for at in range(5_100))
    assert "and 100 more: see the JSON review" in html_page(review(stack("s", changes)))
    assert reads.number == 2 * 5_000


def test_the_most_important_changes_keep_their_lines() -> None:
    reads = Reads()
    created = tuple(reads.change("s", at, Action.CREATE, '"made"', 300) for at in range(100))
    replaced = tuple(reads.change("t", at, Action.REPLACE, '"new"', 300) for at in range(3))
    page = html_page(review(stack("s", created), stack("t", replaced)))
    assert (page.count("&quot;new&quot;"), page.count("&quot;made&quot;")) == (3 * 300, 63 * 300)
    assert page.count("<strong>create</strong>") == 100
    assert "and 37 without attributes here: see the JSON review" in page
    assert page.count("see the JSON review") == 1
    assert reads.number == 2 * 66 + 1


def test_a_page_is_written_in_chunks() -> None:
    file = LargestWrite()
    html.write(sample_review(), file)
    assert file.getvalue().decode() == html_page(sample_review())
    assert file.largest < len(STYLE)
