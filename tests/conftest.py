import iot_dr  # noqa: F401, I001 # pyright: ignore[reportUnusedImport] - first, for the fast start

from pathlib import Path

import pytest

from tests.support.synthesis import Synthesis


@pytest.fixture
def synthesis(tmp_path: Path) -> Synthesis:
    """Synthesizes settings into a folder of the test's own."""
    return Synthesis(tmp_path)
