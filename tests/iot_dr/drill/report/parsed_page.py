"""A page as a tree."""

from html.parser import HTMLParser
from xml.etree.ElementTree import Element, TreeBuilder

_VOID = {"meta"}


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.builder = TreeBuilder(insert_comments=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.builder.start(tag, {name: value or "" for name, value in attrs})
        if tag in _VOID:
            self.builder.end(tag)

    def handle_endtag(self, tag: str) -> None:
        self.builder.end(tag)

    def handle_data(self, data: str) -> None:
        self.builder.data(data)

    def handle_comment(self, data: str) -> None:
        self.builder.comment(data)


def parsed(page: str) -> Element:
    """Read a page; AssertionError where an element was not closed."""
    declaration, rest = page.split("\n", 1)
    assert declaration == "<!doctype html>"
    parser = _Parser()
    parser.feed(rest.rstrip())
    return parser.builder.close()


def text(element: Element) -> str:
    """Return all text of an element, with white space folded."""
    return " ".join("".join(element.itertext()).split())
