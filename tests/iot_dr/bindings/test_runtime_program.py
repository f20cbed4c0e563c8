"""jsii's runtime in node, as known and in another shape."""

from collections.abc import Callable
from pathlib import Path

import pytest
from jsii._embedded import jsii as embedded  # what jsii itself unpacks at each start

from tests.iot_dr.bindings.conftest import Loaded, Process

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
