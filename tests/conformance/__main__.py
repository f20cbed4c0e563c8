"""Judges the stand-in by the official provider of a mirror, and tells what differs."""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.conformance.explained import reason_for
from tests.conformance.judgement import Judgement, judge
from tests.conformance.official import HOW_TO_POINT_AT_ONE, found
from tests.conformance.platforms import PLATFORMS


def main() -> int:
    """Print a judgement for each environment; 1 for a failure or an unexplained difference."""
    provider = found(os.environ)
    if provider is None:
        sys.stdout.write(f"{HOW_TO_POINT_AT_ONE}\n")
        return 0
    sys.stdout.write(f"official hashicorp/aws {provider.version}\n")
    is_right = True
    for name, settings in PLATFORMS.items():
        start = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="iot-dr-conformance-") as folder:
            judgement = judge(settings, provider, Path(folder))
        seconds = time.monotonic() - start
        sys.stdout.write("\n".join(_lines(name, judgement, seconds)) + "\n")
        is_right &= not judgement.failures and not judgement.unexplained
    return 0 if is_right else 1


def _lines(name: str, judgement: Judgement, seconds: float) -> Iterator[str]:
    yield (
        f"\n{name}: {judgement.stacks} stacks validated, planned and applied with both,"
        f" {judgement.resources} resources of {judgement.types} types, in {seconds:.0f} s;"
        f" {len(judgement.differences)} differences, {len(judgement.unexplained)} unexplained"
    )
    yield from judgement.failures
    yield from (f"  not explained: {difference}" for difference in judgement.unexplained)
    explained: dict[str, set[str]] = {}
    for difference in judgement.differences:
        if reason := reason_for(difference):
            named = f"{difference.where} {difference.attribute}"
            explained.setdefault(reason, set()).add(named)
    for reason, names in explained.items():
        yield f"  {reason}: {', '.join(sorted(names))}"


if __name__ == "__main__":
    sys.exit(main())
