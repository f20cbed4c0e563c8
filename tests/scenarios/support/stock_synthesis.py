"""The command `iot-dr` with the published bindings, of which only the used modules are loaded.

Loading all 2,200 modules, and compiling them in a new environment, takes more than a minute. Only
imports are omitted: the classes, and jsii below them, are the published ones.
"""

import iot_dr  # noqa: F401, I001 - first: it chooses the engine

import importlib.util
import os
import sys
from importlib.machinery import PathFinder

from iot_dr.bindings import engine, mode
from iot_dr.bindings.package import LazyPackage
from iot_dr.cli import main


def lazy_package(name: str) -> None:
    """Import the provider's package without its submodules, which are loaded on first use."""
    spec = PathFinder.find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    spec.loader = LazyPackage(name, spec.origin)
    package = importlib.util.module_from_spec(spec)
    sys.modules[name] = package
    spec.loader.exec_module(package)


if __name__ == "__main__":
    assert os.environ[mode.VARIABLE] == "stock"
    if engine.chosen() not in engine.LAZY:
        lazy_package(engine.PROVIDERS[engine.chosen()])
    main()
