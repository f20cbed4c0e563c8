"""Modules go into a folder next to the user's own files, and never over them."""

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_dr.common.full_disk import error_line
from iot_dr.common.output_folder import OutputFolderError
from iot_dr.common.user_error import UsageError
from iot_dr.emit.folder import MANIFEST, emission_folder
from tests.support.full_disk import largest_file

Tree = Mapping[str, str]

FIRST: Final = {"main.tf": "1", "modules/canary/main.tf": "1", "modules/old/main.tf": "1"}
SECOND: Final = {"main.tf": "2", "modules/canary/main.tf": "1", "modules/new/main.tf": "2"}
OWN: Final = {".git/config": "own", "modules/canary/notes.md": "own"}


def put(folder: Path, tree: Tree) -> None:
    for name, content in tree.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


def emit(folder: Path, tree: Tree, *, force: bool = False) -> None:
    with emission_folder(folder, force=force) as draft:
        assert list(draft.iterdir()) == []
        put(draft, tree)


def tree(folder: Path) -> dict[str, str]:
    """Read all files but the manifest."""
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in folder.rglob("*")
        if path.is_file() and path.name != MANIFEST
    }


def listed(folder: Path) -> dict[str, list[str]]:
    return json.loads((folder / MANIFEST).read_bytes())["files"]


