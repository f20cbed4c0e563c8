"""Records the AWS calls of an official provider again: `python -m tests.conformance.calls`.

The stacks of two settings of one environment are planned and applied one after the other, so that
the second run reads and changes the resources of the first; then a leaving region's resources are
destroyed. moto answers, and requests that it does not support are answered as AWS would.
"""

import os
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tests.conformance.calls_file import FILE, text
from tests.conformance.calls_iam import calls
from tests.conformance.calls_run import Kept, Recorder, in_order, recorder
from tests.conformance.official import HOW_TO_POINT_AT_ONE, newest_provider
from tests.support.iam import Call
from tests.support.pipeline import PIPELINE
from tests.support.settings import settings

RECORDED: Final = settings(pipeline=PIPELINE, data={})
"""The recorded environment."""
CHANGED: Final = settings(
    pipeline={**PIPELINE, "bake_minutes": 20, "branch": "release"},
    data={"stream_hours": 48, "reconcile_hours": 12},
    primary_region="eu-central-1",
    endpoint={"ttl": 30, "tls_policy": "IoTSecurityPolicy_TLS12_1_2_2022_10"},
    health={"mode": "deep", "interval": 10, "threshold": 4},
    tags={"Team": "devices"},
)
_DESTROYED: Final = frozenset(("iot", "telemetry", "device-registry", "entry-point"))
_HOW: Final = "python -m tests.conformance.calls, against moto"


def main() -> int:
    """Record, print failures, and write the file; returns 1 after a failure."""
    provider = newest_provider(os.environ)
    if provider is None:
        sys.stdout.write(f"{HOW_TO_POINT_AT_ONE}\n")
        return 1
    kept: list[Kept] = []
    failures: list[str] = []
    with (
        tempfile.TemporaryDirectory(prefix="iot-dr-calls-") as folder,
        recorder(RECORDED, provider, Path(folder)) as record,
    ):
        for request in _all(record):
            if isinstance(request, Kept):
                kept.append(request)
            else:
                failures.append(request)
                sys.stdout.write(f"{request}\n")
    FILE.write_text(text(provider.version, _HOW, _asked(kept)), encoding="utf-8")
    sys.stdout.write(f"{FILE.name}: {len(kept)} requests\n")
    return 1 if failures else 0


def _all(record: Recorder) -> Iterable[Kept | str]:
    nodes = in_order(RECORDED)
    yield from record.run("first", RECORDED, nodes)
    yield from record.run("changed", CHANGED, nodes)
    # Only these are ever destroyed: Terraform refuses to destroy the others' buckets and zone.
    gone = [node for node in nodes if node.what in _DESTROYED]
    yield from record.run("gone", CHANGED, reversed(gone), empty=True)


def _asked(kept: Iterable[Kept]) -> dict[tuple[str, str], list[Call]]:
    asked: dict[tuple[str, str], list[Call]] = defaultdict(list)
    for call in kept:
        if call.request.service != "sts":
            asked[call.stack, call.phase] += calls(call.request, RECORDED.account_id)
    return asked


if __name__ == "__main__":
    sys.exit(main())
