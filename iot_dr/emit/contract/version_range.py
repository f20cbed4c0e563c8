"""The versions that a constraint of Terraform lets in."""

import re
from dataclasses import dataclass
from typing import Final

from iot_dr.emit.contract.version import Version

_TERM: Final = re.compile(r"(>=|<=|~>|>|<|=)?\s*(\d+(?:\.\d+){0,2})", re.ASCII)
_NONE_BELOW: Final = Version(0, 0, 0)


@dataclass(frozen=True, kw_only=True)
class VersionRange:
    """All versions from `lowest` to the last one before `below`, which None leaves open."""

    lowest: Version
    below: Version | None

    def lets_in(self, other: "VersionRange") -> bool:
        """Tell whether every version of another range is in this one."""
        return self.lowest <= other.lowest and self.reaches(other)

    def reaches(self, other: "VersionRange") -> bool:
        """Tell whether this range goes up as far as another one."""
        return self.below is None or (other.below is not None and other.below <= self.below)


def version_range(constraint: str) -> VersionRange:
    """Read a constraint such as `>= 6.1, < 7.0`.

    Raises ValueError for what is no range: versions that are left out (`!=`) or have a label.
    https://developer.hashicorp.com/terraform/language/expressions/version-constraints
    """
    ranges = [_range(term.strip()) for term in constraint.split(",")]
    tops = [each.below for each in ranges if each.below is not None]
    return VersionRange(
        lowest=max(each.lowest for each in ranges), below=min(tops) if tops else None
    )


def _range(term: str) -> VersionRange:
    found = _TERM.fullmatch(term)
    if found is None:
        message = f"{term!r} is no range of versions"
        raise ValueError(message)
    sign, digits = found.groups()
    numbers = tuple(map(int, digits.split(".")))
    version = Version(*numbers, *(0,) * (3 - len(numbers)))
    match sign:
        case ">=":
            return VersionRange(lowest=version, below=None)
        case ">":
            return VersionRange(lowest=version.after("patch"), below=None)
        case "<":
            return VersionRange(lowest=_NONE_BELOW, below=version)
        case "<=":
            return VersionRange(lowest=_NONE_BELOW, below=version.after("patch"))
        case "~>":
            return VersionRange(lowest=version, below=_above(version, len(numbers)))
        case _:
            return VersionRange(lowest=version, below=version.after("patch"))


def _above(version: Version, numbers: int) -> Version | None:
    """Say where `~>` ends: only the last number that is written may grow."""
    return (None, version.after("major"), version.after("minor"))[numbers - 1]