def sha256(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Return a folder with a first emission and files of the user's own."""
    emit(tmp_path / "out", FIRST)
    put(tmp_path / "out", OWN)
    return tmp_path / "out"


@pytest.mark.parametrize("is_there", [False, True])
def test_a_new_or_empty_folder_gets_the_files_and_a_list_of_them(
    tmp_path: Path, *, is_there: bool
) -> None:
    folder = tmp_path / "above" / "out"
    if is_there:
        folder.mkdir(parents=True)
    emit(folder, FIRST)
    assert tree(folder) == FIRST
    assert listed(folder) == {name: [sha256(content)] for name, content in FIRST.items()}
    assert [path.name for path in folder.parent.iterdir()] == ["out"]
    assert folder.stat().st_mode == folder.parent.stat().st_mode


def test_the_working_folder_may_be_emitted_into_and_left_concurrently(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out").mkdir()
    monkeypatch.chdir(tmp_path / "out")
    with emission_folder(Path(), force=False) as draft:
        monkeypatch.chdir(tmp_path)
        put(draft, FIRST)
    assert tree(tmp_path / "out") == FIRST


def test_without_room_the_file_and_what_to_do_are_reported_and_nothing_is_touched(
    out: Path,
) -> None:
    before = tree(out)
    with pytest.raises(OSError, match="too large") as caught, largest_file(200):
        emit(out, SECOND, force=True)
    message = f"{out / MANIFEST}: File too large; free some space there and run the command again"
    assert error_line(caught.value) == message
    assert tree(out) == before


def test_a_folder_that_holds_anything_is_refused_without_force(out: Path) -> None:
    with pytest.raises(UsageError, match=r"out: is not empty; use an empty folder, or --force"):
        emit(out, SECOND)
    assert tree(out) == {**FIRST, **OWN}


def test_with_force_only_what_was_emitted_is_replaced_or_removed(out: Path) -> None:
    emit(out, SECOND, force=True)
    assert tree(out) == {**SECOND, **OWN}
    assert listed(out) == {name: [sha256(content)] for name, content in SECOND.items()}
    assert not (out / "modules/old").exists()


def test_with_force_a_folder_of_only_own_files_takes_new_ones_between_them(tmp_path: Path) -> None:
    put(tmp_path, OWN)
    emit(tmp_path, FIRST, force=True)
    assert tree(tmp_path) == {**FIRST, **OWN}


@pytest.mark.parametrize(
    ("before", "after"),
    [({"a": "1"}, {"a/b": "2"}), ({"a/b": "1", "a/c/d": "1"}, {"a": "2"})],
)
def test_a_file_may_become_a_folder_and_a_folder_a_file(
    tmp_path: Path, before: Tree, after: Tree
) -> None:
    emit(tmp_path, before)
    emit(tmp_path, after, force=True)
    assert tree(tmp_path) == after


def test_a_file_that_was_deleted_is_written_again(out: Path) -> None:
    (out / "main.tf").unlink()
    shutil.rmtree(out / "modules/old")
    emit(out, SECOND, force=True)
    assert tree(out) == {**SECOND, **OWN}


@pytest.mark.parametrize("name", ["main.tf", "modules/old/main.tf"])
def test_an_emitted_file_that_was_edited_is_named_and_nothing_is_touched(
    out: Path, name: str
) -> None:
    put(out, {name: "edited"})
    before = tree(out)
    with pytest.raises(UsageError, match=f"out: {name}: was edited after it was emitted; move"):
        emit(out, SECOND, force=True)
    assert tree(out) == before


def test_of_many_edited_files_ten_are_named(tmp_path: Path) -> None:
    names = [f"{number:02}.tf" for number in range(12)]
    emit(tmp_path, dict.fromkeys(names, "1"))
    put(tmp_path, dict.fromkeys(names, "2"))
    with pytest.raises(UsageError, match=r" 00\.tf, .*, 09\.tf and 2 more: was edited"):
        emit(tmp_path, FIRST, force=True)


@pytest.mark.parametrize(
    ("own", "new", "named"),
    [
        ("main.tf", "main.tf", "main.tf"),
        ("modules", "modules/canary/main.tf", "modules"),
        ("modules/mine", "modules", "modules/mine"),
    ],
)
def test_a_file_of_the_users_own_is_not_overwritten(
    tmp_path: Path, own: str, new: str, named: str
) -> None:
    put(tmp_path, {own: "own"})
    with pytest.raises(UsageError, match=f": {named}: is not an emitted file, but has its path"):
        emit(tmp_path, {new: "1", "other.tf": "1"}, force=True)
    assert tree(tmp_path) == {own: "own"}


def test_a_folder_of_the_users_own_stays_even_if_it_is_empty(tmp_path: Path) -> None:
    (tmp_path / "main.tf").mkdir()
    with pytest.raises(UsageError, match=r"main\.tf: is not an emitted file"):
        emit(tmp_path, FIRST, force=True)


@pytest.mark.parametrize("gone", ["a/b/c", "a/b"])
def test_a_folder_that_the_user_emptied_gives_way_to_a_file(tmp_path: Path, gone: str) -> None:
    emit(tmp_path, {"a/b/c": "1"})
    (tmp_path / "a/b/c").unlink()
    if gone == "a/b":
        (tmp_path / "a/b").rmdir()
    emit(tmp_path, {"a": "2"}, force=True)
    assert tree(tmp_path) == {"a": "2"}


def test_an_own_file_that_took_the_place_of_an_emitted_folder_is_not_overwritten(
    out: Path,
) -> None:
    shutil.rmtree(out / "modules")
    put(out, {"modules": "own"})
    with pytest.raises(UsageError, match="modules: is not an emitted file"):
        emit(out, SECOND, force=True)
    emit(out, {"main.tf": "2"}, force=True)
    assert tree(out) == {"main.tf": "2", ".git/config": "own", "modules": "own"}


def test_a_link_to_a_folder_keeps_leading_to_what_is_emitted(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "real")
    emit(tmp_path / "link", FIRST)
    emit(tmp_path / "link", SECOND, force=True)
    assert (tmp_path / "link").is_symlink()
    assert tree(tmp_path / "real") == SECOND


@pytest.mark.parametrize("after", [SECOND, {"main.tf": "2"}])
def test_no_link_is_followed_out_of_the_folder(out: Path, after: Tree) -> None:
    elsewhere = out.parent / "elsewhere"
    (out / "modules").rename(elsewhere)
    (out / "modules").symlink_to(elsewhere)
    before = tree(elsewhere)
    with pytest.raises(UsageError, match="modules: is a symbolic link"):
        emit(out, after, force=True)
    assert tree(elsewhere) == before


def test_a_link_in_place_of_an_emitted_file_counts_as_an_edit(out: Path) -> None:
    (out / "main.tf").rename(out.parent / "main.tf")
    (out / "main.tf").symlink_to(out.parent / "main.tf")
    with pytest.raises(UsageError, match=r"main\.tf: was edited"):
        emit(out, SECOND, force=True)
    assert (out.parent / "main.tf").read_text() == "1"


@pytest.mark.parametrize("to", ["nowhere", "a folder"])
def test_a_link_of_the_users_own_is_not_overwritten(tmp_path: Path, to: str) -> None:
    put(tmp_path, {"a folder/file": "own"})
    (tmp_path / "main.tf").symlink_to(tmp_path / to)
    with pytest.raises(UsageError, match=r": main\.tf: is not an emitted file"):
        emit(tmp_path, FIRST, force=True)
    assert (tmp_path / "main.tf").is_symlink()
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(
    "manifest",
    [
        "",
        "no JSON",
        "[]",
        "{}",
        '{"files": []}',
        '{"files": {"main.tf": []}}',
        '{"files": {"main.tf": "x"}}',
        *(
            json.dumps({"files": {name: ["x"]}})
            for name in (
                *("../precious", "a/../../precious", "/etc/passwd", "", ".", "..", "./a", "a//b"),
                *("a/", "a\0b", "\ud800", MANIFEST),
            )
        ),
    ],
)
def test_a_damaged_manifest_is_refused(tmp_path: Path, manifest: str) -> None:
    put(tmp_path, {"precious": "own", "out/main.tf": "own", f"out/{MANIFEST}": manifest})
    with pytest.raises(UsageError, match=rf"out/{MANIFEST}: .*; restore it from version control"):
        emit(tmp_path / "out", SECOND, force=True)
    assert tree(tmp_path) == {"precious": "own", "out/main.tf": "own"}


def test_a_manifest_that_is_a_link_is_refused(out: Path) -> None:
    (out / MANIFEST).rename(out.parent / MANIFEST)
    (out / MANIFEST).symlink_to(out.parent / MANIFEST)
    with pytest.raises(UsageError, match="is a symbolic link"):
        emit(out, SECOND, force=True)


@pytest.mark.parametrize("error", [ValueError, OSError, KeyboardInterrupt])
def test_a_failure_while_writing_leaves_all_as_it_was(
    out: Path, error: type[BaseException]
) -> None:
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}

    def fail() -> None:
        with emission_folder(out, force=True) as draft:
            put(draft, SECOND)
            raise error

    with pytest.raises(error) as raised:
        fail()
    assert not isinstance(raised.value, OutputFolderError)
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


def test_after_a_failure_a_new_folder_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^$"), emission_folder(tmp_path / "out", force=False):
        raise ValueError
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_named_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    put(tmp_path, {"file": ""})
    for name in ("loop", "x" * 300, "file/out"):
        with pytest.raises(UsageError, match=f"{name}: cannot be written: "):
            emit(tmp_path / name, FIRST)
    with pytest.raises(UsageError, match="file: is a file"):
        emit(tmp_path / "file", FIRST)


class Cut(BaseException):
    """The end of the process."""


@pytest.mark.parametrize("at", range(8))
def test_an_emission_that_is_cut_off_leaves_whole_files_and_the_next_one_goes_on(
    out: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    steps = iter(range(100))

    def cut_off(before: Any) -> Any:
        def step(*arguments: Any, **options: Any) -> Any:
            if str(out) in str(arguments[0]) and next(steps) == at:
                raise Cut
            return before(*arguments, **options)

        return step

    with monkeypatch.context() as patched:
        patched.setattr(os, "unlink", cut_off(os.unlink))
        patched.setattr(os, "replace", cut_off(os.replace))
        with contextlib.suppress(Cut):
            emit(out, SECOND, force=True)
    assert next(steps) > at
    for name, content in tree(out).items():
        if ".iot-dr-" not in name:
            assert content in {each.get(name) for each in (FIRST, SECOND, OWN)}
    emit(out, {"main.tf": "3"}, force=True)
    assert {name: text for name, text in tree(out).items() if ".iot-dr-" not in name} == {
        **OWN,
        "main.tf": "3",
    }


_NAMES: Final = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=3).map("/".join)


def _trees(content: str) -> st.SearchStrategy[dict[str, str]]:
    return st.dictionaries(_NAMES, st.sampled_from([content, f"{content}!"]), max_size=5).map(
        lambda tree: {
            name: text
            for name, text in tree.items()
            if not any(other.startswith(f"{name}/") for other in tree)
        }
    )


@given(_trees("emitted"), _trees("own"), st.sets(_NAMES), _trees("emitted"))
def test_files_of_the_users_own_are_never_changed(
    first: Tree, own: Tree, deleted: set[str], second: Tree
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        emit(out, first)
        for name in deleted & first.keys():
            (out / name).unlink()
        for name, content in own.items():
            with contextlib.suppress(OSError):  # where a file or a folder is in the way
                put(out, {name: content})
        before = tree(out)
        users = {name: text for name, text in before.items() if text.startswith("own")}
        try:
            emit(out, second, force=True)
        except OutputFolderError:
            assert tree(out) == before
        else:
            assert tree(out) == {**users, **second}
            assert users.keys().isdisjoint(second)
            assert listed(out).keys() == second.keys()
        assert {path.name for path in Path(folder).iterdir()} == {"out"}
