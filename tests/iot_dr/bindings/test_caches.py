"""Caches that are empty, raced for, corrupt, stale or read-only."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.iot_dr.bindings.conftest import Process

_ASSEMBLIES = 3


@pytest.fixture(scope="session")
def raced_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A jsii cache filled by two apps at once, with their outputs; made once for all workers."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder = shared / "bindings-cache"
    with (shared / "bindings-cache.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            folder.mkdir()
            _race(Process(folder))
            _complete_index(Process(folder))
    return folder


def _race(process: Process) -> None:
    (process.folder / "jsii").mkdir(mode=0o700)
    environ = process.environ(JSII_RUNTIME_PACKAGE_CACHE_ROOT=str(process.folder / "jsii"))
    apps = [
        subprocess.Popen(
            [sys.executable, process.small_app, process.folder / f"out-{number}"],
            env=environ,
            stdout=subprocess.DEVNULL,
        )
        for number in range(2)
    ]
    assert [app.wait() for app in apps] == [0, 0]


def _complete_index(process: Process) -> None:
    """Run the app until its node had the time to index: on a busy machine jsii ends it before."""
    cache = process.folder / "jsii"
    for _ in range(5):
        if len(list(cache.rglob(".jsii.runtime.v1.json"))) == _ASSEMBLIES:
            return
        process.synth("out", JSII_RUNTIME_PACKAGE_CACHE_ROOT=str(cache))


@pytest.fixture
def cache(raced_cache: Path, process: Process) -> Iterator[Path]:
    """A copy of the filled cache, by hard links: tests replace files, and never write into one."""
    copy = process.folder / "jsii"
    shutil.copytree(raced_cache / "jsii", copy, copy_function=os.link, symlinks=True)
    yield copy
    shutil.rmtree(copy)


def _synth(process: Process, cache: Path, before: tuple[str, ...] = ()) -> dict[str, bytes]:
    done = process.synth("out", before=before, JSII_RUNTIME_PACKAGE_CACHE_ROOT=str(cache))
    assert done.stderr == ""
    return process.output("out")


def _replace(file: Path, content: bytes) -> None:
    file.unlink()
    file.write_bytes(content)


def _index_files(cache: Path) -> list[Path]:
    files = sorted(cache.rglob(".jsii.runtime*"))
    assert len(files) == 3 * _ASSEMBLIES
    return files


def _by_name(files: list[Path]) -> dict[str, list[Path]]:
    by_name: dict[str, list[Path]] = {}
    for file in files:
        by_name.setdefault(file.name, []).append(file)
    return by_name


@pytest.mark.exhaustive
def test_two_apps_that_fill_an_empty_cache_at_once_write_the_same(
    raced_cache: Path, usual_output: dict[str, bytes]
) -> None:
    process = Process(raced_cache)
    assert process.output("out-0") == usual_output
    assert process.output("out-1") == usual_output


@pytest.mark.exhaustive
def test_node_outlives_a_fast_app_to_index_its_assemblies(raced_cache: Path) -> None:
    assert _index_files(raced_cache / "jsii")


@pytest.mark.exhaustive
def test_a_folder_that_another_app_has_just_created_is_kept(process: Process, cache: Path) -> None:
    # Node prunes the cache if it ends by itself, as it does after indexing a new package.
    for file in _index_files(cache):
        file.unlink()
    folder = cache / "@cdktf" / "provider-aws" / "0.0.1"
    folder.mkdir()
    _synth(process, cache)
    assert folder.is_dir()


@pytest.mark.exhaustive
def test_a_corrupt_assembly_index_is_ignored(
    process: Process, cache: Path, usual_output: dict[str, bytes]
) -> None:
    by_name = _by_name(_index_files(cache))
    contents = [b"", b"\0garbage\xff", b"{}"]
    for number, files in enumerate(by_name.values()):
        # Each content in each kind of file, and another one in each assembly.
        turned = contents[number:] + contents[:number]
        for file, content in zip(files, turned, strict=True):
            _replace(file, content)
    assert _synth(process, cache) == usual_output


@pytest.mark.exhaustive
def test_a_stale_assembly_index_of_another_package_is_ignored(
    process: Process, cache: Path, usual_output: dict[str, bytes]
) -> None:
    by_name = _by_name(_index_files(cache))
    manifests = by_name.pop(".jsii.runtime.v1.json")
    contents = [file.read_bytes() for file in manifests]
    for file, other in zip(manifests, contents[1:] + contents[:1], strict=True):
        _replace(file, other)
    assert _synth(process, cache) == usual_output


@pytest.mark.exhaustive
def test_a_partially_unpacked_package_is_unpacked_again(
    process: Process, cache: Path, usual_output: dict[str, bytes]
) -> None:
    for marker in (cache / "constructs").rglob(".jsii-runtime-package-cache"):
        marker.unlink()
        (marker.parent / "lib" / "index.js").unlink()
    assert _synth(process, cache) == usual_output


@pytest.fixture
def as_reader() -> tuple[str, ...]:
    """What to put before a command so that a folder's mode binds it, root or not."""
    if os.geteuid() != 0:
        return ()
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("root writes into any folder, and setpriv is not here to take that from it")
    return (setpriv, "--bounding-set=-dac_override,-dac_read_search")


