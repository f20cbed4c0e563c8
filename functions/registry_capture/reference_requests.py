"""Capture requests for referenced entities, because AWS creates some of them without an event."""

from collections.abc import Callable, Container
from dataclasses import dataclass
from itertools import islice

from functions.probe.metrics import Metrics
from functions.registry.capture import RowStore
from functions.registry.entity import Entity
from functions.registry.item import RowError
from functions.registry.references import referenced
from functions.registry.resolution import own_row
from functions.registry.state import State

# References beyond this number are left to the reconciler.
_MAX_REFERENCES = 100
# Fleet provisioning creates a certificate with this status and activates it without an API call of
# this account: docs.aws.amazon.com/iot/latest/developerguide/fleet-provision-api.html
_INITIAL_STATUS = "PENDING_ACTIVATION"


@dataclass(frozen=True, kw_only=True)
class ReferenceRequests:
    """Requests the capture of unknown entities that a state refers to, before it is recorded.

    Fleet provisioning and just-in-time provisioning create certificates and attach policies by no
    API call that CloudTrail logs; only the registry event of the thing shows them. An entity is
    unknown until the region has recorded it, and a certificate until it has left
    PENDING_ACTIVATION, so each one is requested a few times at most.
    """

    table: RowStore
    region: str
    excluded: Container[Entity]
    enqueue: Callable[[Entity], None]
    metrics: Metrics

    def __call__(self, entity: Entity, state: State | None) -> None:
        """Enqueue the unknown ones among the first 100 references of a state.

        Raises as the table and `enqueue` do.
        """
        references = islice(referenced(entity.kind, state), _MAX_REFERENCES)
        unknown = [each for each in references if self._is_unknown(each)]
        for reference in unknown:
            self.enqueue(reference)
        if unknown:
            self.metrics.put({"Named": len(unknown)})

    def _is_unknown(self, entity: Entity) -> bool:
        if entity in self.excluded:
            return False
        try:
            own = own_row(self.table.rows(entity), entity, self.region)
        except RowError:
            # A malformed row cannot be captured either, and must not block the referring entity.
            return False
        return own.state is None or own.state.get("status") == _INITIAL_STATUS
