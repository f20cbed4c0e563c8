"""What node reads of the files of jsii's assemblies."""

import hashlib
import json
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.iot_dr.bindings.conftest import LOCKED_NODE
from tests.support.examples import examples

_SCRIPT = Path(__file__).with_name("read_assembly.cjs")
_MODULE = Path(__file__).parents[3] / "iot_dr" / "bindings" / "assembly_file.cjs"
_CHUNK = 256 * 1024

# Each example starts a node, of 50 ms: few examples of many questions.
_FEW = settings(max_examples=examples(10))
_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


def _ask(*questions: tuple[Any, ...]) -> list[str]:
    done = subprocess.run(
        [LOCKED_NODE, _SCRIPT, _MODULE],
        input=json.dumps(questions),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return json.loads(done.stdout)


def _digest(content: bytes, *words: str) -> str:
    return hashlib.sha256(b"\0".join([content, *(word.encode() for word in words)])).hexdigest()


@_FEW
@given(st.lists(st.tuples(st.binary(), st.lists(_texts)), min_size=1))
def test_a_digest_covers_the_file_and_each_word_after_a_nul(
    cases: list[tuple[bytes, list[str]]],
) -> None:
    with TemporaryDirectory() as folder:
        files = [Path(folder, str(number)) for number in range(len(cases))]
        for file, (content, _) in zip(files, cases, strict=True):
            file.write_bytes(content)
        questions = [
            ("digest", str(file), *words) for file, (_, words) in zip(files, cases, strict=True)
        ]
        assert _ask(*questions) == [_digest(content, *words) for content, words in cases]


def test_a_digest_covers_a_file_of_any_size(tmp_path: Path) -> None:
    contents = [b"x" * size for size in (0, 1, _CHUNK - 1, _CHUNK, _CHUNK + 1, 3 * _CHUNK)]
    files = [tmp_path / str(len(content)) for content in contents]
    for file, content in zip(files, contents, strict=True):
        file.write_bytes(content)
    assert _ask(*(("digest", str(file)) for file in files)) == [_digest(each) for each in contents]


@_FEW
@given(_texts.map(str.encode), st.data())
def test_a_row_is_the_part_of_the_file_that_was_asked_for(
    content: bytes, data: st.DataObject
) -> None:
    positions = st.integers(0, len(content))
    pairs = data.draw(st.lists(st.tuples(positions, positions).map(sorted), min_size=1))
    with TemporaryDirectory() as folder:
        file = Path(folder, "rows")
        file.write_bytes(content)
        rows = _ask(*(("row", str(file), start, end) for start, end in pairs))
    assert rows == [content[start:end].decode(errors="replace") for start, end in pairs]


def test_a_row_beyond_the_end_of_a_file_is_cut_off(tmp_path: Path) -> None:
    file = tmp_path / "rows"
    file.write_bytes(b"{}")
    assert _ask(("row", str(file), 1, 9)) == ["}"]


def test_a_file_that_is_absent_is_an_error_of_node(tmp_path: Path) -> None:
    absent = str(tmp_path / "absent")
    assert _ask(("digest", absent), ("row", absent, 0, 1)) == ["ENOENT", "ENOENT"]
