"""The check that no two files define equal constants."""

from pathlib import Path

import pytest

from tools.equal_constants import equal_constants, findings


def equal(folder: Path, first: str, second: str) -> dict[str, list[str]]:
    for name, text in {"modules/first.py": first, "iot_dr/cli/second.py": second}.items():
        file = folder / name
        file.parent.mkdir(parents=True)
        file.write_text(f"\n{text}\n", encoding="utf-8")
    return equal_constants(folder)


@pytest.mark.parametrize(
    ("first", "second", "constant"),
    [
        ("LIMIT = 255", "_LIMIT: Final = 255", "LIMIT = 255"),
        ("SIZES = (\n    1,\n    2,\n)", "SIZES = (1, 2)", "SIZES = (1, 2)"),
        ('HOME = "us-east-1"', '_REGION: Final = "us-east-1"', "us-east-1"),
    ],
)
def test_constants_of_equal_name_and_value_in_two_files_are_listed(
    first: str, second: str, constant: str, tmp_path: Path
) -> None:
    assert equal(tmp_path, first, second) == {
        constant: ["iot_dr/cli/second.py:2", "modules/first.py:2"]
    }


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("LIMIT = 255", "LIMIT = 128"),
        ("LIMIT = 255", "LENGTH = 255"),
        ('NAME = "functions"', 'FOLDER = "functions"'),
        ('ZONE = "aws_route53_zone"', 'ZONE = "aws_route53_zone"'),
        ("LIMIT = 255\nLIMIT = 255", ""),
        ("def limit() -> None:\n    LIMIT = 255", "LIMIT = 255"),
    ],
)
def test_constants_that_differ_and_types_of_resources_are_not_listed(
    first: str, second: str, tmp_path: Path
) -> None:
    assert equal(tmp_path, first, second) == {}


def test_the_stand_in_may_have_its_own_copy_of_a_limit(tmp_path: Path) -> None:
    file = tmp_path / "iot_dr/terraform/standin/sns.py"
    file.parent.mkdir(parents=True)
    file.write_text("LIMIT = 255", encoding="utf-8")
    assert equal(tmp_path, "LIMIT = 255", "") == {}


def test_a_constant_without_a_reason_and_a_reason_without_a_constant_are_findings() -> None:
    constants = {"LIMIT = 255": ["a.py:1", "b.py:2"], "SIZE = 3": ["a.py:3", "b.py:4"]}
    assert sorted(findings(constants, {"SIZE = 3": "by chance", "OLD = 1": "by chance"})) == [
        "a.py:1, b.py:2: LIMIT = 255: import it from one owner, or rename one",
        "tools/equal_constants.yaml: OLD = 1: no longer equal; remove the entry",
    ]
