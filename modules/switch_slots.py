"""Logical ids of switches, watchers and publishers, importable without CDKTF.

The `slot` of a region is its part of logical ids, such as `eu_west_1`.
"""

from typing import Final

WATCHER: Final = "watcher_"
"""The beginning of the ids of a watcher's resources, which end in the slot of its region."""

PUBLISHER: Final = "publisher_"
"""The beginning of the ids of a publisher's resources, which end in the slot of its region."""


def switch_slot(slot: str) -> str:
    """Return the logical id of a region's switch."""
    return f"switch_{slot}"


def switch_alarm_slot(slot: str, alarm_region_slot: str) -> str:
    """Return the logical id of the alarm of a region's switch in one of its alarm regions."""
    return f"{switch_slot(slot)}_in_{alarm_region_slot}"
