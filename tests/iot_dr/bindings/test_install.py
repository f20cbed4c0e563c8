"""What a process sees of the fast start when iot_dr is imported."""

import pytest

from tests.iot_dr.bindings.conftest import LOCKED_NODE, Process

_LOADER = (
    "import importlib.util as util; "
    "print(type(util.find_spec('cdktf_cdktf_provider_aws').loader).__name__)"
)


def test_importing_the_tools_imports_nothing_slow(process: Process) -> None:
    done = process.code("import sys, iot_dr; print(*sys.modules)")
    slow = {"asyncio", "cdktf", "importlib.metadata", "jsii", "pydantic", "re", "typing"}
    assert not slow & set(done.stdout.split())


@pytest.mark.parametrize("value", ["", "fast"])
def test_the_provider_is_lazy_when_nothing_else_is_asked_for(process: Process, value: str) -> None:
    done = process.code(f"import iot_dr; {_LOADER}", IOT_DR_BINDINGS=value)
    assert done.stdout == "LazyPackage\n"


def test_stock_leaves_the_provider_alone(process: Process) -> None:
    done = process.code(f"import iot_dr; {_LOADER}", IOT_DR_BINDINGS="stock")
    assert (done.stdout, done.stderr) == ("SourceFileLoader\n", "")


@pytest.mark.parametrize("value", ["lazy", "STOCK", "0"])
def test_an_unknown_mode_is_refused_in_one_line(process: Process, value: str) -> None:
    done = process.code("import iot_dr", IOT_DR_BINDINGS=value)
    assert done.returncode == 2
    assert done.stderr == (
        f"error: IOT_DR_BINDINGS={value!r} is not known; set it to 'fast' or 'stock', or unset it\n"
    )


def test_a_second_install_changes_nothing(process: Process) -> None:
    done = process.code(
        "import iot_dr, sys; before = list(sys.meta_path)\n"
        "from iot_dr.bindings import install; install(); print(sys.meta_path == before)"
    )
    assert done.stdout == "True\n"


def test_constructs_imported_too_early_is_reported_in_one_line(process: Process) -> None:
    done = process.code("import constructs, iot_dr, cdktf", JSII_NODE=str(LOCKED_NODE))
    assert done.stderr == (
        "warning: provider bindings load without the fast start: "
        "cdktf was imported before iot_dr; run main.py by `iot-dr app`, or import iot_dr first\n"
    )


def test_another_provider_version_is_reported_in_one_line_and_loads_as_published(
    process: Process,
) -> None:
    (process.folder / "cdktf_cdktf_provider_aws-21.23.0.dist-info").mkdir()
    done = process.code(
        f"import iot_dr, constructs, cdktf; {_LOADER}", PYTHONPATH=process.path_with_folder()
    )
    assert done.stdout == "SourceFileLoader\n"
    assert done.stderr == (
        "warning: provider bindings load without the fast start: cdktf_cdktf_provider_aws 21.23.0 "
        "(known: 21.22.1); see iot_dr/bindings/versions.py\n"
    )


def test_a_provider_of_another_shape_is_reported_in_one_line_and_loads_as_published(
    process: Process,
) -> None:
    package = process.folder / "cdktf_cdktf_provider_aws"
    package.mkdir()
    (package / "__init__.py").write_text("import_module = 1\n", encoding="utf-8")
    done = process.code(
        f"import iot_dr, constructs; {_LOADER}", PYTHONPATH=process.path_with_folder()
    )
    assert done.stdout == "SourceFileLoader\n"
    assert done.stderr == (
        "warning: provider bindings load without the fast start: "
        f"{package / '__init__.py'} imports no submodule in the known way\n"
    )


def test_an_app_without_the_provider_starts_in_silence(process: Process) -> None:
    done = process.code_without("cdktf_cdktf_provider_aws", "import iot_dr, cdktf; print('ready')")
    assert (done.stdout, done.stderr) == ("ready\n", "")