@pytest.mark.exhaustive
def test_a_filled_cache_may_be_read_only(
    process: Process, cache: Path, as_reader: tuple[str, ...], usual_output: dict[str, bytes]
) -> None:
    folders = [cache, *(path for path in cache.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o500)
    try:
        assert _synth(process, cache, as_reader) == usual_output
    finally:
        for folder in folders:
            folder.chmod(0o700)


def test_an_empty_cache_that_is_read_only_is_done_without(
    process: Process, as_reader: tuple[str, ...]
) -> None:
    cache = process.folder / "empty"
    cache.mkdir(mode=0o500)
    _assert_done_without(process, cache, as_reader)


def test_a_cache_that_is_a_file_is_done_without(process: Process) -> None:
    cache = process.folder / "file"
    cache.write_bytes(b"")
    _assert_done_without(process, cache)


def test_a_home_that_is_open_to_others_is_done_without(process: Process) -> None:
    home = process.folder / "home"
    (home / ".cache").mkdir(parents=True)
    (home / ".cache").chmod(0o775)
    _assert_done_without(process, home / ".cache/aws/jsii/package-cache", HOME=str(home))


def _assert_done_without(
    process: Process, cache: Path, before: tuple[str, ...] = (), **variables: str
) -> None:
    variables = variables or {"JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(cache)}
    done = process.run(
        "-c",
        "import iot_dr, constructs; print(constructs.Node.of(constructs.RootConstruct()).path)",
        before=before,
        **variables,
    )
    assert (done.returncode, done.stdout) == (0, "\n")
    assert done.stderr == (
        "warning: provider bindings load without the fast start: "
        f"jsii cannot keep unpacked packages in {cache}: it must be writable, by you alone; "
        "set JSII_RUNTIME_PACKAGE_CACHE_ROOT to a folder of yours\n"
    )


@pytest.mark.exhaustive
def test_bytecode_of_the_shortened_package_is_neither_written_nor_read(
    process: Process, usual_output: dict[str, bytes]
) -> None:
    bytecode = process.folder / "bytecode"
    process.synth("out", PYTHONPYCACHEPREFIX=str(bytecode))
    written = {path.parent.name: path for path in bytecode.rglob("__init__.*.pyc")}
    assert "ssm_parameter" in written
    assert "cdktf_cdktf_provider_aws" not in written
    package = written["ssm_parameter"].parents[1]
    cached = package / written["ssm_parameter"].name
    cached.write_bytes(b"garbage")
    process.synth("out", PYTHONPYCACHEPREFIX=str(bytecode))
    assert process.output("out") == usual_output
    assert cached.read_bytes() == b"garbage"


@pytest.mark.exhaustive
def test_unwritable_bytecode_is_not_an_error(
    process: Process, usual_output: dict[str, bytes]
) -> None:
    file = process.folder / "file"
    file.write_bytes(b"")
    process.synth("out", PYTHONPYCACHEPREFIX=str(file))
    assert process.output("out") == usual_output


@pytest.mark.exhaustive
def test_a_node_index_of_another_shape_is_reported_in_one_line_and_loads_as_published(
    process: Process, cache: Path, usual_output: dict[str, bytes]
) -> None:
    (index,) = cache.glob("@cdktf/provider-aws/*/*/lib/index.js")
    _replace(index, index.read_bytes().replace(b"\nexports.", b"\n(exports)."))
    done = process.synth("out", JSII_RUNTIME_PACKAGE_CACHE_ROOT=str(cache))
    assert process.output("out") == usual_output
    assert done.stderr.startswith("warning: provider bindings load without the fast start: ")
    assert done.stderr.endswith("/lib/index.js requires no submodule in the known way\n")
    assert done.stderr.count("\n") == 1
