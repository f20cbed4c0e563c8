"""The output of cdktf and cdktn for the same sources; `make test-cdktn` tests all environments."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from environments.loader import names
from iot_dr.bindings.engine import PROVIDERS, chosen
from tests.support.command import iot_dr, iot_dr_here

_HERE = chosen()
(_THERE,) = PROVIDERS.keys() - {_HERE}
_ENVIRONMENTS = names() if _HERE == "cdktn" else ["staging"]

# Values in which an engine describes itself and its bindings.
_OWN = {
    "cdktf": {"version": "0.21.0", "aws": {"source": "aws", "version": "6.25.0"}},
    "cdktn": {"version": "0.24.0", "aws": {"source": "hashicorp/aws", "version": "6.69.1"}},
}


class Made(NamedTuple):
    """The files of one environment, parsed if they are JSON, from each engine."""

    here: dict[str, Any]
    there: dict[str, Any]


@pytest.fixture(scope="module", params=_ENVIRONMENTS)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """An environment from the engine of this process, and from the other one in a process."""
    folder = tmp_path_factory.mktemp("engines")
    synth = ("synth", "--env", request.param, "--out")
    runs = (
        iot_dr_here(*synth, str(folder / _HERE)),
        iot_dr(*synth, str(folder / _THERE), ENGINE=_THERE),
    )
    assert [(done.returncode, done.stderr) for done in runs] == [(0, "")] * 2
    return Made(_files(folder / _HERE), _files(folder / _THERE))


def _files(folder: Path) -> dict[str, Any]:
    files = [file for file in folder.rglob("*") if file.is_file()]
    return {str(file.relative_to(folder)): _content(file) for file in files}


def _content(file: Path) -> Any:
    return json.loads(file.read_bytes()) if file.suffix == ".json" else file.read_bytes()


def _take_own(document: dict[str, Any]) -> dict[str, Any]:
    """Remove from a stack or the manifest what describes the engine."""
    if "terraform" not in document:
        return {"version": document.pop("version")}
    return {
        "version": document["//"]["metadata"].pop("version"),
        **document["terraform"].pop("required_providers"),
    }


def test_every_file_is_the_same_except_for_the_versions(made: Made) -> None:
    assert made.here.keys() == made.there.keys()
    assert any(name.endswith("cdk.tf.json") for name in made.here)
    for name, here in made.here.items():
        there = made.there[name]
        if name.endswith(".json"):
            for engine, document in ((_HERE, here), (_THERE, there)):
                own = _take_own(document)
                assert own == {key: _OWN[engine][key] for key in own}, name
        assert here == there, name
