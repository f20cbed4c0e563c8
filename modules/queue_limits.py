"""How functions consume queues, and how long queues keep messages; importable without CDKTF."""

from dataclasses import dataclass
from typing import Final

# docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
_TIMEOUTS = 6

RETENTION: Final = 14 * 86_400
"""The maximum of SQS, in seconds, to allow for absences of operators.

docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
"""


@dataclass(frozen=True, kw_only=True)
class Consumption:
    """How a function consumes a queue: its timeout and the batching window are in seconds.

    A message moves to the dead-letter queue after `receives`.
    """

    timeout: int
    window: int = 0
    batch_size: int
    receives: int

    @property
    def visibility_timeout(self) -> int:
        """Six times the function's timeout, plus the batching window."""
        return _TIMEOUTS * self.timeout + self.window


# A window of a second is long enough for apply to finish a change. At most a receive every six
# minutes of a shadow, or of a message that a batch had no time for; of another change every 15
# minutes in the end (`functions/registry/queue.py`). An alarm on the oldest message's age goes off
# much earlier.
CAPTURE: Final = Consumption(timeout=60, window=1, batch_size=10, receives=100)
"""Of the queues of changes and of shadows, by the function that captures them."""

# The timeout must be less than the five minutes after which a pending change counts as abandoned
# (`functions/registry/pending.py`). An entity takes up to 20 seconds when AWS is slow, so five fit
# into it. Apply itself moves a change to the dead-letter queue after a day, about a hundred
# receives. Three times as many mean that it crashed each time.
APPLY: Final = Consumption(timeout=120, batch_size=5, receives=300)
"""Of the retry queue and of the queue of shadows to apply."""

# The next invocation continues. Five is the minimum that AWS recommends, since a throttled one also
# counts as a receive: docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
RECONCILE: Final = Consumption(timeout=900, batch_size=1, receives=5)
"""Of the queue of checkpoints, by the function that reconciles."""
