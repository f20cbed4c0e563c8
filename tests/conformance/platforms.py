"""The environments that the stand-in is judged on."""

from typing import Final

from environments.loader import load
from tests.support.settings import REGIONS, settings

PLATFORMS: Final = {
    "staging": load("staging", {}),
    "five regions": settings(regions=list(REGIONS)),
}
