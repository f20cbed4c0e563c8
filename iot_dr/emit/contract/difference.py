"""One difference between two contracts."""

from collections.abc import Iterable
from dataclasses import dataclass

from iot_dr.emit.contract.version import Kind


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A difference; `what` is a clause such as ``variable `zone_id` was removed``."""

    kind: Kind
    what: str


def differences_of_names(
    what: str, before: Iterable[str], after: Iterable[str], *, added: Kind, removed: Kind
) -> list[Difference]:
    """Tell the names that came and those that went."""
    old, new = set(before), set(after)
    return [
        *(Difference(kind=removed, what=f"{what} `{name}` was removed") for name in old - new),
        *(Difference(kind=added, what=f"{what} `{name}` was added") for name in new - old),
    ]
