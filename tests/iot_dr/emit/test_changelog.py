"""One file of data lists what changed in the modules."""

from pathlib import Path
from typing import Final

import pytest

from iot_dr.emit.changelog import (
    DATA,
    Version,
    changelog,
    current_version,
    releases,
)

INTRODUCTION: Final = (
    "# Changelog\n\n"
    "The format is that of [Keep a Changelog](https://keepachangelog.com/en/1.1.0/); versions are"
    " [semantic](https://semver.org/spec/v2.0.0.html). All modules share one version.\n\n"
)
TEXT: Final = """
- version: 1.1.0
  date: 2027-01-02
  entries:
    - {kind: Removed, modules: [canary], text: It is gone.}
    - {kind: Changed, modules: all, text: It is other.}
    - {kind: Added, modules: [zone, canary], text: "`it` is new."}
- version: 1.0.1
  date: 2026-12-01
  entries:
    - {kind: Fixed, modules: [zone], text: It works.}
- version: 1.0.0
  date: 2026-11-26
  entries:
    - {kind: Added, modules: [zone], text: A zone.}
    - {kind: Added, modules: [canary], text: A canary.}
- version: 0.9.0
  date: 2026-11-01
  entries:
    - {kind: Added, modules: [old], text: An old one.}
"""
FIRST: Final = {
    *("hosted-zone", "regional-endpoint", "canary", "device-data", "telemetry"),
    *("device-registry", "entry-point", "state-backend", "platform"),
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "changelog.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_the_changelog_of_all_names_the_modules_of_each_entry(data: Path) -> None:
    assert changelog(releases(data)) == INTRODUCTION + (
        "## 1.1.0 - 2027-01-02\n\n"
        "### Added\n\n- `zone`, `canary`: `it` is new.\n\n"
        "### Changed\n\n- All modules: It is other.\n\n"
        "### Removed\n\n- `canary`: It is gone.\n\n"
        "## 1.0.1 - 2026-12-01\n\n"
        "### Fixed\n\n- `zone`: It works.\n\n"
        "## 1.0.0 - 2026-11-26\n\n"
        "### Added\n\n- `zone`: A zone.\n- `canary`: A canary.\n\n"
        "## 0.9.0 - 2026-11-01\n\n"
        "### Added\n\n- `old`: An old one.\n"
    )


def test_the_version_of_now_is_the_first_one(data: Path) -> None:
    assert str(current_version(releases(data))) == "1.1.0"


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("version: 1.0.1", "version: 1.2.0", r"1\.1\.0 is above 1\.2\.0"),
        ("date: 2026-12-01", "date: 2027-12-01", r"1\.1\.0 is above 1\.0\.1"),
        ("version: 1.1.0", "version: v1.1.0", "is not a version"),
        ("version: 1.0.1", "version: 1.0", r"'1\.0' is not a version"),
        ("kind: Fixed", "kind: Repaired", "'Added', 'Changed', 'Fixed' or 'Removed'"),
        ("text: It works.", "text: It works", "match pattern"),
        ("text: It works.", "text: It works., also: x", "Extra inputs"),
        ("modules: [zone], text: It works", "modules: [], text: It works", "at least 1 item"),
    ],
)
def test_a_mistake_in_the_file_is_refused(data: Path, right: str, wrong: str, message: str) -> None:
    assert right in TEXT
    data.write_text(TEXT.replace(right, wrong), encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        releases(data)


def test_the_modules_have_been_there_since_the_first_version() -> None:
    first = releases(DATA)[-1]
    assert str(first.version) == "1.0.0"
    assert {name for entry in first.entries for name in entry.modules} == FIRST


@pytest.mark.parametrize(
    "text",
    ["v1.0.0", "1.0", "1.0.0-beta", "1.0.0-rc", "1.0.0-rc.01", "01.0.0", "1.0.0\n", "\u0661.0.0"],
)
def test_what_is_not_a_released_version_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a version; expected MAJOR\.MINOR\.PATCH"):
        Version.of(text)


def test_candidates_are_below_their_release_in_the_order_of_their_numbers() -> None:
    versions = ["1.9.9", "2.0.0-rc.2", "2.0.0-rc.10", "2.0.0", "2.0.1-rc.1"]
    parsed = list(map(Version.of, versions))
    assert sorted([*parsed[3:], *parsed[:3]]) == parsed
    assert list(map(str, parsed)) == versions
