"""The repository that this package is part of."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
"""The folder of our own files; those of a user lie in `environments.project.project_root()`."""
