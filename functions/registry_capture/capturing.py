"""What is done with a message that says what may have changed."""

from collections.abc import Callable, Container
from dataclasses import dataclass

from functions.probe.metrics import Metrics
from functions.registry.access.errors import Never
from functions.registry.batches import TimeUpError, refuse
from functions.registry.capture import Capture
from functions.registry.entity import Entity, EntityError
from functions.registry.pending import Abandoned
from functions.registry.queue import Queue
from functions.registry.state import StateError
from functions.registry_capture.events import change_of
from functions.registry_capture.halves import Halves
from functions.registry_capture.home import Home


@dataclass(frozen=True, kw_only=True)
class Capturing:
    """Captures what messages name, and parks at once what can never be captured.

    What is excluded here is read as not there: captured so, it would be deleted elsewhere.
    """

    capture: Capture
    home: Home
    excluded: Container[Entity]
    retry: Queue
    parked: Queue
    metrics: Metrics
    time_is_up: Callable[[], bool]

    def __call__(self, body: str) -> None:
        """Capture every entity of a message; raises when the message has to come again.

        Raises TimeUpError when the function would be ended before it is done.
        """
        if self.time_is_up():
            raise TimeUpError
        try:
            change = change_of(body, self.home)
        except EntityError as error:
            refuse(error, self.parked, self.metrics)
            return
        entities = [each for each in change.entities if each not in self.excluded]
        capture = Halves(self.capture, entities)
        failures: list[Exception] = []
        for entity in entities:
            try:
                self._captured(capture, entity, change.at)
            except Exception as error:  # noqa: BLE001 - raised below, after the other half
                failures.append(error)
        if failures:
            raise failures[0]

    def _captured(self, capture: Halves, entity: Entity, at: int | None) -> None:
        try:
            row = capture(entity, at)
        except Abandoned:
            # Whoever takes it over tells what is half done from what somebody has changed.
            self.retry.ask_for(entity)
            raise
        except (Never, StateError) as error:
            refuse(error, self.parked, self.metrics, entity=entity.key)
            return
        if row is not None:
            self.metrics.put({"Captured": 1})
