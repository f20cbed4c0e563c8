"""Files that are not plans, and the errors that users get."""

import codecs
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_dr.review.read.plan_source import StackSource
from iot_dr.review.read.stack_reader import MAX_BYTES, LoadedStack
from iot_dr.terraform_json.document import stack_resources
from iot_dr.terraform_json.json_file import JsonFileError
from tests.iot_dr.review.read_one import read_one
from tests.support.plan_parts import create, document

DEEP = json.loads("[" * 201 + "]" * 201)
PLAN = document(resource_changes=[create("aws_x.y", {"a": "b"})])


def read_file(file: Path) -> LoadedStack:
    return read_one(StackSource(name="x", region=None, role=None, status="planned", file=file))


def archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("tfplan", "x")
    return buffer.getvalue()


def dump(**parts: Any) -> bytes:
    """Return the plan with some parts replaced."""
    return json.dumps({**PLAN, **parts}).encode()


def entry(**parts: Any) -> bytes:
    """Return a plan whose only entry has some parts replaced."""
    return dump(resource_changes=[{**create("aws_x.y", {}), **parts}])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \n", "is empty"),
        (archive(), "is a binary plan; convert it: terraform show -json plan.json"),
        (b"\xff\xfe{\x00", "UTF-16"),
        (b"resource aws_x y {\n}\n", "is HCL"),
        (b"---\na: b\n", "is YAML"),
        (dump()[:-40], "line 1: the JSON is truncated"),
        (json.dumps(PLAN, indent=2).encode()[:-40], "the JSON is truncated"),
        (dump() + b"\n{}", "line 2: text after the JSON value"),
        (b'{\n "format_version": "1.2",\n ]}', "line 3, column 2: invalid JSON"),
        (b'{"a":' * 100_000, "nested deeper than 200"),
        (dump(variables=DEEP), "nested deeper than 200"),
        (entry(change={"actions": ["create"], "after": {"a": DEEP}}), "nested deeper than 200"),
        (dump().replace(b'"aws_x.y"', b'"aws_\xff"'), "is not UTF-8"),
        (dump().replace(b'"b"', b"1e999"), "1e999, which is too large|out of range"),
        (dump().replace(b'"b"', b"NaN"), "is not valid JSON"),
        (b"[]", "is not in Terraform's format: the document: expected `object`, got `array`"),
        (b"5", "is not in Terraform's format: the document"),
        (b'{"a": 1}', "is JSON, but not Terraform"),
        (b'{"format_version": "1.0", "terraform_version": "1.9.0", "values": {}}', "state, not"),
        (b'{"version": 4, "lineage": "x", "serial": 1}', "is a raw state file"),
        (b'{"resource": {"aws_x": {}}, "terraform": {}}', "is configuration, not a plan"),
        (b'{"@level": "info", "@message": "x"}', "is Terraform's log; convert the plan"),
        (b'{"version": "0.21.0", "stacks": {}}', "is CDKTF's manifest"),
        (dump(format_version="0.2"), "has the format '0.2', and a review reads 1.x"),
        (dump(format_version="2.0"), "has the format '2.0', and a review reads 1.x"),
        (dump(format_version=None), "has the format 'None'"),
        (dump(resource_changes={}), "resource_changes: expected `array`, got `object`"),
        (dump(resource_changes=[5]), r"resource_changes\[0\]: expected `object`, got `int`"),
        (dump(resource_changes=[{}]), r"resource_changes\[0\]: object missing required field"),
        (entry(address=5), r"resource_changes\[0\].address: expected `str`, got `int`"),
        (entry(change={"actions": "create"}), r"change.actions: expected `array`, got `str`"),
        (dump(errored="yes"), "errored: expected `bool`, got `str`"),
        (dump(output_changes=[]), "output_changes: expected `object`, got `array`"),
        (dump(prior_state=[]), "prior_state: expected `object`, got `array`"),
        (dump(configuration={"root_module": {"resources": {}}}), "resources: expected `array`"),
        (dump(planned_values={"root_module": {"resources": [{"address": 1}]}}), "address: exp"),
    ],
)  # fmt: skip
def test_other_files_are_rejected_with_a_remedy(
    content: bytes, message: str, tmp_path: Path
) -> None:
    file = tmp_path / "plan.json"
    file.write_bytes(content)
    with pytest.raises(JsonFileError, match=message) as raised:
        read_file(file)
    assert str(raised.value).startswith(f"{file}: ")
    assert "\n" not in str(raised.value)


