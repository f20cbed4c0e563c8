"""A Python with the packages of Lambda's runtime, and the zip of one function."""

import json
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from modules.function_package import function_package

# docs.aws.amazon.com/lambda/latest/dg/lambda-python.html: the SDK, and its dependencies.
_BROUGHT_ALONG = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3")
_RUN = """
import importlib, json, sys, types
sys.path[:0] = sys.argv[1:3]
handler = importlib.import_module(sys.argv[3])
assert handler.__file__.startswith(sys.argv[1])
context = types.SimpleNamespace(get_remaining_time_in_millis=lambda: int(sys.argv[4]))
print(json.dumps({"answer": handler.handle(json.load(sys.stdin), context)}))
"""


def runtime(folder: Path) -> Path:
    """Create a folder with only the packages that the runtime includes."""
    folder.mkdir()
    for name in _BROUGHT_ALONG:
        spec = find_spec(name)
        assert spec
        assert spec.origin
        file = Path(spec.origin)
        source = file.parent if file.name == "__init__.py" else file
        (folder / source.name).symlink_to(source)
    return folder


def invoke(
    name: str, event: object, runtime: Path, variables: Mapping[str, str], left: int = 120_000
) -> tuple[Any, list[dict[str, Any]]]:
    """Load a function from its zip and call it once, with `left` milliseconds remaining.

    Returns its answer and its lines of metrics.
    """
    done = subprocess.run(
        [
            *(sys.executable, "-I", "-S", "-B", "-c", _RUN),
            *(
                str(function_package(name).path),
                str(runtime),
                f"functions.{name}.handler",
                str(left),
            ),
        ],
        env={**variables, "AWS_ACCESS_KEY_ID": "made-up", "AWS_SECRET_ACCESS_KEY": "made-up"},
        input=json.dumps(event),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    *metrics, answer = map(json.loads, done.stdout.splitlines())
    return answer["answer"], metrics
