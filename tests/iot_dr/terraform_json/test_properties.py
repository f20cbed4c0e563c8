"""Properties of the readers and of resolving that hold for any input."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from iot_dr.terraform_json.document import stack_resources
from iot_dr.terraform_json.resource_set import ResourceSet
from iot_dr.terraform_json.strict_json import RefusedJsonError
from tests.iot_dr.terraform_json.designs import find, plan, resource_set
from tests.support.examples import examples

KEYS = st.sampled_from(
    (
        "resource", "data", "provider", "locals", "variable", "output", "terraform", "backend",
        "aws", "aws_x", "y", "alias", "region", "default", "value", "for_each", "//",
        "format_version", "planned_values", "resource_changes", "configuration", "root_module",
        "resources", "child_modules", "module_calls", "module", "address", "change", "actions",
        "before", "after", "after_unknown", "expressions", "constant_value", "references",
        "terraform_remote_state", "config", "key", "values", "prior_state", "outputs", "type",
    )
)  # fmt: skip
TEXTS = st.sampled_from(
    ("", "1.2", "aws_x.y", "module.m[0].aws_x.y", "${aws_x.y.id}", "${var.y}", "${", "%{ x.y }",
     "data.terraform_remote_state.y", "aws.y", "${each.value.y}", 'module.m["a"].data.aws_x.y["b"]')
)  # fmt: skip
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=25,
)


def read(document: Any) -> bool:
    """Read a document and resolve all of its values; give False where it is refused."""
    try:
        stack = stack_resources("any", json.dumps(document).encode())
    except RefusedJsonError:
        return False
    resources = ResourceSet([stack])
    for resource in stack.resources:
        for value in resource.values.values():
            resources.resolve(resource, value)
            resources.candidates(resource, value)
    return True


def has_objects_alone(document: Any) -> bool:
    """Whether a document is one that Terraform reads: an object, or a list of objects."""
    parts: list[Any] = document if isinstance(document, list) else [document]
    return all(isinstance(part, dict) for part in parts)


@settings(max_examples=examples(50))
@given(JSON)
def test_any_json_gives_resources_or_a_refusal(document: Any) -> None:
    assert has_objects_alone(document) or not read(document)


def configured(inner: Any) -> dict[str, Any]:
    return {"resource": {"aws_x": {"y": {"z": inner}}}}


def stored(inner: Any) -> dict[str, Any]:
    return {"format_version": "1.0", "values": inner}


@settings(max_examples=examples(50))
@given(st.one_of(JSON.map(configured), JSON.map(stored)))
def test_any_json_inside_configuration_or_a_state_gives_resources(document: Any) -> None:
    assert read(document)


def mutated(value: Any, data: st.DataObject, depth: int = 0) -> Any:
    """Put something else in one place of a document."""
    if isinstance(value, (dict, list)) and value and data.draw(st.integers(0, 8)) > 0:
        keys = sorted(value) if isinstance(value, dict) else list(range(len(value)))
        key: Any = data.draw(st.sampled_from(keys))
        copy: Any = value.copy()
        copy[key] = mutated(copy[key], data, depth + 1)
        return copy
    return data.draw(JSON)


PLAN = plan()


@settings(max_examples=examples(50))
@given(st.data())
def test_a_real_plan_with_anything_in_one_place_gives_resources_or_a_refusal(
    data: st.DataObject,
) -> None:
    document = mutated(PLAN, data)
    assert has_objects_alone(document) or not read(document)


NAMES = [f"n{number}" for number in range(6)]
REFERENCES = st.sampled_from(
    [
        lead % name
        for name in NAMES
        for lead in (
            "${local.%s}", "${var.%s}", "${aws_x.%s.name}", "a-${local.%s}",
            "${data.terraform_remote_state.one.outputs.%s}",
            "${data.terraform_remote_state.other.outputs.%s}",
            "${f(local.%s)}",
        )
    ]
)  # fmt: skip


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, Any]:
    values = st.dictionaries(st.sampled_from(NAMES), REFERENCES, max_size=6)
    states = {
        name: {"backend": "s3", "config": {"bucket": "b", "key": f"{name}.tfstate"}}
        for name in ("one", "other")
    }
    return {
        "locals": draw(values),
        "variable": {name: {"default": each} for name, each in draw(values).items()},
        "resource": {"aws_x": {name: {"name": each} for name, each in draw(values).items()}},
        "output": {name: {"value": each} for name, each in draw(values).items()},
        "data": {"terraform_remote_state": states},
    }


@settings(max_examples=examples(50))
@given(graphs(), graphs())
def test_references_in_any_circle_come_to_an_end_and_the_same_one_each_time(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    resources, again = (resource_set(one=first, other=second) for _ in range(2))
    for resource in resources.of_type("aws_x"):
        same = find(again, resource.address, resource.stack)
        value = resource.values["name"]
        assert resources.resolve(resource, value) == again.resolve(same, value)
        result = [first.address for first in resources.candidates(resource, value)]
        assert result == [first.address for first in again.candidates(same, value)]
        assert len(set(result)) <= len(NAMES)


@given(graphs())
def test_a_document_is_not_changed_by_reading_it(document: dict[str, Any]) -> None:
    before = json.dumps(document)
    read(document)
    assert json.dumps(document) == before