TWICE = [
    ('"errored": false', '"errored": false, "errored": true'),
    ('"address": "aws_x.y"', '"address": "aws_x.y", "address": "aws_x.z"'),
    ('"a": "b"', '"a": "b", "a": "c"'),
    ('"actions": ["create"]', '"actions": ["create"], "actions": ["no-op"]'),
    ('"configuration": {}', '"configuration": {"root_module": {"resources": [], "resources": []}}'),
    ('"configuration": {}', '"configuration": {"root_module": {"resources": [{"a": 1, "a": 1}]}}'),
    ('"configuration": {}', '"configuration": {}, "output_changes": {"o": {}, "o": {}}'),
    ('"configuration": {}', '"planned_values": {"outputs": {"a": {"b": 1, "b": 2}}}'),
]  # fmt: skip


@pytest.mark.parametrize(("once", "twice"), TWICE)
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": "), (" , ", " :\n")])
def test_a_duplicate_key_is_rejected_in_any_spelling(
    once: str, twice: str, separators: tuple[str, str], tmp_path: Path
) -> None:
    comma, colon = separators
    text = json.dumps(PLAN).replace(once, twice).replace(", ", comma).replace(": ", colon)
    assert text != json.dumps(PLAN)
    file = tmp_path / "plan.json"
    file.write_text(text)
    with pytest.raises(JsonFileError, match="twice in one object"):
        read_file(file)


def test_a_too_large_plan_is_rejected_unread(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    with file.open("wb") as opened:
        opened.truncate(MAX_BYTES + 1024**2)
    with pytest.raises(JsonFileError, match="has 1025 MiB; at most 1024 MiB allowed"):
        read_file(file)


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2", "1.9"])
def test_every_format_1_is_read(version: str, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    change = {**create("aws_x.y", {"a": "<é&>\u2028"}), "unheard_of": {"a": [1.5e3, None]}}
    plan = {**PLAN, "format_version": version, "resource_changes": [change], "new": {"x": 1}}
    for text in (json.dumps(plan), json.dumps(plan, indent=2, ensure_ascii=False)):
        file.write_text(text, encoding="utf-8-sig")
        (change_,) = read_file(file).review.changes
        assert [each.after.text for each in change_.diffs] == ['"<é&>\u2028"']


PARTS = st.sampled_from(
    [*sorted(PLAN), "planned_values", "prior_state", "resource_drift", "checks"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**20) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["address", "root_module", "resources", "change", "outputs", "values", "a"]
            ),
            inner,
            max_size=4,
        )
    ),
)


@given(st.dictionaries(PARTS, JSON, max_size=3))
def test_any_json_as_a_part_is_read_or_rejected(parts: dict[str, Any]) -> None:
    stack = StackSource(
        name="x", region=None, role=None, status="planned", file=None, content=dump(**parts)
    )
    try:
        loaded = read_one(stack)
    except JsonFileError as error:
        assert str(error).startswith("standard input (x): ")  # noqa: PT017 - either outcome is right
    else:
        assert all(isinstance(each.diffs, tuple) for each in loaded.review.changes)


@given(noise=st.binary(max_size=40), start=st.integers(0, 400), end=st.integers(0, 400))
def test_a_damaged_plan_is_rejected_or_read_like_the_check_command(
    noise: bytes, start: int, end: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.getbasetemp() / "damaged.json"
    content = dump()
    file.write_bytes(content[:start] + noise + content[max(start, end) :])
    try:
        stack = read_file(file)
    except JsonFileError:
        return
    # Files may begin with a byte order mark; `stack_resources` takes JSON without it.
    content = file.read_bytes().removeprefix(codecs.BOM_UTF8)
    assert stack.resources == stack_resources("x", content)
