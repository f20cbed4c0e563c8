"""Files that are not Terraform JSON, and their error messages."""

import io
import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_dr.terraform_json.json_file import JsonFileError, read_content, read_json
from iot_dr.terraform_json.lazy_mapping import LazyMapping, MappingCache
from iot_dr.terraform_json.strict_json import MAX_DEPTH


def archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("tfplan", "x")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "is empty"),
        (b" \n\t ", "is empty"),
        (b'{"resource": {"aws_x": {', "truncated"),
        (b'{"resource": {"aws_x": {"y": {"name": "tex', "truncated"),
        (b'{"a": 1} {"b": 2}', "text after the JSON value"),
        (b'{"a": 1,}', "invalid JSON"),
        (b"\xff\xfe\x00{", "UTF-16"),
        (b'{"name": "\xe9t\xe9"}', "UTF-8"),
        (b'{"ttl": NaN}', "NaN"),
        (b'{"ttl": -Infinity}', "Infinity"),
        (b'{"ttl": 1e999}', "1e999, which is out of range"),
        (b'{"ttl": -1e999}', "-1e999, which is out of range"),
        (b'{"ttl": 1e999, "name": "\xff"}', "1e999, which is out of range"),
        (b'{"text": "' + b"9" * 300_000 + b'", "ttl": 1e999}', "out of range"),
        (b'{"a": 1, "b": 2, "a": 3}', "'a' twice"),
        (b'{"a": ' + b"9" * 5000 + b"}", "out of range"),
        (b"[" * 10_000 + b"]" * 10_000, "nested deeper than 200"),
        (b'{"a":' * 10_000, "nested deeper than 200"),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "nested deeper than 200"),
        (b'resource "aws_route53_record" "r" {\n}\n', "terraform show -json plan.tfplan"),
        (b'# note\n/* more */\nterraform {\n}\n', "is HCL"),
        (b"provider aws {\n}\n", "is HCL"),
        (b"locals {}", "is HCL"),
        (b"#" * 60 + b"\nlocals {}\n", "is HCL"),
        (b"Resources:\n  Zone: {}\n", "is YAML, not Terraform JSON"),
        (b"---\n- a\n", "terraform show -json plan.tfplan"),
        (archive(), "terraform show -json plan.bin"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("bounded")
def test_invalid_json_is_refused_with_its_name_and_a_fix(
    content: bytes, expected: str, tmp_path: Path
) -> None:
    path = tmp_path / "plan.bin"
    path.write_bytes(content)
    with pytest.raises(JsonFileError) as raised:
        read_json(path)
    assert str(raised.value).startswith(f"{path}: ")
    assert expected in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "lead",
    ["#" * 60_000, "/**/" * 15_000, "//" * 30_000, "/*" * 30_000, "# \n" * 20_000, "#/*" * 20_000],
)
@pytest.mark.parametrize("end", ["", "\n", "\nx", "\nregion: x", "*/ resource"])
def test_a_long_banner_is_skipped_in_linear_time(lead: str, end: str, tmp_path: Path) -> None:
    path = tmp_path / "banner.json"
    path.write_text(lead + end)
    with pytest.raises(JsonFileError):
        read_json(path)


def test_a_file_that_is_yaml_by_its_name_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    path.write_text("a\n")
    with pytest.raises(JsonFileError, match=r"is YAML, .* terraform show -json"):
        read_json(path)


def test_the_second_of_two_equal_keys_is_found_among_very_many(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    keys = ", ".join(f'"{number}": 1' for number in range(200_000))
    path.write_text(f'{{{keys}, "199999": 2}}')
    with pytest.raises(JsonFileError, match="'199999' twice"):
        read_json(path)


def test_a_file_that_is_hcl_by_its_name_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "main.tf"
    path.write_text("dynamic stuff")
    with pytest.raises(JsonFileError, match="is HCL"):
        read_json(path)


def test_a_file_of_200_mb_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    with path.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    with pytest.raises(JsonFileError, match="has 200 MiB; at most 128 MiB allowed"):
        read_json(path)


def test_a_file_may_be_as_large_as_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text('{"a": 1}')
    assert read_content(path, 8) == b'{"a": 1}'
    with pytest.raises(JsonFileError, match="allowed"):
        read_content(path, 7)


def test_a_pipe_without_a_writer_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "pipe.json"
    os.mkfifo(path)
    with pytest.raises(JsonFileError, match="not a regular file"):
        read_json(path)


@pytest.mark.parametrize("name", ["absent.json", ".", "loop.json", "a" * 300, "\0"])
def test_a_path_that_cannot_be_opened_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "loop.json").symlink_to("loop.json")
    with pytest.raises(JsonFileError, match=r"cannot be read|not a regular file"):
        read_json(tmp_path / name)


def test_a_hostile_file_name_is_escaped(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[31m\u202e.json"
    path.write_text("")
    with pytest.raises(JsonFileError) as raised:
        read_json(path)
    assert r"a\u001b[31m\u202e.json" in str(raised.value)


def test_a_byte_order_mark_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(b'\xef\xbb\xbf{"a": "${b}"}')
    assert read_json(path) == {"a": "${b}"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("any")


@given(st.binary(max_size=60) | st.text(alphabet='{}[]":,1a\\ ', max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused_with_a_message(folder: Path, content: bytes) -> None:
    path = folder / f"{os.getpid()}.json"
    path.write_bytes(content)
    try:
        document = read_json(path)
    except JsonFileError as error:
        assert str(path) in str(error)  # noqa: PT017 - either outcome is right
    else:
        assert document == json.loads(content.decode("utf-8-sig"))


class Counted(LazyMapping):
    """Counts how often it is made."""

    def __init__(self, shelf: MappingCache, size: int) -> None:
        self._shelf = shelf
        self._size = size
        self.times = 0

    @property
    def cache(self) -> MappingCache:
        return self._shelf

    @property
    def size(self) -> int:
        return self._size

    def load(self) -> Mapping[str, int]:
        self.times += 1
        return {"a": 1, "b": self._size}


def test_it_is_a_mapping_like_any_other() -> None:
    deferred = Counted(MappingCache(), 5)
    assert deferred == {"a": 1, "b": 5}
    assert (len(deferred), list(deferred), deferred.get("c", 7)) == (2, ["a", "b"], 7)
    assert "b" in deferred
    with pytest.raises(KeyError):
        deferred["c"]


@pytest.mark.parametrize("most", [None, 10])
def test_it_is_made_once_while_it_is_kept(most: int | None) -> None:
    deferred = Counted(MappingCache(most), 5)
    assert deferred.times == 0
    assert [deferred["a"] for _ in range(3)] == [1, 1, 1]
    assert deferred.times == 1


def test_what_was_decoded_first_is_dropped_first() -> None:
    shelf = MappingCache(10)
    first, two, three = (Counted(shelf, 5) for _ in range(3))
    for mapping in (first, two, first, three, two, first, three):
        assert dict(mapping.items()) == {"a": 1, "b": 5}
    assert (first.times, two.times, three.times) == (2, 1, 1)


def test_content_larger_than_the_cache_is_loaded_each_time() -> None:
    shelf = MappingCache(10)
    small, large = Counted(shelf, 5), Counted(shelf, 11)
    assert [each["b"] for each in (small, large, large, small, small)] == [5, 11, 11, 5, 5]
    assert (small.times, large.times) == (2, 2)


def test_mappings_that_are_gone_are_not_taken_for_new_ones() -> None:
    shelf = MappingCache(50)
    assert [Counted(shelf, size)["b"] for size in range(200)] == list(range(200))
