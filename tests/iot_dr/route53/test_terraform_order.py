"""The points of an apply between two changes."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_dr.route53.apply_order import apply_points
from iot_dr.route53.terraform_checks import declared_checks
from iot_dr.terraform_json.files import read_files
from iot_dr.terraform_json.resource_set import ResourceSet
from tests.support.plan_parts import document, update

NAMES = "abcde"


def points(changed: str, **depends_on: str) -> set[str]:
    return {"".join(sorted(point)) for point in apply_points(changed, depends_on)}


def test_without_dependencies_any_set_of_changes_may_be_done() -> None:
    assert points("ab") == {"", "a", "b", "ab"}


def test_a_change_waits_for_those_that_it_depends_on() -> None:
    assert points("abc", b="a", c="b") == {"", "a", "ab", "abc"}


def test_it_waits_through_resources_that_do_not_change() -> None:
    assert points("ac", b="a", c="b") == {"", "a", "ac"}


def test_a_cycle_ends() -> None:
    assert points("ab", a="b", b="a") == {""}


@given(
    st.dictionaries(st.sampled_from(NAMES), st.sets(st.sampled_from(NAMES))),
    st.sets(st.sampled_from(NAMES)),
)
def test_each_point_has_everything_that_its_changes_depend_on(
    depends_on: dict[str, set[str]], changed: set[str]
) -> None:
    seen = list(apply_points(changed, depends_on))
    assert len(seen) == len(set(seen))
    assert seen[0] == frozenset()
    for point in seen:
        assert point <= changed
        for name in point:
            assert depends_on.get(name, set()) & changed <= point


DEEP, SWITCH = "11111111-deep", "22222222-switch"
CALCULATED = "aws_route53_health_check.calculated"
OUTPUT = "data.terraform_remote_state.west.outputs.deep_check_id"


def children(folder: Path, ids: list[str]) -> tuple[str, ...]:
    """Return the children of a calculated check in the plan of one wave, without the deep check."""
    switch = "aws_route53_health_check.switch"
    calculated = {"type": "CALCULATED", "child_health_threshold": 2, "child_healthchecks": ids}
    metric = {"type": "CLOUDWATCH_METRIC", "id": SWITCH}
    texts = [f"${{{OUTPUT}}}", f"${{{switch}.id}}"]
    references = [OUTPUT, OUTPUT.rpartition(".")[0], f"{switch}.id", switch]
    expression = {"constant_value": texts, "references": references}
    resources = [
        {
            "address": address,
            "mode": "managed",
            "type": "aws_route53_health_check",
            "name": address.partition(".")[2],
            "expressions": expressions,
        }
        for address, expressions in (
            (CALCULATED, {"child_healthchecks": expression}),
            (switch, {"type": {"constant_value": "CLOUDWATCH_METRIC"}}),
        )
    ]
    plan = document(
        {"root_module": {"resources": resources}},
        resource_changes=[
            update(CALCULATED, {}, {**calculated, "id": "33333333-calculated"}),
            update(switch, {}, metric),
        ],
    )
    file = folder / "entry-point.json"
    file.write_text(json.dumps(plan), encoding="utf-8")
    checks = declared_checks(ResourceSet(read_files([file]).stacks))
    (found,) = (check.children for id_, check in checks.items() if id_.endswith(CALCULATED))
    return found


@pytest.mark.parametrize("ids", [[DEEP, SWITCH], [SWITCH, DEEP]], ids=["in order", "as a set"])
def test_a_child_is_the_check_whose_id_it_is_in_whatever_order_a_plan_has_them(
    tmp_path: Path, ids: list[str]
) -> None:
    assert {*children(tmp_path, ids)} == {DEEP, "entry-point/aws_route53_health_check.switch"}
