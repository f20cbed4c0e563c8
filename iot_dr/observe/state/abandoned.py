"""The record of regions that were abandoned: what the states had there, and since when."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace

from iot_dr.common.user_error import UserError
from iot_dr.terraform_json.strict_json import RefusedJsonError, converted, parsed
from stacks.state_location import ABANDONED_FILE, StateLocation


class AbandonedRecordError(UserError):
    """The record of abandoned regions cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AbandonedRegion:
    """A region, when and by whom it was abandoned, and what was removed from each state.

    `resources` maps each stack to the ids of the removed resources, keyed by address. Until the
    state's stack has a newer `serial` its outputs are those from before.
    """

    region: str
    since: str
    who: str
    serial: int
    resources: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class _Record:
    regions: tuple[AbandonedRegion, ...]


def abandoned_location(state: StateLocation) -> StateLocation:
    """Return the location of the record next to a state: one for all regions of an environment."""
    folder, _, _ = state.key.rpartition("/")
    return replace(state, key=f"{folder}/{ABANDONED_FILE}")


def abandoned_in(content: bytes | None, location: StateLocation) -> tuple[AbandonedRegion, ...]:
    """Parse a record, oldest region first; raises AbandonedRecordError if it is damaged."""
    if content is None:
        return ()
    try:
        return converted(parsed(content), _Record, "the record").regions
    except RefusedJsonError as error:
        message = (
            f"{location.url}: is not a readable record of abandoned regions:"
            f" {error}; restore its earlier version"
        )
        raise AbandonedRecordError(message) from error


def merged(
    record: tuple[AbandonedRegion, ...], added: tuple[AbandonedRegion, ...]
) -> tuple[AbandonedRegion, ...]:
    """Return a record with more regions; one that is in both keeps the resources of both.

    An earlier run may have been interrupted, or the region came back and was lost again.
    """
    former = {each.region: each for each in record}
    new = {each.region for each in added}
    return (
        *(each for each in record if each.region not in new),
        *(_joined(former.get(each.region, each), each) for each in added),
    )


def _joined(former: AbandonedRegion, later: AbandonedRegion) -> AbandonedRegion:
    return replace(
        later,
        serial=max(former.serial, later.serial),
        resources=dict(_both(former.resources, later.resources)),
    )


def _both(
    former: Mapping[str, Mapping[str, str]], later: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[str, Mapping[str, str]]]:
    for stack in dict.fromkeys((*former, *later)):
        yield stack, {**former.get(stack, {}), **later.get(stack, {})}


def content_of(regions: tuple[AbandonedRegion, ...]) -> bytes:
    """Return the stored form of a record."""
    return json.dumps({"regions": [asdict(each) for each in regions]}, indent=2).encode()
