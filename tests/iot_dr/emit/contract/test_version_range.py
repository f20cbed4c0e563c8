"""A constraint lets in a range of versions."""

import pytest

from iot_dr.emit.contract.version import Version
from iot_dr.emit.contract.version_range import version_range


@pytest.mark.parametrize(
    ("constraint", "lowest", "below"),
    [
        (">= 1.9", "1.9.0", None),
        ("> 1.9", "1.9.1", None),
        ("<= 6.2.1", "0.0.0", "6.2.2"),
        (">= 6.0, < 7", "6.0.0", "7.0.0"),
        (">=6.0,>=6.1,<8,<7.5", "6.1.0", "7.5.0"),
        ("~> 6", "6.0.0", None),
        ("~> 6.1", "6.1.0", "7.0.0"),
        ("~> 6.1.2", "6.1.2", "6.2.0"),
        ("= 6.1.2", "6.1.2", "6.1.3"),
        ("6.1.2", "6.1.2", "6.1.3"),
    ],
)
def test_a_constraint_is_read_as_terraform_reads_it(
    constraint: str, lowest: str, below: str | None
) -> None:
    made = version_range(constraint)
    assert made.lowest == Version.of(lowest)
    assert made.below == (None if below is None else Version.of(below))


@pytest.mark.parametrize("constraint", ["!= 6.1", ">= 6.0.0-beta1", "", "latest", ">= 6.0,"])
def test_what_is_no_range_is_refused(constraint: str) -> None:
    with pytest.raises(ValueError, match="is no range of versions"):
        version_range(constraint)
