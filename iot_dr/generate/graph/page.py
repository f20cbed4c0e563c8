"""The drawings in docs/architecture.md and beside it, which `make docs` renews."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from environments.loader import load
from environments.settings import Settings
from iot_dr.common.page_section import with_section
from iot_dr.common.project import ROOT
from iot_dr.common.user_error import UserError
from iot_dr.common.whole_file import whole_file
from iot_dr.generate.graph.chart import environment_chart
from iot_dr.generate.graph.mermaid import mermaid
from iot_dr.generate.graph.svg import svg

FOLDER: Final = ROOT / "docs"
"""The folder of the pages."""

PAGE: Final = "architecture.md"
PICTURE: Final = "architecture.svg"

_DRAWN: Final = {"needs": False, "waves": True}


def drawn(settings: Settings, folder: Path = FOLDER) -> dict[Path, str]:
    """Give the files as they should be; the page keeps what is not between its markers.

    Raises PageError, which names the markers, where they are missing or there twice.
    """
    page = folder / PAGE
    text = page.read_text(encoding="utf-8")
    for name, in_waves in _DRAWN.items():
        drawing = mermaid(environment_chart(settings, in_waves=in_waves))
        text = with_section(page, text, name, "docs", f"```mermaid\n{drawing}```\n")
    return {page: text, folder / PICTURE: svg(environment_chart(settings, in_waves=True))}


def write(files: Mapping[Path, str]) -> None:
    """Write files, each of which has either its old content or the new one."""
    for path, text in files.items():
        with whole_file(path) as file:
            file.write(text.encode())


if __name__ == "__main__":
    try:
        # The page shows the files: no variable of this shell counts.
        write(drawn(load("staging", {})))
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.status)
