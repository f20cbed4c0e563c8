"""Environments that would replicate one registry: IoT Core has one for an account and region."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, cast

from environments import document
from environments.errors import ABSENT, Mistake
from environments.folder import block_of, data_of, files

_KEY: Final = "data"


def about_registry(source: document.Document, name: str, folder: Path) -> Iterator[Mistake]:
    """Yield each other environment with `data` in a region and account of `name`'s own."""
    own, account = source.data, source.data.get("account_id")
    if block_of(own, _KEY) is None or not isinstance(account, str):
        return
    for other, path in files(folder).items():
        theirs = {} if other == name else data_of(path) or {}
        shared = [each for each in _regions(own) if each in _regions(theirs)]
        has_data = block_of(theirs, _KEY) is not None
        if has_data and theirs.get("account_id") == account and shared:
            message = (
                f"is in {other}.yaml too, in the same account ({account}) and"
                f" {', '.join(shared)}: AWS IoT has one device registry for an account and region,"
                f" and {name} and {other} would copy each other's devices; give one of them an"
                " account or regions of its own, or set data: null in it"
            )
            yield Mistake(f"{name}.yaml", source.lines.get((_KEY,)), _KEY, ABSENT, message)


def _regions(data: dict[str, object]) -> list[str]:
    """Return the regions, those included that are leaving and still hold what they held."""
    found: list[str] = []
    for key in ("regions", "leaving"):
        listed = data.get(key)
        if isinstance(listed, list):
            found += map(str, cast("list[object]", listed))
    return found
