"""A module's contract may change only as much as its version says."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given

from iot_dr.emit.changelog import Version
from iot_dr.emit.contract import Contract
from iot_dr.terraform_json.json_file import JsonFileError
from tests.iot_dr.emit.contract.comparison import change
from tests.iot_dr.emit.contract.document import as_json, contract_of, document
from tests.iot_dr.emit.contract.released import Released, complaint, released, released_json
from tests.support.contracts import ZONE, contracts

EARLIER: Final = Released(version=Version.of("1.2.0"), contract=ZONE)
MAJOR: Final = replace(ZONE, outputs=(), resources=())
MINOR: Final = replace(ZONE, resources=(*ZONE.resources, "aws_sns_topic.t"))
PATCH: Final = replace(ZONE, data_sources=())


@pytest.mark.parametrize(
    ("now", "version"),
    [
        (ZONE, "1.2.0"),
        (ZONE, "1.2.1"),
        (PATCH, "1.2.1"),
        (PATCH, "1.3.0"),
        (MINOR, "1.3.0"),
        (MINOR, "2.0.0"),
        (MAJOR, "2.0.0"),
        (MAJOR, "3.1.4"),
    ],
)
def test_a_version_that_says_enough_is_not_a_ground_for_complaint(
    now: Contract, version: str
) -> None:
    assert complaint(now, EARLIER, Version.of(version)) is None


@pytest.mark.parametrize(
    ("now", "candidate", "version", "complains"),
    [
        (MAJOR, "2.0.0-rc.1", "2.0.0-rc.2", False),
        (MAJOR, "2.0.0-rc.1", "2.0.0", False),
        (MAJOR, "2.0.0-rc.1", "2.0.0-rc.1", True),
        (MINOR, "1.3.0-rc.1", "1.3.0", False),
        (MAJOR, "1.3.0-rc.1", "1.3.0", True),
        (PATCH, "1.3.1-rc.1", "1.3.1", False),
        (MINOR, "1.3.1-rc.1", "1.3.1", True),
    ],
)
def test_after_a_candidate_whatever_its_release_may_change_may_change(
    now: Contract, candidate: str, version: str, complains: bool
) -> None:
    earlier = replace(EARLIER, version=Version.of(candidate))
    assert bool(complaint(now, earlier, Version.of(version))) == complains


@pytest.mark.parametrize(
    ("now", "version", "sentence"),
    [
        (
            MAJOR,
            "1.3.0",
            (
                "zone: since 1.2.0 output `id` was removed (and 1 more), which is a major change,"
                " but 1.3.0 is only a minor one; enter 2.0.0 in the changelog, or take the"
                " change back"
            ),
        ),
        (
            MINOR,
            "1.2.1",
            (
                "zone: since 1.2.0 resource `aws_sns_topic.t` was added, which is a minor change,"
                " but 1.2.1 is only a patch one; enter 1.3.0 in the changelog, or take the"
                " change back"
            ),
        ),
        (
            PATCH,
            "1.2.0",
            (
                "zone: since 1.2.0 data source `data.aws_region.this` was removed, which is a patch"
                " change, but 1.2.0 is still the newest version; enter 1.2.1 in the changelog, or"
                " take the change back"
            ),
        ),
        (
            ZONE,
            "1.1.9",
            (
                "zone: the newest version is 1.1.9, but the contract is kept as that of 1.2.0; put"
                " the later version back on top of the changelog"
            ),
        ),
    ],
)
def test_a_version_that_says_too_little_is_reported_in_a_sentence(
    now: Contract, version: str, sentence: str
) -> None:
    assert complaint(now, EARLIER, Version.of(version)) == sentence


def test_a_released_contract_is_read_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / "zone.json").write_text(released_json(EARLIER), encoding="utf-8")
    back = released("zone", tmp_path)
    assert back.version == EARLIER.version
    assert complaint(ZONE, back, back.version) is None


def test_a_module_that_was_never_released_is_reported(tmp_path: Path) -> None:
    with pytest.raises(JsonFileError, match=r"zone\.json: cannot be read: No such file"):
        released("zone", tmp_path)


@given(contracts)
def test_a_contract_comes_back_as_it_was(contract: Contract) -> None:
    back = contract_of(json.loads(as_json(document(contract))))
    assert change(contract, back) is None
    assert as_json(document(back)) == as_json(document(contract))


@given(contracts, contracts)
def test_two_contracts_have_one_text_only_where_nothing_changed(
    one: Contract, other: Contract
) -> None:
    same = as_json(document(one)) == as_json(document(other))
    assert same == (change(one, other) is None)


def test_only_a_variable_that_is_not_required_has_a_default() -> None:
    variables = {each["name"]: each for each in document(ZONE)["variables"]}
    assert "default" not in variables["domain"]
    assert variables["key"]["default"] is None
