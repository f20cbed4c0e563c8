"""IoT Core in which something else happens while it is read."""

from collections.abc import Callable

from functions.registry.capture import Capture
from functions.registry.entity import Entity
from functions.registry.observation import Observation
from tests.functions.registry.regions import Region


class Racing:
    """Answers as a region's does, and lets one thing happen after each look."""

    def __init__(self, region: Region, meanwhile: list[Callable[[], object]]) -> None:
        self.region = region
        self.meanwhile = meanwhile

    def observe(self, *entities: Entity) -> list[Observation]:
        found = self.region.core.observe(*entities)
        if self.meanwhile:
            self.meanwhile.pop(0)()
        return found


def racing(region: Region, *meanwhile: Callable[[], object]) -> Capture:
    """Give what captures a region in which these things happen after its looks."""
    access = Racing(region, list(meanwhile))
    return Capture(access=access, table=region.table, clock=region.clock)
