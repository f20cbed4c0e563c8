"""The variables of `functions/contract.py`: what modules set and what handlers read."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from functions.contract import (
    CanaryVariable,
    PublisherVariable,
    RegistryVariable,
    TelemetryVariable,
    WatchedRegionVariable,
    WatcherVariable,
)
from tests.support.settings import settings
from tests.support.synthesis import Synthesis

ROOT = Path(__file__).parents[2]
PLATFORM = settings(data={"copy_reported": False})
NAMES = {
    *(*CanaryVariable, *WatcherVariable, *PublisherVariable, *RegistryVariable, *TelemetryVariable),
    *(f"{name}{place}" for name in WatchedRegionVariable for place in (1, 2)),
}
PACKAGES = [file.parent.name for file in (ROOT / "functions").glob("*/handler.py")]
# boto3 reads the environment too, and is not asked what.
READ = """
import json, os, sys

class Environment(dict):
    def _noted(name):
        def method(self, key, *default):
            if sys._getframe(1).f_globals["__name__"].startswith("functions."):
                read.add(str(key))
            return getattr(dict, name)(self, key, *default)
        return method

    __getitem__, __contains__, get = map(_noted, ("__getitem__", "__contains__", "get"))

read, os.environ = set(), Environment(os.environ)
sys.path.insert(0, sys.argv[1])
__import__(sys.argv[2])
print(json.dumps(sorted(read - {"AWS_REGION"})))
"""


def deployed(synthesis: Synthesis) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield the handler, the region and the variables of each function."""
    for template in synthesis(PLATFORM).values():
        functions = template.document.get("resource", {}).get("aws_lambda_function", {})
        for function in functions.values():
            region = function["provider"].removeprefix("aws.").replace("_", "-")
            yield function["handler"], region, function["environment"]["variables"]


def read_by(handler: str, variables: dict[str, str]) -> set[str]:
    """Return the variables that a function reads as it starts."""
    done = subprocess.run(
        [sys.executable, "-c", READ, str(ROOT), handler.removesuffix(".handle")],
        env=variables, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("package", PACKAGES)
def test_a_function_reads_the_variables_that_its_module_sets(
    package: str, synthesis: Synthesis
) -> None:
    handler, region, variables = next(
        each for each in deployed(synthesis) if each[0].split(".")[1] == package
    )
    assert set(variables) == read_by(handler, {**variables, "AWS_REGION": region})


def test_each_variable_is_in_the_contract(synthesis: Synthesis) -> None:
    assert {name for _, _, variables in deployed(synthesis) for name in variables} == NAMES
