"""HTML pages with escaped text, which load nothing and run no scripts."""

import base64
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Final, Union

from iot_dr.common.visible import visible

_VOID: Final = {"meta"}
_INLINE: Final = {"code", "span", "strong"}


@dataclass(frozen=True, slots=True)
class Element:
    """An HTML element; `children` may be an iterator, consumed while the page is written."""

    tag: str
    attributes: tuple[tuple[str, str], ...]
    children: Iterable["Node"]


Node = Union[Element, str]  # noqa: UP007 - an alias that names itself cannot be built with |


def element(tag: str, *children: Node, **attributes: str) -> Element:
    """Return an element; `class_` is the attribute `class`, and `_` in a name becomes `-`."""
    return streamed(tag, children, **attributes)


def streamed(tag: str, children: Iterable[Node], **attributes: str) -> Element:
    """Return an element with children from any iterable; from an iterator, for writing once."""
    named = ((key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items())
    return Element(tag, tuple(named), children)


def document(root: Element) -> Iterator[str]:
    """Yield a whole page, piece by piece."""
    yield "<!doctype html>\n"
    yield from _written(root)


def style() -> str:
    """Return the CSS that all pages share."""
    return Path(__file__).with_name("page.css").read_text(encoding="utf-8")


def head(title: str, rules: str) -> Element:
    """Return the `head` with the CSS `rules`, and a policy that allows only this CSS.

    The policy identifies the CSS by its hash: w3.org/TR/CSP3, `hash-source`.
    """
    rules = " ".join(rules.split())
    digest = base64.b64encode(hashlib.sha256(rules.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", title),
        element("style", rules),
    )


def _written(node: Node) -> Iterator[str]:
    if isinstance(node, str):
        yield escape(visible(node))
        return
    attributes = "".join(f' {key}="{escape(visible(value))}"' for key, value in node.attributes)
    yield f"<{node.tag}{attributes}>"
    for child in node.children:
        yield from _written(child)
    if node.tag not in _VOID:
        yield f"</{node.tag}>"
    if node.tag not in _INLINE:
        yield "\n"
