"""What a connect that failed says of its cause."""

import re
from collections.abc import Mapping
from typing import Final, Literal

Cause = Literal["rate", "authorization", "certificate", "time-out", "nobody", "other"]

# The reasons are those of MQTT 5 (2.4; 0x9f is `connection rate exceeded`), OpenSSL and the system.
_CAUSES: Final[tuple[tuple[Cause, re.Pattern[str]], ...]] = (
    ("rate", re.compile(r"\brate\b|quota|busy|throttl|0x9f", re.IGNORECASE)),
    (
        "authorization",
        re.compile(
            r"authori[sz]|identifier|bad user|unknown (?:device|client)|banned", re.IGNORECASE
        ),
    ),
    ("certificate", re.compile(r"certificate|tls|ssl|handshake|verif", re.IGNORECASE)),
    ("time-out", re.compile(r"time[d]?[ -]?out|no answer", re.IGNORECASE)),
    ("nobody", re.compile(r"refused|reset|closed|lost|unreachable|unavailable", re.IGNORECASE)),
)


def cause(reason: str) -> Cause:
    """Tell what kind of refusal a reason is."""
    for name, words in _CAUSES:
        if words.search(reason):
            return name
    return "other"


def count(refusals: Mapping[str, int], kind: Cause) -> int:
    """Give how many connects failed for reasons of a kind."""
    return sum(number for reason, number in refusals.items() if cause(reason) == kind)
