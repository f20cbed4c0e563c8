"""Limits of the canary, its API and the watcher; no CDKTF, since designs are compared with them."""

from functions.contract import FEWEST_FAILURES
from modules.watch_time import PROBE_TIME, WATCH_MARGIN, WATCH_PERIOD

# At 10 s they send 1.6 requests a second, and at worst 16 at the same time.
CHECKERS = 16
"""Checkers of one health check, assumed: AWS documents only at least 3 regions."""
RATE, BURST = 100, 200
"""Requests a second, and at once, that the route of the health API admits."""

# More than the number of Route 53's checkers, so that none is throttled.
CANARY_CONCURRENCY = 20
CANARY_MEMORY = 512
CANARY_TIMEOUT = 3
"""Seconds."""

API_MILLISECONDS = 2000
"""After that many a check fails: API Gateway waits no longer for the canary."""
API_PAYLOAD = "2.0"
"""The format of the canary's event."""
ARCHITECTURES = ("arm64",)
"""Of every function."""

WATCHER_MEMORY = PUBLISHER_MEMORY = 256
PUBLISHER_CONCURRENCY = 2
"""One is invoked each minute and ends within it; Lambda may invoke one twice."""


def watch_seconds(interval: int, threshold: int) -> int:
    """Return how long a watch may take until it has decided, in seconds."""
    return (interval + PROBE_TIME) * max(threshold, FEWEST_FAILURES) + WATCH_MARGIN


def watch_concurrency(seconds: int) -> int:
    """Return how many watches may run at once: one starts each minute, whatever runs before it."""
    return seconds // WATCH_PERIOD + 2
