"""The regions behind the device name, in the order in which they take over."""

from dataclasses import dataclass
from typing import Final, Literal

from environments.settings import Settings

Mode = Literal["deep", "shallow"]
FailBack = Literal["latched", "auto"]

_REGIONS: Final = range(2, 6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Two to five regions, the primary first, what judges the primary, and who leads back to it.

    Raises ValueError for another number of regions, and for a region that is named twice.
    """

    order: tuple[str, ...]
    mode: Mode = "deep"
    fail_back: FailBack = "latched"

    def __post_init__(self) -> None:
        if len(self.order) not in _REGIONS or len(set(self.order)) != len(self.order):
            message = f"{self.order!r} is no failover order: give 2 to 5 regions, each once"
            raise ValueError(message)

    @property
    def primary(self) -> str:
        """The region that serves while it is healthy."""
        return self.order[0]

    @property
    def keeper(self) -> str:
        """The first standby: it keeps the primary's switch, and watches the primary."""
        return self.order[1]

    @property
    def last(self) -> str:
        """The region that answers when no other is left; nothing but its TCP is asked."""
        return self.order[-1]


def chain_of(settings: Settings) -> Chain:
    """Give the chain of an environment."""
    return Chain(
        order=settings.failover_order,
        mode=settings.health.mode,
        fail_back=settings.recovery.fail_back,
    )
