"""Which installed versions the fast start trusts."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_dr.bindings import versions

_KNOWN = ("cdktf-0.21.0", "cdktf_cdktf_provider_aws-21.22.1", "jsii-1.142.0")


def _install(folder: Path, *packages: str) -> str:
    folder.mkdir(exist_ok=True)
    for package in packages:
        (folder / f"{package}.dist-info").mkdir()
    return str(folder)


@pytest.mark.parametrize("engine", ["cdktf", "cdktn"])
def test_what_is_installed_here_is_known(engine: str) -> None:
    assert versions.unknown(engine) is None


@pytest.mark.parametrize("jsii", ["jsii-1.142.0", "jsii-1.142.7"])
def test_patches_of_jsii_are_known(tmp_path: Path, jsii: str) -> None:
    assert versions.unknown("cdktf", [_install(tmp_path, *_KNOWN[:2], jsii)]) is None


@pytest.mark.parametrize(
    ("package", "message"),
    [
        ("cdktf-0.21.1", "cdktf 0.21.1 (known: 0.21.0)"),
        ("cdktf-0.21.0rc1", "cdktf 0.21.0rc1 (known: 0.21.0)"),
        ("cdktf_cdktf_provider_aws-21.22.10", "21.22.10 (known: 21.22.1)"),
        ("jsii-1.14", "jsii 1.14 (known: 1.142)"),
        ("jsii-1.1420.0", "jsii 1.1420.0 (known: 1.142)"),
    ],
)
def test_another_version_is_named(tmp_path: Path, package: str, message: str) -> None:
    assert message in (versions.unknown("cdktf", [_install(tmp_path, package)]) or "")


def test_two_versions_in_one_folder_are_both_named(tmp_path: Path) -> None:
    folder = _install(tmp_path, "jsii-1.142.0", "jsii-1.150.0")
    result = versions.unknown("cdktf", [folder]) or ""
    assert "1.142.0" in result
    assert "1.150.0" in result


@pytest.mark.parametrize(("engine", "is_known"), [("cdktf", True), ("cdktn", False)])
def test_the_packages_of_the_other_engine_do_not_count(
    tmp_path: Path, engine: str, is_known: bool
) -> None:
    folder = _install(tmp_path, *_KNOWN, "cdktn-0.24.1", "cdktn_provider_aws-25.8.1")
    assert (versions.unknown(engine, [folder]) is None) == is_known


def test_the_first_folder_of_the_path_counts(tmp_path: Path) -> None:
    first = _install(tmp_path / "first", *_KNOWN)
    second = _install(tmp_path / "second", "jsii-1.0.0")
    assert versions.unknown("cdktf", [first, second]) is None
    assert versions.unknown("cdktf", [second, first]) is not None


def test_folders_that_cannot_be_read_and_packages_that_are_absent_are_not_a_finding(
    tmp_path: Path,
) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"")
    assert versions.unknown("cdktf", [str(tmp_path / "absent"), str(file)]) is None


@given(version=st.from_regex(r"[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{1,2}", fullmatch=True))
def test_no_provider_version_but_the_known_one_is_trusted(
    version: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = _install(tmp_path_factory.mktemp("site"), f"cdktf_cdktf_provider_aws-{version}")
    assert (versions.unknown("cdktf", [folder]) is None) == (version == "21.22.1")
