"""What `for_each` and `count` make of a block of JSON configuration."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_dr.terraform_json.document import parsed_resources
from iot_dr.terraform_json.scope import as_index
from iot_dr.terraform_json.stack_resources import StackResources
from tests.iot_dr.terraform_json.designs import find, resource_set

NAMES = ["a.example.com", "b.example.com"]


def document(body: dict[str, Any], **rest: Any) -> dict[str, Any]:
    return {"resource": {"aws_x": {"y": body}}, **rest}


def instances_of(body: dict[str, Any], **rest: Any) -> dict[str, dict[str, Any]]:
    stack = parsed_resources("s", document(body, **rest))
    return {each.address.removeprefix("aws_x.y"): dict(each.values) for each in stack.resources}


def not_checked(body: dict[str, Any], **rest: Any) -> StackResources:
    stack = parsed_resources("s", document(body, **rest))
    assert [each.address for each in stack.resources] == ["aws_x.y"]
    assert len(stack.not_checked) == 1
    assert "aws_x.y" in stack.not_checked[0]
    return stack


@pytest.mark.parametrize(
    ("for_each", "names"),
    [
        ({"k": "v", "l": "w"}, {'["k"]': "v", '["l"]': "w"}),
        (["k"], {'["k"]': "k"}),
        ('${toset(["k", "l"])}', {'["k"]': "k", '["l"]': "l"}),
        ("${toset(local.list)}", {'["k"]': "k", '["l"]': "l"}),
        ("${tomap(local.map)}", {'["k"]': "v"}),
        ("${var.map}", {'["k"]': "v"}),
        ("${keys(var.map)}", {'["k"]': "k"}),
        ("${var.on ? local.map : {}}", {'["k"]': "v"}),
        ("${var.off ? local.map : {}}", {}),
        ({}, {}),
    ],
)
def test_for_each_makes_an_instance_for_each_key(for_each: Any, names: dict[str, str]) -> None:
    instances = instances_of(
        {"for_each": for_each, "name": "${each.value}", "key": "${each.key}"},
        variable={
            "map": {"default": {"k": "v"}}, "on": {"default": True}, "off": {"default": False},
        },
        locals={"map": "${var.map}", "list": ["k", "l"]},
    )  # fmt: skip
    assert {key: body["name"] for key, body in instances.items()} == names
    assert [as_index(body["key"]) for body in instances.values()] == list(names)


@pytest.mark.parametrize(
    ("count", "number"),
    [
        (2, 2),
        ("2", 2),
        ("${var.n}", 2),
        ("${length(local.t)}", 2),
        ("${var.on ? 1 : 0}", 1),
        (0, 0),
    ],
)
def test_count_makes_as_many_instances(count: Any, number: int) -> None:
    instances = instances_of(
        {"count": count, "name": "n-${count.index}"},
        variable={"n": {"default": 2}, "on": {"default": True}},
        locals={"t": NAMES},
    )
    assert instances == {f"[{index}]": {"name": f"n-{index}"} for index in range(number)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${local.t[count.index]}", NAMES),
        ("x.${local.t[count.index]}", ["x.a.example.com", "x.b.example.com"]),
        ('${count.index == 0 ? "PRIMARY" : "SECONDARY"}', ["PRIMARY", "SECONDARY"]),
        ('${count.index != 0 ? "PRIMARY" : "SECONDARY"}', ["SECONDARY", "PRIMARY"]),
        ("${aws_x.z[count.index].id}", ["${aws_x.z[0].id}", "${aws_x.z[1].id}"]),
        ("${upper(local.t[count.index])}", ["A.EXAMPLE.COM", "B.EXAMPLE.COM"]),
        ("${trim(local.t[count.index])}", ["${trim(local.t[0])}", "${trim(local.t[1])}"]),
        ("$${count.index}", ["$${count.index}"] * 2),
        ("count.index", ["count.index"] * 2),
        ("${self.each.key}", ["${self.each.key}"] * 2),
    ],
)
def test_an_instances_own_index_replaces_references_in_its_values(
    text: str, expected: list[str]
) -> None:
    instances = instances_of(
        {"count": 2, "name": text, "block": [{"deep": text}]}, locals={"t": NAMES}
    )
    assert [body["name"] for body in instances.values()] == expected
    assert [body["block"][0]["deep"] for body in instances.values()] == expected


def test_values_that_are_expressions_are_followed_from_the_instance() -> None:
    sides = {"a": {"fqdn": "${data.aws_iot_endpoint.e.endpoint_address}"}, "b": "${local.side}"}
    resources = resource_set(
        design=document(
            {
                "for_each": sides,
                "fqdn": "${each.value.fqdn}",
                "upper": "${upper(each.value.fqdn)}",
                "to": "${aws_x.y[each.key].fqdn}",
            },
            locals={"side": {"fqdn": "b.example.com"}},
            data={"aws_iot_endpoint": {"e": {}}},
        )
    )
    first, second = (find(resources, f'aws_x.y["{key}"]') for key in "ab")
    endpoint = "design/data.aws_iot_endpoint.e.endpoint_address"
    assert resources.resolve(first, first.values["fqdn"]) == endpoint
    assert resources.resolve(first, first.values["to"]) == endpoint
    assert endpoint in resources.resolve(first, first.values["upper"])
    assert resources.resolve(second, second.values["fqdn"]) == "b.example.com"
    assert resources.resolve(second, second.values["to"]) == "b.example.com"


def test_the_provider_and_the_region_of_an_instance_are_its_own() -> None:
    stack = parsed_resources(
        "s",
        document({"for_each": {"a": "eu-west-1", "b": "eu-central-1"}, "region": "${each.value}"}),
    )
    assert [each.region for each in stack.resources] == ["eu-west-1", "eu-central-1"]


def test_data_sources_are_multiplied_too() -> None:
    stack = parsed_resources("s", {"data": {"aws_x": {"y": {"count": 2}}}})
    assert [each.address for each in stack.resources] == ["data.aws_x.y[0]", "data.aws_x.y[1]"]


@pytest.mark.parametrize(
    "meta",
    [
        {"for_each": "${aws_x.z.names}"},
        {"for_each": "${var.without_default}"},
        {"for_each": "${local.circle}"},
        {"for_each": "${{for k in local.list : k => k}}"},
        {"for_each": ["${aws_x.z.id}"]},
        {"for_each": {"${local.name}": 1}},
        {"for_each": "text"},
        {"count": "${length(aws_x.z.names)}"},
        {"count": True},
        {"count": 1_000_000},
        {"count": "9" * 5000},
        {"count": "${" + "[" * 50_000 + "}"},
        {"count": "${" + "length(" * 50_000 + "}"},
    ],
)
def test_instances_known_only_to_a_plan_stay_one_resource_and_are_reported(
    meta: dict[str, Any],
) -> None:
    rest: dict[str, Any] = {
        "variable": {"without_default": {}},
        "locals": {"circle": "${local.circle}"},
    }
    not_checked({**meta, "name": "x"}, **rest)


def test_a_small_file_that_means_very_much_is_not_expanded() -> None:
    block = [{"a": "${count.index}"}] * 1_000
    not_checked({"count": 1_000, "block": block})


def test_nested_conditions_are_evaluated_once_and_end() -> None:
    chain = {
        f"l{number}": f"${{local.l{number + 1} == local.l{number + 1} ? local.l{number + 1} : 1}}"
        for number in range(1_000)
    }
    not_checked({"count": "${local.l0}"}, locals=chain)


def test_dynamic_blocks_and_module_calls_are_reported_as_not_checked() -> None:
    not_checked({"dynamic": {"rule": {"for_each": [1], "content": {}}}})
    stack = parsed_resources("s", {"module": {"dr": {"source": "./dr"}, "b": {}}})
    assert stack.not_checked == (
        "the resources in module.dr, module.b; run terraform plan and pass the plan as JSON",
    )


def test_many_names_are_reported_as_a_few_and_a_number() -> None:
    body = {"count": "${aws_x.z.n}"}
    stack = parsed_resources("s", {"resource": {"aws_x": {f"r{n}": body for n in range(100)}}})
    assert "aws_x.r4 and 95 more" in stack.not_checked[0]


WORDS = st.sampled_from(
    ["${", "}", "each.key", "each.value", "count.index", ".a", "[", "]", '"', "?", ":", "==", " ",
     "local.l", "toset(", ")", "x", "$", "%{", "{", "0", ","]
)  # fmt: skip


@given(st.lists(WORDS, max_size=14).map("".join), st.lists(WORDS, max_size=14).map("".join))
def test_any_text_is_expanded_or_left(meta: str, text: str) -> None:
    for argument in ({"for_each": meta}, {"count": meta}, {"for_each": {"k": meta}}):
        stack = parsed_resources("s", document({**argument, "name": text}, locals={"l": text}))
        assert all(each.address.startswith("aws_x.y") for each in stack.resources)
