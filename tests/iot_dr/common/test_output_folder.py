"""An output folder is replaced as a whole or not at all."""

from pathlib import Path

import pytest

from iot_dr.common.output_folder import OutputFolderError, merging_folder, replacing_folder

EARLIER = '{"version": "0.21.0", "stacks": {}}'


def earlier(folder: Path) -> Path:
    """Make an output of an earlier run."""
    folder.mkdir()
    (folder / "manifest.json").write_text(EARLIER, encoding="utf-8")
    (folder / "stacks").mkdir()
    return folder


def write(folder: Path) -> None:
    (folder / "manifest.json").write_text("new", encoding="utf-8")


def fail_in_the_middle(out: Path, error: type[BaseException]) -> None:
    with replacing_folder(out) as folder:
        write(folder)
        raise error


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize("there_before", [False, True])
def test_new_output_replaces_earlier_output_and_leaves_nothing_else(
    tmp_path: Path, there_before: bool
) -> None:
    out = earlier(tmp_path / "out") if there_before else tmp_path / "out"
    with replacing_folder(out) as folder:
        write(folder)
    assert contents(out) == {"manifest.json": "new"}
    assert list(tmp_path.iterdir()) == [out]


def test_of_two_at_once_the_later_end_is_the_output_and_nothing_else_is_left(
    tmp_path: Path,
) -> None:
    out = earlier(tmp_path / "out")
    with replacing_folder(out) as one:
        with replacing_folder(out) as other:
            write(other)
            (other / "of-the-first-to-end").touch()
        write(one)
    assert contents(out) == {"manifest.json": "new"}
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_failure_leaves_the_earlier_output_unchanged(
    tmp_path: Path, error: type[BaseException]
) -> None:
    out = earlier(tmp_path / "out")
    with pytest.raises(error):
        fail_in_the_middle(out, error)
    assert contents(out) == {"manifest.json": EARLIER}
    assert (out / "stacks").is_dir()
    assert list(tmp_path.iterdir()) == [out]


def test_output_is_replaced_without_an_atomic_exchange(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class NoLibrary:
        def __init__(self, _name: None) -> None:
            pass

    monkeypatch.setattr("ctypes.CDLL", NoLibrary)
    out = earlier(tmp_path / "out")
    with replacing_folder(out) as folder:
        write(folder)
    assert contents(out) == {"manifest.json": "new"}
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize(
    "files",
    [
        {"precious": ""},
        {"manifest.json": EARLIER, "precious": ""},
        {"manifest.json": '{"manifest_version": 3}'},
        {"manifest.json": '{"version": "1.0", "name": "an extension"}'},
        {"manifest.json": "[]"},
        {"manifest.json": "no JSON"},
        {"stacks": "a file"},
    ],
)
def test_a_folder_with_other_files_is_not_replaced(tmp_path: Path, files: dict[str, str]) -> None:
    out = tmp_path / "out"
    out.mkdir()
    for name, text in files.items():
        (out / name).write_text(text, encoding="utf-8")
    with pytest.raises(OutputFolderError, match="not an earlier output"), replacing_folder(out):
        pass
    assert contents(out) == files


def test_the_working_folder_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OutputFolderError, match="is the working folder"), replacing_folder(Path()):
        pass


def test_a_loop_of_links_and_a_long_name_are_reported(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for name in ("loop", "x" * 300):
        with (
            pytest.raises(OutputFolderError, match="cannot be written"),
            replacing_folder(tmp_path / name),
        ):
            pass


def test_if_the_new_output_cannot_be_moved_the_earlier_one_stays(
    tmp_path: Path,
) -> None:
    out = earlier(tmp_path / "out")
    with pytest.raises(OutputFolderError, match="No such file"), replacing_folder(out) as folder:
        # As by something that clears folders up.
        folder.rmdir()
    assert contents(out) == {"manifest.json": EARLIER}
    assert list(tmp_path.iterdir()) == [out]


def test_an_empty_folder_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with replacing_folder(tmp_path / "out") as folder:
        write(folder)
    assert contents(tmp_path / "out") == {"manifest.json": "new"}


def test_a_file_is_not_replaced_by_a_folder(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("file", encoding="utf-8")
    with pytest.raises(OutputFolderError, match="is a file"), replacing_folder(tmp_path / "out"):
        pass


def test_an_unwritable_folder_is_reported_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    out = tmp_path / "file" / "out"
    with (
        pytest.raises(OutputFolderError, match=r"file/out: cannot be written: "),
        replacing_folder(out),
    ):
        pass


def test_a_link_to_the_output_folder_stays(tmp_path: Path) -> None:
    earlier(tmp_path / "real")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with replacing_folder(tmp_path / "link") as folder:
        write(folder)
    assert (tmp_path / "link").is_symlink()
    assert contents(tmp_path / "real") == {"manifest.json": "new"}


def test_the_output_has_the_mode_of_any_new_folder(tmp_path: Path) -> None:
    (tmp_path / "any").mkdir()
    with replacing_folder(tmp_path / "out") as folder:
        write(folder)
    assert (tmp_path / "out").stat().st_mode == (tmp_path / "any").stat().st_mode


def test_an_open_file_of_the_earlier_output_can_be_read_to_its_end(tmp_path: Path) -> None:
    earlier(tmp_path / "out")
    with (tmp_path / "out" / "manifest.json").open(encoding="utf-8") as reader:
        with merging_folder(tmp_path / "out") as folder:
            write(folder)
        assert reader.read() == EARLIER
    assert contents(tmp_path / "out") == {"manifest.json": "new"}
