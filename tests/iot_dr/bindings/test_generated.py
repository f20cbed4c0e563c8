"""Modules of the engine and its provider that run with their annotations postponed."""

import sys
from pathlib import Path

import pytest

from iot_dr.bindings.generated import is_worthwhile
from tests.iot_dr.bindings.conftest import Process

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
