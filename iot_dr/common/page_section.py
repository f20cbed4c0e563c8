"""A part of a page that a command writes, between two lines that say which."""

import re
from pathlib import Path

from iot_dr.common.user_error import UserError


class PageError(UserError):
    """A page has no place for a section, or more than one."""


def with_section(page: Path, text: str, name: str, target: str, section: str) -> str:
    """Return the page's `text` with `section` in the place that it has for `name`.

    The place begins with `<!-- NAME: written by `make TARGET` -->` and ends with
    `<!-- end of NAME -->`. Raises PageError where either is missing or there twice.
    """
    begin, end = f"<!-- {name}: written by `make {target}` -->\n", f"<!-- end of {name} -->\n"
    place = re.compile(rf"(?<={re.escape(begin)}).*?(?={re.escape(end)})", re.DOTALL)
    if (text.count(begin), text.count(end)) != (1, 1) or not place.search(text):
        message = (
            f"{page}: {name} has no place of its own; it stands between one line {begin.strip()}"
            f" and {end.strip()}"
        )
        raise PageError(message)
    return place.sub(lambda _: section, text)
