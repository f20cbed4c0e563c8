"""What the fast start makes of modules and of jsii's program."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from jsii._embedded import jsii as embedded  # what jsii itself unpacks at each start

from iot_dr.bindings.generated import is_worthwhile
from tests.iot_dr.bindings.conftest import Loaded, Process

_SHOW = """\
import iot_dr
from cdktf_cdktf_provider_aws import ssm_parameter
print(type(ssm_parameter.__spec__.loader).__name__)
print(ssm_parameter.SsmParameter.reset_arn.__annotations__["return"] == "None")
"""


def test_bytecode_is_cached_next_to_that_of_the_published_module(process: Process) -> None:
    bytecode = process.folder / "bytecode"
    variables = {"PYTHONPYCACHEPREFIX": str(bytecode)}
    for _ in range(2):
        done = process.code(_SHOW, **variables)
        assert (done.stdout, done.stderr) == ("GeneratedModuleLoader\nTrue\n", "")
    (kept,) = bytecode.rglob("ssm_parameter/*.pyc")
    assert kept.name.endswith(".iot-dr-1.pyc")


@pytest.mark.exhaustive
def test_a_module_whose_code_cannot_be_kept_runs_as_published(process: Process) -> None:
    variables = {
        "PYTHONPYCACHEPREFIX": str(process.folder / "none"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = process.code(_SHOW, **variables)
    assert (done.stdout, done.stderr) == ("SourceFileLoader\nFalse\n", "")


def test_code_that_is_kept_is_worthwhile_where_no_more_can_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    monkeypatch.setattr("sys.pycache_prefix", None)
    source = tmp_path / "module.py"
    assert not is_worthwhile(str(source))
    cache = tmp_path / "__pycache__"
    cache.mkdir()
    (cache / f"module.{sys.implementation.cache_tag}.iot-dr-1.pyc").touch()
    assert is_worthwhile(str(source))


_KNOWN = '(0,ae.readFileSync)(se(this,V,"f"))'
_WARNING = (
    "warning: provider bindings load without the fast start: "
    "jsii's runtime reads assemblies in another way than the known one\n"
)


def _unpack(folder: Path) -> Path:
    for name, target in embedded.EMBEDDED_FILES.items():
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        source = Path(embedded.__file__).with_name(name)
        (folder / target).write_bytes(source.read_bytes())
    return folder / embedded.EMBEDDED_FILES[embedded.ENTRYPOINT]


@pytest.mark.parametrize(
    "other",
    [
        f"({_KNOWN},{_KNOWN})",
        pytest.param("(0,ae.readFileSync) (se(this,V,'f'))", marks=pytest.mark.exhaustive),
    ],
)
def test_a_runtime_of_another_shape_is_reported_in_one_line_and_runs_as_published(
    process: Process, other: str, usual_output: dict[str, bytes]
) -> None:
    entry = _unpack(process.folder / "runtime")
    program = entry.parents[1] / "lib" / "program.js"
    text = program.read_text(encoding="utf-8")
    program.write_text(text.replace(_KNOWN, other), encoding="utf-8")
    done = process.synth("out", JSII_RUNTIME=str(entry))
    assert done.stderr == _WARNING
    assert process.output("out") == usual_output


def test_stock_bindings_run_on_the_runtime_as_published(process: Process) -> None:
    entry = _unpack(process.folder / "runtime")
    program = entry.parents[1] / "lib" / "program.js"
    program.write_text("process.exit(7);", encoding="utf-8")
    done = process.code("import iot_dr, constructs", JSII_RUNTIME=str(entry))
    assert _WARNING in done.stderr
    done = process.code(
        "import iot_dr, constructs", JSII_RUNTIME=str(entry), IOT_DR_BINDINGS="stock"
    )
    assert _WARNING not in done.stderr


def test_definitions_of_types_are_not_read_whole(loaded: Callable[[str], Loaded]) -> None:
    read = loaded("cdktf").node["read"]
    assert [name for name in read if name.endswith(".jsii.runtime.v1.json")]
    assert not [name for name in read if ".jsii.runtime-defs" in name]
