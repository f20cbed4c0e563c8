"""The head of a page that is shown by itself: nothing is loaded, nothing runs."""

import base64
import hashlib
from pathlib import Path

from iot_dr.review.render.element import Element, element


def style() -> str:
    """Give the style that pages have in common."""
    return Path(__file__).with_name("page.css").read_text(encoding="utf-8")


def head(title: str, rules: str) -> Element:
    """Give the head with its style, and a policy that allows this style and nothing else."""
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
