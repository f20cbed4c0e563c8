"""Conflicts with other environments' files: device registry, names, branch, promotion."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, cast

from environments import document, renamed_settings
from environments.blocks import Endpoint
from environments.bounded_file import LARGEST_SETTINGS, UnusableFileError, content_of
from environments.document import Steps
from environments.errors import Mistake, SettingsError
from environments.project import settings_file
from environments.regions import nearest


def files(folder: Path) -> dict[str, Path]:
    """Return the settings files of a folder, keyed by environment."""
    return {path.stem: path for path in sorted(folder.glob("[a-z]*.yaml"))}


def data_of(path: Path) -> dict[str, object] | None:
    """Return the data of another environment's file; None if it cannot be read.

    That file's own commands report its mistakes; nothing can be concluded from it here.
    """
    try:
        return renamed_settings.read(content_of(path, LARGEST_SETTINGS), path.name).data
    except (UnusableFileError, SettingsError):
        return None


def block_of(data: dict[str, object], key: str) -> dict[str, Any] | None:
    """Return a block of a file; None if it is missing or not a mapping."""
    block = data.get(key)
    return cast("dict[str, Any]", block) if isinstance(block, dict) else None


_DATA: Final = "data"


def check_registry(source: document.Document, folder: Path) -> Iterator[Mistake]:
    """Yield a mistake for each other environment with `data` in the same account and region.

    AWS IoT has one device registry per account and region:
    docs.aws.amazon.com/iot/latest/developerguide/thing-registry.html
    """
    if block_of(source.data, _DATA) is None:
        return
    for other, other_data, shared in _neighbours(source, folder):
        if block_of(other_data, _DATA) is not None:
            message = (
                f"is also in {settings_file(other)}, in the same {shared}: AWS IoT has one device"
                f" registry per account and region, so {source.environment} and {other} would copy"
                " each other's devices; expected another account, other regions, or data: null in"
                " one of them"
            )
            yield source.mistake((_DATA,), message)


_EXISTING: Final = "existing"
_EXISTING_NAMES: Final[tuple[Steps, ...]] = (
    (_EXISTING, "domain_configuration"),
    (_EXISTING, "device_policy", "name"),
)


def check_existing_names(source: document.Document, folder: Path) -> Iterator[Mistake]:
    """Yield a mistake for each resource that another environment adopts or creates too.

    Domain configurations and policies have the names of `existing` in every region.
    """
    if block_of(source.data, _EXISTING) is None:
        return
    for other, other_data, shared in _neighbours(source, folder):
        for steps in _EXISTING_NAMES:
            own = _value(source.data, steps)
            if own is not None and own == _value(other_data, steps):
                message = (
                    f"is also in {settings_file(other)}, in the same {shared}, so both would own"
                    " it; expected it in one of them"
                )
                yield source.mistake(steps, message, own)


def _value(data: dict[str, object], steps: Steps) -> object:
    *blocks, key = steps
    block: dict[str, object] = data
    for step in blocks:
        block = block_of(block, str(step)) or {}
    return block.get(str(key))


def _others(source: document.Document, folder: Path) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield the other environments of a folder with their data, empty if it cannot be read."""
    for other, path in files(folder).items():
        if other != source.environment:
            yield other, data_of(path) or {}


def _neighbours(
    source: document.Document, folder: Path
) -> Iterator[tuple[str, dict[str, object], str]]:
    """Yield the environments with the same account and a region in common, and names for both."""
    account = source.data.get("account_id")
    for other, other_data in _others(source, folder):
        shared = [region for region in _regions(source.data) if region in _regions(other_data)]
        if isinstance(account, str) and other_data.get("account_id") == account and shared:
            yield other, other_data, f"account ({account}) and {', '.join(shared)}"


def _regions(data: dict[str, object]) -> list[str]:
    """Return the regions in use and the leaving regions, which still have their data."""
    regions: list[str] = []
    for key in ("regions", "leaving_regions"):
        listed = data.get(key)
        if isinstance(listed, list):
            regions += map(str, cast("list[object]", listed))
    return regions


