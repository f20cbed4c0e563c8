"""Ids of the health checks, as the entry point's state hands them over."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from environments.settings import Settings
from iot_dr.common.user_error import UserError
from iot_dr.observe.state.store import Store, StoredObject
from iot_dr.observe.status.queries import query_all
from iot_dr.observe.status.unknown import UnknownValue
from iot_dr.terraform_json.state_file import StateFile
from iot_dr.terraform_json.strict_json import RefusedJsonError
from stacks.platform_graph import platform_graph
from stacks.state_location import StateLocation, global_locations

CheckIds = Mapping[str, Mapping[str, str]]
"""Ids by region and kind: deep, tcp, switch, switch_second, calculated_deep, calculated_tcp."""


class CheckIdsError(UserError):
    """Neither the state nor a copy of it has the ids."""


def check_ids_in_state(settings: Settings, store: Store, seconds: float) -> CheckIds:
    """Return the ids from home's bucket, else from the first copy that has them within `seconds`.

    Raises CheckIdsError with the reason of each bucket.
    """
    works = {place: partial(_ids, store, place) for place in _places(settings)}
    answers = query_all(works, seconds)
    for answer in answers.values():
        if not isinstance(answer, UnknownValue):
            return answer
    raise CheckIdsError("; ".join(dict.fromkeys(_reasons(answers.values()))))


def _reasons(answers: Iterable[CheckIds | UnknownValue]) -> Iterator[str]:
    yield from (answer.reason for answer in answers if isinstance(answer, UnknownValue))


def _places(settings: Settings) -> tuple[StateLocation, ...]:
    return global_locations(settings, platform_graph(settings).only("entry-point"))


def _ids(store: Store, place: StateLocation) -> CheckIds:
    stored = store.read(place)
    if stored is None:
        raise CheckIdsError(f"no {place.key} in {place.bucket}; is the entry point applied?")
    return _handed_over(stored, place)


def _handed_over(stored: StoredObject, place: StateLocation) -> CheckIds:
    try:
        ids: dict[str, Any] = StateFile.parse(stored.content).output("health_check_ids")
        return {
            region: {what: str(check) for what, check in checks.items()}
            for region, checks in ids.items()
        }
    except (AttributeError, RefusedJsonError):
        message = f"{place.bucket}/{place.key} hands over no health_check_ids; apply it once more"
        raise CheckIdsError(message) from None
