"""How far a function may be behind its stream, in seconds: of what takes in device data."""

from typing import Final

LONGEST_AGE: Final = 604_800
"""The most seconds for which Lambda tries a record, however long the stream keeps it."""

LATE: Final = 300
"""The age of a record from which on its function counts as behind."""

LATE_PERIOD: Final = 60
"""The length of each period in which that is judged."""

LATE_PERIODS: Final = 5
"""The periods on end after which the alarm goes off."""

TELEMETRY_WINDOW: Final = 1
"""How long Lambda collects what devices have sent before a function writes it."""
