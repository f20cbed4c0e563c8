"""The changelog of the emitted modules."""

import datetime
import re
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NamedTuple, Self, get_args

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

DATA: Final = Path(__file__).with_name("changelog.yaml")
"""The file of all versions, newest first."""

_INTRODUCTION: Final = (
    "# Changelog\n\n"
    "The format is that of [Keep a Changelog](https://keepachangelog.com/en/1.1.0/); versions are"
    " [semantic](https://semver.org/spec/v2.0.0.html). All modules share one version.\n"
)

_NUMBER: Final = r"(0|[1-9]\d*)"
_VERSION: Final = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-rc\.{_NUMBER})?", re.ASCII)

Kind = Literal["Added", "Changed", "Fixed", "Removed"]


class Version(NamedTuple):
    """A semantic version, or a release candidate of one: https://semver.org/spec/v2.0.0.html."""

    major: int
    minor: int
    patch: int
    candidate: int = sys.maxsize
    """Number of the release candidate; the release itself is above all of them."""

    @classmethod
    def of(cls, text: str) -> Self:
        """Parse a version; raises ValueError for other text, such as `v1.0` or `1.0.0-beta`."""
        match = _VERSION.fullmatch(text)
        if match is None:
            message = (
                f"{text!r} is not a version; expected MAJOR.MINOR.PATCH, such as 1.0.0, or"
                " MAJOR.MINOR.PATCH-rc.NUMBER"
            )
            raise ValueError(message)
        return cls(*(int(number) for number in match.groups() if number is not None))

    @property
    def is_candidate(self) -> bool:
        """Whether this is a release candidate."""
        return self.candidate != sys.maxsize

    def __str__(self) -> str:
        label = f"-rc.{self.candidate}" if self.is_candidate else ""
        return f"{self.major}.{self.minor}.{self.patch}{label}"


class ChangelogEntry(BaseModel):
    """One change of some modules or of `all`, described by a sentence in Markdown."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    modules: Annotated[tuple[str, ...], Field(min_length=1)] | Literal["all"]
    text: Annotated[str, Field(pattern=r"^[A-Z`].*\.$")]


def _version(value: object) -> Version:
    # YAML reads `1.0` as a number.
    return Version.of(str(value))


class Release(BaseModel):
    """A version of all modules and its release date."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Annotated[Version, BeforeValidator(_version)]
    date: datetime.date
    entries: Annotated[tuple[ChangelogEntry, ...], Field(min_length=1)]


def _in_order(releases: tuple[Release, ...]) -> tuple[Release, ...]:
    for later, earlier in pairwise(releases):
        if later.version <= earlier.version or later.date < earlier.date:
            message = f"{later.version} is above {earlier.version}; expected the newest first"
            raise ValueError(message)
    return releases


_RELEASES: Final = TypeAdapter(
    Annotated[tuple[Release, ...], Field(min_length=1), AfterValidator(_in_order)]
)


def releases(path: Path) -> tuple[Release, ...]:
    """Read all versions, newest first.

    Raises ValueError for an invalid changelog, yaml.YAMLError for text that is not YAML.
    """
    data: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    return _RELEASES.validate_python(data)


def current_version(releases: Sequence[Release]) -> Version:
    """Return the version of modules that are emitted now."""
    return releases[0].version


def changelog(releases: Sequence[Release]) -> str:
    """Return the changelog of all modules in Markdown."""
    return "\n".join([_INTRODUCTION, *map(_release, releases)])


def _release(release: Release) -> str:
    parts = [f"## {release.version} - {release.date.isoformat()}\n"]
    for kind in get_args(Kind):
        lines = [f"- {_line(entry)}\n" for entry in release.entries if entry.kind == kind]
        if lines:
            parts.append(f"### {kind}\n\n{''.join(lines)}")
    return "\n".join(parts)


def _line(entry: ChangelogEntry) -> str:
    modules = (
        ("All modules",) if entry.modules == "all" else (f"`{name}`" for name in entry.modules)
    )
    return f"{', '.join(modules)}: {entry.text}"
