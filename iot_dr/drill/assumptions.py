"""What a rehearsal takes for granted though AWS documents no figure, or none that is kept here."""

from collections.abc import Mapping
from typing import Final

from iot_dr.drill.region.cloudwatch import LOOK_DELAY
from iot_dr.forecast.detection import AGGREGATION, CHECKERS
from modules.checker_regions import CHECKER_REGIONS

_EARLY, _LATE = AGGREGATION

ASSUMPTIONS: Final[Mapping[str, str]] = {
    "checkers": f"{CHECKERS} checkers ask each endpoint, {CHECKERS // len(CHECKER_REGIONS)} from"
    " each checker region, each at a moment of its own; AWS tells the regions, not how many",
    "aggregation": f"the answer changes {_EARLY:g} to {_LATE:g} s after the checkers' verdict, or"
    " after an alarm has changed",
    "alarms": f"an alarm shows what came in a minute {LOOK_DELAY:g} s after that minute's end",
    "cold starts": "a further instance of the canary is there at once; Lambda needs longer for one",
    "blind checkers": "the probes of checkers that reach nothing fail at once",
    "devices": "all devices show one client certificate, as checking many is no other work",
    "network": "packets on this machine take no time: distances between regions are left out",
}
"""The assumptions by name; each is a sentence."""
