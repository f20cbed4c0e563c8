"""The graphs in docs/reference/architecture.md; `make docs` updates them."""

import sys
from pathlib import Path
from typing import Final

from environments.loader import load
from environments.settings import Settings
from iot_dr.common.page_section import with_section
from iot_dr.common.project import ROOT
from iot_dr.common.user_error import UserError
from iot_dr.common.whole_file import whole_file
from iot_dr.generate.graph import environment_chart, mermaid

PAGE: Final = ROOT / "docs" / "reference" / "architecture.md"

_DRAWN: Final = {"needs": False, "waves": True}


def drawn(settings: Settings, page: Path) -> str:
    """Return the page with updated graphs; text outside of the markers stays.

    Raises PageError, which names the markers, if one is missing or occurs twice.
    """
    text = page.read_text(encoding="utf-8")
    for name, in_waves in _DRAWN.items():
        drawing = mermaid(environment_chart(settings, in_waves=in_waves))
        text = with_section(page, text, name, "docs", f"```mermaid\n{drawing}```\n")
    return text


if __name__ == "__main__":
    try:
        # No environment variables: PRIMARY_REGION of the shell must not change the page.
        staging = drawn(load("staging", {}), PAGE)
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.status)
    with whole_file(PAGE) as file:
        file.write(staging.encode())
