"""Asks for what an entity names, as AWS makes some of it without a word."""

from collections.abc import Callable, Container
from dataclasses import dataclass
from itertools import islice

from functions.probe.metrics import Metrics
from functions.registry.capture import Rows
from functions.registry.entity import Entity
from functions.registry.item import RowError
from functions.registry.named import named
from functions.registry.settled import own_row
from functions.registry.state import State

# What is named beyond that is left to the reconciler.
_MOST = 100
# Fleet provisioning makes a certificate so, and makes it active without an event.
_UNFINISHED = "PENDING_ACTIVATION"


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Has those entities captured that one names which is about to be written down.

    Fleet provisioning and just-in-time provisioning make certificates and attach policies by no
    call of a trail's: of theirs the event of the thing alone tells. What the region has written
    down is not asked for, so that each entity is asked for a few times at the most.
    """

    log: Rows
    region: str
    excluded: Container[Entity]
    ask_for: Callable[[Entity], None]
    metrics: Metrics

    def __call__(self, entity: Entity, state: State | None) -> None:
        """Ask for what has to be; raises as the log and `ask_for` do."""
        some = islice(named(entity.kind, state), _MOST)
        unknown = [each for each in some if self._is_unknown(each)]
        for each in unknown:
            self.ask_for(each)
        if unknown:
            self.metrics.put({"Named": len(unknown)})

    def _is_unknown(self, entity: Entity) -> bool:
        if entity in self.excluded:
            return False
        try:
            own = own_row(self.log.rows(entity), entity, self.region)
        except RowError:
            # Nobody can write it either, and what names it is not held up.
            return False
        return own.state is None or own.state.get("status") == _UNFINISHED
