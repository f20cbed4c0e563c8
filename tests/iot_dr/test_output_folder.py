"""Output is replaced as a whole or not at all."""

from pathlib import Path

import pytest

from iot_dr.output_folder import OutputFolderError, replaced


def earlier(folder: Path) -> Path:
    """Make an output of an earlier run."""
    folder.mkdir()
    (folder / "manifest.json").write_text("earlier", encoding="utf-8")
    (folder / "old").touch()
    return folder


def write(folder: Path) -> None:
    (folder / "manifest.json").write_text("new", encoding="utf-8")


def fail_in_the_middle(out: Path, error: type[BaseException]) -> None:
    with replaced(out) as folder:
        write(folder)
        raise error


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


@pytest.mark.parametrize("there_before", [False, True])
def test_the_new_output_takes_the_place_of_the_earlier_one_and_leaves_nothing_else(
    tmp_path: Path, there_before: bool
) -> None:
    out = earlier(tmp_path / "out") if there_before else tmp_path / "out"
    with replaced(out) as folder:
        write(folder)
    assert contents(out) == {"manifest.json": "new"}
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_failure_in_the_middle_leaves_the_earlier_output_as_it_was(
    tmp_path: Path, error: type[BaseException]
) -> None:
    out = earlier(tmp_path / "out")
    with pytest.raises(error):
        fail_in_the_middle(out, error)
    assert contents(out) == {"manifest.json": "earlier", "old": ""}
    assert list(tmp_path.iterdir()) == [out]


def test_where_folders_cannot_be_swapped_in_one_step_the_output_is_replaced_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class NoLibrary:
        def __init__(self, _name: None) -> None:
            pass

    monkeypatch.setattr("ctypes.CDLL", NoLibrary)
    out = earlier(tmp_path / "out")
    with replaced(out) as folder:
        write(folder)
    assert contents(out) == {"manifest.json": "new"}
    assert list(tmp_path.iterdir()) == [out]


def test_a_folder_that_is_no_output_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "precious").touch()
    with pytest.raises(OutputFolderError, match=r"no manifest\.json"), replaced(tmp_path):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["precious"]


def test_an_empty_folder_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with replaced(tmp_path / "out") as folder:
        write(folder)
    assert contents(tmp_path / "out") == {"manifest.json": "new"}


def test_a_file_is_not_replaced_by_a_folder(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("file", encoding="utf-8")
    with pytest.raises(OutputFolderError, match="is a file"), replaced(tmp_path / "out"):
        pass


def test_a_place_that_cannot_be_written_is_named_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    out = tmp_path / "file" / "out"
    with pytest.raises(OutputFolderError, match=r"file/out: cannot be written: "), replaced(out):
        pass


def test_a_link_to_a_folder_keeps_leading_to_the_output(tmp_path: Path) -> None:
    earlier(tmp_path / "real")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with replaced(tmp_path / "link") as folder:
        write(folder)
    assert (tmp_path / "link").is_symlink()
    assert contents(tmp_path / "real") == {"manifest.json": "new"}


def test_the_output_has_the_mode_of_any_new_folder(tmp_path: Path) -> None:
    (tmp_path / "any").mkdir()
    with replaced(tmp_path / "out") as folder:
        write(folder)
    assert (tmp_path / "out").stat().st_mode == (tmp_path / "any").stat().st_mode
