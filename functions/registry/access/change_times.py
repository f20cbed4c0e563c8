"""The time of an entity's last change, where IoT Core dates everything that differs."""

from collections.abc import Iterator, Mapping, Set
from datetime import datetime
from typing import Any, cast

from functions.registry.access.region import Response, nested
from functions.registry.access.versions import PolicyVersion
from functions.registry.entity import Entity, Kind
from functions.registry.observation import TimeRange
from functions.registry.state import State

_MILLISECONDS_PER_SECOND = 1000


def change_time(
    entity: Entity, current: Response, state: State, before: State | None
) -> TimeRange | None:
    """Return when `state` replaced `before`, from the description that AWS returned.

    None if unknown. AWS does not date deletions, attachments, things, or the descriptions of thing
    types.
    """
    match entity.kind:
        case Kind.SHADOW:
            half = entity.name.rpartition("/")[2]
            document = (before or {}).get("document", {})
            return _shadow_half_time(nested(current, "metadata", half), document, state["document"])
        case Kind.POLICY:
            return _policy_time(current, before, state)
        case Kind.CA_CERTIFICATE:
            return _exact(current.get("lastModifiedDate"))
        case _:
            return _description_time(entity.kind, current, _differing_names(before or {}, state))


def _exact(date: object) -> TimeRange | None:
    """Return the range of one millisecond for a datetime from botocore; None for anything else."""
    if not isinstance(date, datetime):
        return None
    at = round(date.timestamp() * 1000)
    return TimeRange(at, at)


def _description_time(kind: Kind, current: Response, different: Set[str]) -> TimeRange | None:
    # AWS does not document that attaching a policy changes lastModifiedDate.
    if kind is Kind.CERTIFICATE and different <= {"pem", "status"}:
        return _exact(current.get("lastModifiedDate"))
    # DescribeThingGroup dates only the creation of the group, not its later versions:
    # docs.aws.amazon.com/iot/latest/apireference/API_ThingGroupMetadata.html
    is_first_version = kind is Kind.THING_GROUP and current.get("version") == 1
    if is_first_version and different <= {"parent", "description", "attributes"}:
        return _exact(nested(current, "thingGroupMetadata", "creationDate"))
    # Undoing a deprecation removes the date, and _exact returns None then.
    if kind is Kind.THING_TYPE and different == {"deprecated"}:
        return _exact(nested(current, "thingTypeMetadata", "deprecationDate"))
    return None


def _differing_names(before: State, state: State) -> set[str]:
    """Return the names whose values differ; an empty value equals a missing one."""
    names = before.keys() | state.keys()
    return {name for name in names if (before.get(name) or None) != (state.get(name) or None)}


def _policy_time(
    versions: list[PolicyVersion], before: State | None, state: State
) -> TimeRange | None:
    """Return when the newest of the added documents was created.

    None for a rollback to an existing version or a deleted version, as AWS dates neither; None too
    if no document was added, or one has no date.
    """
    before_documents, documents = _documents(before or {}), _documents(state)
    is_rollback = state["default"] in before_documents and state["default"] != nested(
        before, "default"
    )
    if before_documents - documents or is_rollback:
        return None
    new = [version for version in versions if version.document in documents - before_documents]
    dates = [date for date in (_exact(version.created) for version in new) if date is not None]
    return max(dates) if dates and len(dates) == len(new) else None


def _documents(state: State) -> set[Any]:
    return {state["default"], *state["others"]} if state else set()


def _shadow_half_time(metadata: object, before: object, now: object) -> TimeRange | None:
    seconds = max(_seconds(metadata), default=None)
    if seconds is None or not _is_dated(before, now):
        return None
    return TimeRange(
        seconds * _MILLISECONDS_PER_SECOND,
        seconds * _MILLISECONDS_PER_SECOND + _MILLISECONDS_PER_SECOND - 1,
    )


def _is_dated(before: object, now: object) -> bool:
    """Whether every difference has a timestamp in the metadata of the shadow.

    Metadata covers what is there, so a removed or empty value has none:
    docs.aws.amazon.com/iot/latest/developerguide/device-shadow-document.html
    """
    if before == now:
        return True
    if not isinstance(now, Mapping):
        return now != []
    values = cast("Mapping[str, object]", now)
    before_documents = cast("Mapping[str, object]", before if isinstance(before, Mapping) else {})
    kept = bool(values) and before_documents.keys() <= values.keys()
    return kept and all(
        _is_dated(before_documents.get(name), value) for name, value in values.items()
    )


def _seconds(metadata: Any) -> Iterator[int]:  # noqa: ANN401 - JSON
    """Yield every timestamp (seconds) in a shadow's metadata.

    A key of the shadow may itself be `timestamp`, with an object as its value.
    """
    if isinstance(metadata, list):
        for item in cast("list[Any]", metadata):
            yield from _seconds(item)
    elif isinstance(metadata, dict):
        for name, value in cast("dict[str, Any]", metadata).items():
            if name == "timestamp" and isinstance(value, int):
                yield value
            else:
                yield from _seconds(value)
