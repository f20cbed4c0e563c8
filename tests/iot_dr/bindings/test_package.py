"""A package whose submodules come on first use."""

import importlib
import itertools
import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iot_dr.bindings.package import LazyPackage
from tests.support.examples import examples

_NUMBERS = itertools.count()
_NAMES = st.sets(st.from_regex(r"[a-z][a-z_0-9]{0,8}_x", fullmatch=True), min_size=1, max_size=8)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.startswith("bindings_"):
            del sys.modules[name]


def _write(folder: Path, names: set[str], end: str = "\n") -> str:
    """Write a package as the generator does: a list of names, then an import of each."""
    package = f"bindings_{next(_NUMBERS)}"
    (folder / package).mkdir()
    lines = ["import abc", f"__all__ = {sorted(names)!r}"]
    lines += [f"from . import {name}" for name in sorted(names)]
    text = end.join([*lines, ""])
    (folder / package / "__init__.py").write_bytes(text.encode())
    for name in names:
        (folder / package / f"{name}.py").write_text(f"here = {name!r}\n", encoding="utf-8")
    importlib.invalidate_caches()
    return package


def _load(folder: Path, package: str) -> ModuleType:
    path = str(folder / package / "__init__.py")
    spec = spec_from_file_location(package, path, loader=LazyPackage(package, path))
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[package] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_submodule_is_imported_when_it_is_used(folder: Path, end: str) -> None:
    package = _write(folder, {"one", "two"}, end)
    module = _load(folder, package)
    assert f"{package}.one" not in sys.modules
    assert module.one.here == "one"
    assert f"{package}.one" in sys.modules
    assert f"{package}.two" not in sys.modules


@given(names=_NAMES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(25))
def test_a_lazy_package_offers_what_the_eager_one_offers(folder: Path, names: set[str]) -> None:
    lazy = _load(folder, _write(folder, names))
    eager = importlib.import_module(_write(folder, names))
    assert {name for name in dir(eager) if name[0] != "_"} == {
        name for name in dir(lazy) if name[0] != "_"
    }
    for name in names:
        assert getattr(lazy, name).here == getattr(eager, name).here
    assert not hasattr(lazy, "absent")


def test_a_star_import_brings_every_submodule(folder: Path) -> None:
    package = _write(folder, {"one", "two"})
    _load(folder, package)
    document: dict[str, ModuleType] = {}
    exec(f"from {package} import *", document)  # noqa: S102 - no other place for a star import
    assert (document["one"].here, document["two"].here) == ("one", "two")


def test_an_error_inside_a_submodule_is_not_taken_for_an_absent_one(folder: Path) -> None:
    package = _write(folder, {"broken"})
    (folder / package / "broken.py").write_text("import no_such_thing\n", encoding="utf-8")
    with pytest.raises(ModuleNotFoundError, match="no_such_thing"):
        _ = _load(folder, package).broken


def test_a_package_without_eager_imports_has_no_lazy_submodule(folder: Path) -> None:
    package = _write(folder, set())
    assert not LazyPackage(package, str(folder / package / "__init__.py")).submodules
