"""When IoT Core says that an entity was changed, where it says so of all that is different."""

from collections.abc import Iterator, Mapping, Set
from datetime import datetime
from typing import Any, cast

from functions.registry.access.region import Answer, inside
from functions.registry.access.versions import Version
from functions.registry.entity import Entity, Kind
from functions.registry.found import Told
from functions.registry.state import State

_SECOND = 1000


def changed(entity: Entity, held: Answer, state: State, before: State | None) -> Told | None:
    """Tell when a state was made from the one before, by what AWS answered of the entity.

    What is gone has left no time. Nor does AWS give one to what is attached, to things, and to
    descriptions of types.
    """
    match entity.kind:
        case Kind.SHADOW:
            half = entity.name.rpartition("/")[2]
            document = (before or {}).get("document", {})
            return _of_half(inside(held, "metadata", half), document, state["document"])
        case Kind.POLICY:
            return _of_policy(held, before, state)
        case Kind.CA_CERTIFICATE:
            return _moment(held.get("lastModifiedDate"))
        case _:
            return _of_description(entity.kind, held, _different(before or {}, state))


def _moment(date: object) -> Told | None:
    """Give the milliseconds of a date of botocore's; None for anything else."""
    if not isinstance(date, datetime):
        return None
    at = round(date.timestamp() * 1000)
    return Told(at, at)


def _of_description(kind: Kind, held: Answer, different: Set[str]) -> Told | None:
    # Of policies that are attached neither date nor version is said to tell.
    if kind is Kind.CERTIFICATE and different <= {"pem", "status"}:
        return _moment(held.get("lastModifiedDate"))
    # Of later versions AWS does not tell when they were made.
    first = kind is Kind.THING_GROUP and held.get("version") == 1
    if first and different <= {"parent", "description", "attributes"}:
        return _moment(inside(held, "thingGroupMetadata", "creationDate"))
    # To undo a deprecation takes the date away.
    if kind is Kind.THING_TYPE and different == {"deprecated"}:
        return _moment(inside(held, "thingTypeMetadata", "deprecationDate"))
    return None


def _different(before: State, state: State) -> set[str]:
    """Give the names whose values differ; what is empty is as good as not there."""
    names = before.keys() | state.keys()
    return {name for name in names if (before.get(name) or None) != (state.get(name) or None)}


def _of_policy(versions: list[Version], before: State | None, state: State) -> Told | None:
    """Tell when the last of the new documents was made.

    To put an older version in force, or to delete one, leaves no date.
    """
    had, has = _documents(before or {}), _documents(state)
    is_older_in_force = state["default"] in had and state["default"] != inside(before, "default")
    if had - has or is_older_in_force:
        return None
    made = [_moment(each.created) for each in versions if each.document in has - had]
    dates = [each for each in made if each is not None]
    return max(dates) if dates and len(dates) == len(made) else None


def _documents(state: State) -> set[Any]:
    return {state["default"], *state["others"]} if state else set()


def _of_half(metadata: object, before: object, now: object) -> Told | None:
    seconds = max(_seconds(metadata), default=None)
    if seconds is None or not _has_times(before, now):
        return None
    return Told(seconds * _SECOND, seconds * _SECOND + _SECOND - 1)


def _has_times(before: object, now: object) -> bool:
    """Tell whether each difference has a time: what is gone or empty has none."""
    if before == now:
        return True
    if not isinstance(now, Mapping):
        return now != []
    values = cast("Mapping[str, object]", now)
    had = cast("Mapping[str, object]", before if isinstance(before, Mapping) else {})
    kept = bool(values) and had.keys() <= values.keys()
    return kept and all(_has_times(had.get(name), value) for name, value in values.items())


def _seconds(metadata: Any) -> Iterator[int]:  # noqa: ANN401 - JSON
    """Give all times below; a value of a shadow may itself be called `timestamp`."""
    if isinstance(metadata, list):
        for each in cast("list[Any]", metadata):
            yield from _seconds(each)
    elif isinstance(metadata, dict):
        for name, value in cast("dict[str, Any]", metadata).items():
            if name == "timestamp" and isinstance(value, int):
                yield value
            else:
                yield from _seconds(value)
