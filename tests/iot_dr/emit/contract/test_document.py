"""A contract is kept as JSON that is the same for the same contract."""

import json

from hypothesis import given

from iot_dr.emit.contract.change import change
from iot_dr.emit.contract.contract import Contract
from iot_dr.emit.contract.document import as_json, contract_of, document
from tests.support.contracts import ZONE, contracts


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
