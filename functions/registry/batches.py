"""What all functions do with the records of a batch."""

from collections.abc import Generator
from contextlib import contextmanager

from functions.probe.metrics import Metrics
from functions.registry.queue import Queue
from functions.registry.reason import reason_of


class TimeUpError(Exception):
    """The function would be ended before it is done: the record has to come again."""


@contextmanager
def told(metrics: Metrics) -> Generator[None]:
    """Count a record that has to come again, and say why, for the length of a `with` block."""
    try:
        yield
    except Exception as error:
        metrics.put({"Retried": 1}, cause=reason_of(error))
        raise


def refuse(error: Exception, parked: Queue, metrics: Metrics, **named: str) -> None:
    """Park, with the reason, what no further try could mend; raises as sending does."""
    parked.send({"reason": reason_of(error), **named})
    metrics.put({"Refused": 1})
