"""Consistency of the block `pipeline` with the other settings."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from environments.errors import ABSENT
from environments.fields import Finding
from environments.pipeline import CONNECTION, PIPELINE_COUNT, Pipeline

_PLACE: Final = ("pipeline", "connections")


def check_pipeline(data: object) -> Iterator[Finding]:
    """Yield where the block contradicts the regions, the account or the deploy role.

    Reads raw data, so that all mistakes are reported at once; skips values that are invalid by
    themselves.
    """
    settings = _mapping(data)
    block = settings.get("pipeline")
    pipeline = block.model_dump() if isinstance(block, Pipeline) else _mapping(block)
    if not pipeline:
        return
    if settings.get("deploy_role_arn"):
        message = "cannot be used with a pipeline; expected null, or no pipeline"
        yield ("deploy_role_arn",), ABSENT, message
    regions = _regions(settings)
    connections = pipeline.get("connections")
    if not isinstance(connections, Mapping):
        return
    by_region = {
        str(region): arn for region, arn in cast("Mapping[object, Any]", connections).items()
    }
    yield from _about_count(by_region, regions)
    for region, arn in by_region.items():
        if regions and region not in regions:
            yield (*_PLACE, region), region, _not_among(regions)
        yield from _about_connection(region, arn, settings.get("account_id"))
    active = pipeline.get("active_region")
    if isinstance(active, str) and by_region and active not in by_region:
        message = f"has no connection; expected {' or '.join(by_region)}"
        yield ("pipeline", "active_region"), active, message


def _about_count(connections: Mapping[str, Any], regions: tuple[str, ...]) -> Iterator[Finding]:
    count = len(connections)
    if count == PIPELINE_COUNT:
        return
    others = [region for region in regions if region not in connections]
    message = f"has {count} region{'' if count == 1 else 's'}; expected 2, so that one can be lost"
    if count > PIPELINE_COUNT:
        message += ": remove all but two"
    elif len(others) >= PIPELINE_COUNT - count:
        which = "one" if count else "two"
        message += f": add {which} of {', '.join(others)}"
    yield _PLACE, ABSENT, message


def _about_connection(region: str, arn: object, account: object) -> Iterator[Finding]:
    if not isinstance(arn, str) or not re.fullmatch(CONNECTION, arn):
        return
    _, _, _, its_region, its_account, _ = arn.split(":", 5)
    if its_region != region:
        yield (*_PLACE, region), arn, f"is a connection of {its_region}; expected one of {region}"
    if isinstance(account, str) and its_account != account:
        message = f"is a connection of account {its_account}; expected one of {account}"
        yield (*_PLACE, region), arn, message


def _not_among(regions: tuple[str, ...]) -> str:
    expected = f"; expected two of {', '.join(regions)}" if len(regions) >= PIPELINE_COUNT else ""
    return f"is not among the regions{expected}"


def _regions(settings: Mapping[str, Any]) -> tuple[str, ...]:
    given = settings.get("regions")
    listed = cast("list[object]", given) if isinstance(given, (list, tuple)) else []
    return tuple(each for each in listed if isinstance(each, str))


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}
