"""Outages in part, and the loss of Route 53's API."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from iot_dr.drill.play.regions import PlayedRegion
from modules.global_region import GLOBAL_REGION

if TYPE_CHECKING:
    from iot_dr.drill.play.platform import Platform

PARTIAL: Mapping[str, Callable[["Platform", PlayedRegion], None]] = {
    "errors": lambda _, region: setattr(region, "failing", 0.2),
    "half-refused": lambda _, region: region.refuse(0.5),
    "one-address": lambda _, region: setattr(region, "dead_addresses", 1),
    "slow-tls": lambda _, region: setattr(region, "latency", 0.7),
    "us-east-1": lambda platform, _: platform.lost_apis.update({GLOBAL_REGION: "hang"}),
}
"""How each begins in a region."""

PARTIAL_TITLES: Final[Mapping[str, str]] = {
    "errors": "20 % of connects fail",
    "half-refused": "half of the devices are refused",
    "one-address": "one of two addresses is dead",
    "slow-tls": "latency of 0.7 s in each direction",
    "us-east-1": "AWS's APIs in us-east-1 hang",
}
