import iot_dr  # noqa: F401, I001 # pyright: ignore[reportUnusedImport] - first, for the fast start

from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.synthesis import Synthesis

# How long an example takes says how busy the machine is: speed is for benchmarks/.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture
def synthesis(tmp_path: Path) -> Synthesis:
    """Synthesizes settings into a folder of the test's own."""
    return Synthesis(tmp_path)
