"""A module has the licence of all third-party code that it hands out."""

import zipfile
from pathlib import Path, PurePosixPath

import pytest

from iot_dr.emit.synthesis import licenses
from modules.function_package import function_package

POWERTOOLS = "aws_lambda_powertools"
TENSORFLOW = f"{POWERTOOLS}/shared/lazy_import.py"


def zipped(folder: Path, *names: str) -> Path:
    with zipfile.ZipFile(folder / "function.zip", "w") as archive:
        for name in names:
            archive.writestr(name, "")
    return folder / "function.zip"


@pytest.mark.parametrize(
    ("name", "holders"),
    [
        ("canary", {}),
        (
            "telemetry",
            {
                POWERTOOLS: "Amazon.com, Inc.",
                "tensorflow": "Apache License",
                "typing_extensions": "Python Software Foundation",
            },
        ),
    ],
)
def test_each_package_in_a_zip_has_its_licence(name: str, holders: dict[str, str]) -> None:
    files = licenses(function_package(name).path)
    assert {str(path.parent) for path in files} == holders.keys()
    for path, file in files.items():
        assert holders[str(path.parent)] in file.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["telemetry", "registry_apply", "registry_capture"])
def test_the_only_file_with_another_owner_than_its_package_is_known(name: str) -> None:
    with zipfile.ZipFile(function_package(name).path) as archive:
        owned = {
            each for each in archive.namelist() if b"# Copyright" in archive.read(each)
        }  # fmt: skip
    assert owned == {TENSORFLOW}


def test_a_package_without_a_licence_is_not_handed_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = tmp_path / "unlicensed-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Name: unlicensed\nVersion: 1.0\n", encoding="utf-8")
    (about / "RECORD").write_text("unlicensed/LICENSE.py,,\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ValueError, match="unlicensed: its distribution has no licence file"):
        licenses(zipped(tmp_path, "functions/a/handler.py", "unlicensed/a.py"))


def test_a_module_of_one_file_is_a_package_too(tmp_path: Path) -> None:
    files = licenses(zipped(tmp_path, "typing_extensions.py"))
    assert list(files) == [PurePosixPath("typing_extensions/LICENSE")]
