"""The folder of `environments`, `functions` and files that are not Python."""

from pathlib import Path
from typing import Final

from environments import project

ROOT: Final = Path(project.__file__).parents[1]
"""This repository, or `iot_dr/_app` of an installed wheel (docs/adr/0030-packages-in-one-order.md).

The files of a user are in `environments.project.project_root()`.
"""
