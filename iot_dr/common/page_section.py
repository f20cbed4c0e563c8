"""Generated sections of a page, between marker lines."""

import re
from pathlib import Path

from iot_dr.common.user_error import UserError


class PageError(UserError):
    """A page does not have exactly one pair of markers for a section."""


def with_section(page: Path, text: str, name: str, target: str, section: str) -> str:
    """Return the page's `text` with the section `name` replaced by `section`.

    The section is between `<!-- NAME: written by `make TARGET` -->` and `<!-- end of NAME -->`.
    Raises PageError if either marker is missing or occurs twice, or if the end comes first.
    """
    begin, end = f"<!-- {name}: written by `make {target}` -->\n", f"<!-- end of {name} -->\n"
    place = re.compile(rf"(?<={re.escape(begin)}).*?(?={re.escape(end)})", re.DOTALL)
    if (text.count(begin), text.count(end)) != (1, 1) or not place.search(text):
        message = (
            f"{page}: the section {name} needs one line {begin.strip()} and, after it, one line"
            f" {end.strip()}"
        )
        raise PageError(message)
    return place.sub(lambda _: section, text)
