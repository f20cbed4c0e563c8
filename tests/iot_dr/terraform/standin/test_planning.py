"""A change of a resource of an older provider, with more attributes computed by AWS now."""

from typing import Any, Literal

import pytest

from iot_dr.terraform.standin.identity import Origin
from iot_dr.terraform.standin.planning import ProviderSettings, plan_change
from iot_dr.terraform.standin.schema import Attribute, NestedBlock, SchemaBlock
from iot_dr.terraform.standin.services import behaviour_of
from iot_dr.terraform.standin.values import UNKNOWN

SETTINGS = ProviderSettings(Origin("111111111111", "eu-west-1"))
RULE = SchemaBlock(
    {
        "algorithm": Attribute("string", required=True),
        "decided": Attribute("string", optional=True, computed=True),
    }
)


def planned(nesting: Literal["list", "set"], before: list[Any], after: list[Any]) -> Any:
    block = SchemaBlock({}, {"rule": NestedBlock(nesting, 0, 0, RULE)})
    behaviour = behaviour_of("resource", "aws_not_described")
    plan = plan_change(block, behaviour, {"rule": before}, {"rule": after}, SETTINGS)
    return plan.state["rule"]


def rule(algorithm: str, decided: Any = None) -> dict[str, Any]:
    return {"algorithm": algorithm, "decided": decided}


@pytest.mark.parametrize("nesting", ["list", "set"])
def test_what_was_never_decided_in_a_block_stays_so_while_the_block_stays(
    nesting: Literal["list", "set"],
) -> None:
    rules = [rule("AES256"), rule("aws:kms")]
    assert planned(nesting, rules, [rule("AES256"), rule("aws:kms")]) == rules


def test_the_order_of_a_set_causes_no_change() -> None:
    rules = [rule("AES256"), rule("aws:kms")]
    assert planned("set", rules, rules[::-1]) == rules[::-1]


@pytest.mark.parametrize("nesting", ["list", "set"])
def test_computed_values_of_a_block_that_changes_are_unknown(
    nesting: Literal["list", "set"],
) -> None:
    assert planned(nesting, [rule("AES256")], [rule("aws:kms")]) == [rule("aws:kms", UNKNOWN)]


@pytest.mark.parametrize(("name", "planned_minutes"), [("a", None), ("b", "45m")])
def test_a_time_limit_is_written_with_another_change_and_is_none_by_itself(
    name: str, planned_minutes: str | None
) -> None:
    create = SchemaBlock({"create": Attribute("string", optional=True)})
    block = SchemaBlock(
        {"name": Attribute("string", required=True)},
        {"timeouts": NestedBlock("single", 0, 0, create)},
    )
    before: dict[str, Any] = {"name": "a", "timeouts": None}
    after: dict[str, Any] = {"name": name, "timeouts": {"create": "45m"}}
    behaviour = behaviour_of("resource", "aws_not_described")
    state: Any = plan_change(block, behaviour, before, after, SETTINGS).state
    assert (state["timeouts"] or {}).get("create") == planned_minutes
