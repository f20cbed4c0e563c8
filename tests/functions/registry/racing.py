"""IoT Core in which something else happens while it is read."""

from collections.abc import Callable

from functions.registry.capture import Capture
from functions.registry.entity import Entity
from functions.registry.observation import Observation
from tests.functions.registry.regions import Region


class Racing:
    """Answers as a region's does, and lets one thing happen after each look."""

    def __init__(self, region: Region, concurrent: list[Callable[[], object]]) -> None:
        self.region = region
        self.concurrent = concurrent

    def observe(self, *entities: Entity) -> list[Observation]:
        result = self.region.core.observe(*entities)
        if self.concurrent:
            self.concurrent.pop(0)()
        return result


def racing(region: Region, *concurrent: Callable[[], object]) -> Capture:
    """Return what captures a region in which these things happen after its looks."""
    access = Racing(region, list(concurrent))
    return Capture(access=access, table=region.table, clock=region.clock)
