"""The functions of a region in a process of their own, which reports their AWS calls."""

import importlib
import os
import sys
from collections.abc import Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final, cast

import boto3

from tools.benchmarks.registry_fleet import SOURCE, TABLE, TARGET, Region
from tools.benchmarks.registry_region import ACCOUNT

_MAKE: Final = cast("Any", boto3).client
_FIRST_ERROR: Final = 300
_VARIABLES: Final = {
    "AWS_ACCESS_KEY_ID": "made-up",
    "AWS_SECRET_ACCESS_KEY": "made-up",
    "NO_PROXY": "127.0.0.1",
    "REGISTRY_TABLE": TABLE,
    "REGISTRY_ACCOUNT": ACCOUNT,
    "REGISTRY_ENVIRONMENT": "dev",
    "REGISTRY_REGIONS": f"{SOURCE},{TARGET}",
    "REGISTRY_EXCLUDED_POLICIES": "",
    "REGISTRY_EXCLUDED_CA_CERTIFICATES": "",
}
_HANDLERS: dict[str, Any] = {}
_CALLED: list["Call"] = []


@dataclass(frozen=True)
class Call:
    """A successful call: its operation, such as PutItem, and its parameters."""

    operation: str
    given: Mapping[str, Any]


class Context:
    """Lambda's context of a run that has just begun."""

    def get_remaining_time_in_millis(self) -> int:
        """Return two minutes."""
        return 120_000


class Functions:
    """Capture and apply of a region, as Lambda loads them; one run of each at a time."""

    def __init__(self, region: Region, queues: Mapping[str, str]) -> None:
        begin = (region.name, region.endpoint, queues)
        self._pools = {
            name: ProcessPoolExecutor(1, get_context("spawn"), _begin, (name, *begin))
            for name in ("capture", "apply")
        }

    def run(self, function: str, event: Mapping[str, Any]) -> "Future[tuple[Any, list[Call]]]":
        """Call a function; return a future of its answer and its calls."""
        return self._pools[function].submit(_run, event)

    def end(self) -> None:
        """End the processes."""
        for pool in self._pools.values():
            pool.shutdown()


def _begin(function: str, region: str, endpoint: str, queues: Mapping[str, str]) -> None:
    os.environ.update(_VARIABLES)
    os.environ["AWS_REGION"] = region
    for name, url in queues.items():
        os.environ[f"REGISTRY_{name.upper()}_QUEUE"] = url
    # A line for each metric, which nobody reads here.
    sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - as long as it lives

    def client(service: str, region: str, **options: Any) -> Any:  # noqa: ANN401 - boto3 has no types
        made = _MAKE(service, region, **{**options, "endpoint_url": endpoint})
        made.meta.events.register_first("before-parameter-build", _note)
        made.meta.events.register_first("after-call", _report)
        return made

    cast("Any", boto3).client = client
    _HANDLERS["it"] = importlib.import_module(f"functions.registry_{function}.handler").handle


def _note(params: Any, context: dict[str, Any], **_call: object) -> None:  # noqa: ANN401 - botocore's own
    context["given"] = params


def _report(http_response: Any, context: Any, model: Any, **_call: object) -> None:  # noqa: ANN401 - as above
    if http_response.status_code < _FIRST_ERROR:
        _CALLED.append(Call(model.name, context["given"]))


def _run(event: Mapping[str, Any]) -> tuple[Any, list[Call]]:
    _CALLED.clear()
    answer = _HANDLERS["it"](event, Context())
    return answer, list(_CALLED)
