"""The environments on which the stand-in is compared."""

from typing import Final

from environments.loader import load
from tests.support.pipeline import PIPELINE
from tests.support.settings import FLEET, JUST_IN_TIME, REGIONS, settings

PLATFORMS: Final = {
    "staging": load("staging", {}),
    "five regions with all blocks": settings(
        regions=list(REGIONS), pipeline=PIPELINE, data={"provisioning": FLEET}
    ),
    # The other of the two provisioning methods; an environment has only one.
    "two regions with just-in-time provisioning": settings(data={"provisioning": JUST_IN_TIME}),
}
