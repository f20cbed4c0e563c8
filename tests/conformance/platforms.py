"""The environments that the stand-in is judged on."""

from typing import Final

from environments.loader import load
from tests.support.pipeline import PIPELINE
from tests.support.settings import FLEET, JUST_IN_TIME, REGIONS, settings

PLATFORMS: Final = {
    "staging": load("staging", {}),
    "five regions with all blocks": settings(
        regions=list(REGIONS), pipeline=PIPELINE, data={"provisioning": FLEET}
    ),
    # The other of the two ways to provision, of which an environment has one.
    "two regions with just-in-time provisioning": settings(data={"provisioning": JUST_IN_TIME}),
}
