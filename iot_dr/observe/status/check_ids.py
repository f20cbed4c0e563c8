"""The ids of the health checks, as the entry point's state hands them over."""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from environments.settings import Settings
from iot_dr.common.user_error import UserError
from iot_dr.observe.state.store import Store, Stored
from iot_dr.observe.status.asked import ask_each
from iot_dr.observe.status.unknown import Unknown
from stacks.platform_graph import platform_graph, stack_name
from stacks.state_copy import copy_location, copy_regions
from stacks.state_location import StateLocation, state_location

CheckIds = Mapping[str, Mapping[str, str]]
"""Ids by region and by what a check is: deep, tcp, switch, calculated_deep, calculated_tcp."""


class CheckIdsError(UserError):
    """No state, and no copy of it, tells the ids."""


def check_ids(settings: Settings, store: Store, seconds: float) -> CheckIds:
    """Read the ids from home's bucket, else from the first copy that answers within `seconds`.

    Raises CheckIdsError with the reason of each bucket.
    """
    works = {place: partial(_ids, store, place) for place in _places(settings)}
    told = ask_each(works, seconds)
    for each in told.values():
        if not isinstance(each, Unknown):
            return each
    raise CheckIdsError("; ".join(dict.fromkeys(_reasons(told.values()))))


def _reasons(told: Iterable[CheckIds | Unknown]) -> Iterator[str]:
    yield from (each.reason for each in told if isinstance(each, Unknown))


def _places(settings: Settings) -> list[StateLocation]:
    name = stack_name(settings.environment, "entry-point")
    node = next(node for node in platform_graph(settings).nodes if node.name == name)
    copies = [copy_location(settings, node, region) for region in copy_regions(settings)]
    return [state_location(settings, node), *copies]


def _ids(store: Store, place: StateLocation) -> CheckIds:
    stored = store.read(place)
    if stored is None:
        raise CheckIdsError(f"no {place.key} in {place.bucket}; is the entry point applied?")
    return _handed_over(stored, place)


def _handed_over(stored: Stored, place: StateLocation) -> CheckIds:
    try:
        told: dict[str, Any] = json.loads(stored.content)["outputs"]["health_check_ids"]["value"]
        return {
            region: {what: str(check) for what, check in checks.items()}
            for region, checks in told.items()
        }
    except (AttributeError, KeyError, TypeError, ValueError):
        message = f"{place.bucket}/{place.key} hands over no health_check_ids; apply it once more"
        raise CheckIdsError(message) from None
