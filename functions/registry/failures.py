"""What the registry's functions do with a record that fails: count the retry, or dead-letter it."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from functions.probe.metrics import Metrics
from functions.registry.queue import Queue
from functions.registry.reason import reason_of

_MOST_CONTENT: Final = 20_000
"""Characters of a refused message that are kept: in JSON at most 240 KB of SQS's 256 KB."""


class TimeUpError(Exception):
    """Too little of the timeout is left for another record: it must be delivered again."""


@contextmanager
def counting_retries(metrics: Metrics) -> Generator[None]:
    """Count an exception in the metric `Retried`, with its reason, and raise it again."""
    try:
        yield
    except Exception as error:
        metrics.put({"Retried": 1}, cause=reason_of(error))
        raise


def reject(error: Exception, dead_letters: Queue, metrics: Metrics, **named: str) -> None:
    """Send the reason and `named` to the dead-letter queue, as no retry can help; count `Refused`.

    A long text is cut. Raises as `Queue.send` does.
    """
    texts = {name: text[:_MOST_CONTENT] for name, text in named.items()}
    dead_letters.send({"reason": reason_of(error), **texts})
    metrics.put({"Refused": 1})