_ZONE: Final = ("zone", "name")


def check_device_name(source: document.Document, folder: Path) -> Iterator[Mistake]:
    """Yield a mistake for each other environment with the device name of this one's named zone.

    A zone without `name` has the name of its own environment, so two such zones differ.
    """
    if not (block_of(source.data, "zone") or {}).get("name"):
        return
    own = _device_name(source.data, source.environment)
    for other, data in _others(source, folder):
        if _device_name(data, other) == own:
            message = (
                f"has the device name {own} of {settings_file(other)}, so both would own its"
                " records; expected another zone, or another endpoint.label"
            )
            yield source.mistake(_ZONE, message)


def _device_name(data: dict[str, object], name: str) -> str:
    zone, endpoint = block_of(data, "zone") or {}, block_of(data, "endpoint") or {}
    label = endpoint.get("label", Endpoint.model_fields["label"].default)
    own = zone.get("subdomain") or zone.get("name") or f"iot-{name}.{data.get('domain')}"
    return f"{label}.{own}"


def check_names(source: document.Document, folder: Path) -> Iterator[Mistake]:
    """Yield a mistake for each environment whose names this one's pipeline takes for its own.

    Its roles may change what matches patterns such as `example-dev-plan-*`, which names of an
    environment `dev-plan` match too, and those of its state buckets match those of `dev-eu`.
    """
    if not _block(source.data):
        return
    account = source.data.get("account_id")
    own = f"{source.data.get('project')}-{source.environment}-"
    for other, data in _others(source, folder):
        if data.get("account_id") == account and f"{data.get('project')}-{other}".startswith(own):
            message = (
                f"can change resources of {other}, which is in the same account, and whose names"
                f" begin with {own} too; expected another account or name for one of them"
            )
            yield source.mistake(("pipeline",), message)


_KEY: Final = ("pipeline", "promoted_from")
_BRANCH: Final = ("pipeline", "branch")


def check_branch(source: document.Document, folder: Path) -> Iterator[Mistake]:
    """Yield a mistake if another environment rolls out the same branch of the repository.

    An environment that is promoted from this one is ignored.
    """
    block = _block(source.data)
    own = (block.get("repository"), block.get("branch"))
    if None in own:
        return
    others = [
        environment
        for environment, data in _others(source, folder)
        if ((other := _block(data)).get("repository"), other.get("branch")) == own
        # An environment that is promoted from this one reports it in its own file.
        and other.get("promoted_from") != source.environment
    ]
    if others:
        message = (
            f"is also the branch of {' and '.join(others)}, so every push would be rolled out in"
            " each; expected another branch"
        )
        yield source.mistake(_BRANCH, message, own[1])


def check_promotion(source: document.Document, folder: Path) -> Iterator[Mistake]:
    """Yield the mistake, if any, of `promoted_from`.

    That environment must have a file with a pipeline, and must not be promoted from this one,
    directly or through others.
    """
    given = _block(source.data).get("promoted_from")
    if not isinstance(given, str):
        return
    if message := _fault(given, source.environment, folder):
        yield source.mistake(_KEY, message, given)


def _fault(given: str, name: str, folder: Path) -> str:
    known = files(folder)
    if given not in known:
        hint = nearest(given, known)
        others = ", ".join(sorted(set(known) - {name})) or "none"
        return f"is not an environment; {f'{hint} ' if hint else ''}existing environments: {others}"
    visited = [name]
    current: object = given
    while isinstance(current, str) and current in known and current not in visited:
        visited.append(current)
        data = data_of(known[current])
        block = _block(data or {})
        if current == given and data is not None and not block:
            return "has no pipeline, and so no branch to be promoted from"
        current = block.get("promoted_from")
    if current == name:
        cycle = " <- ".join([*visited, name])
        return f"depends on this environment: {cycle}; expected null in the first of them"
    return ""


def _block(data: dict[str, object]) -> dict[str, Any]:
    return block_of(data, "pipeline") or {}
