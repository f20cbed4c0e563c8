"""Compares the stand-in with the official provider of a mirror, and prints the differences.

The official provider also plans again what it applied, and destroys it.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from iot_dr.common.user_error import UserError
from tests.conformance.judgement import Judge, Judgement
from tests.conformance.official import (
    FOLDERS,
    HOW_TO_POINT_AT_ONE,
    OfficialProvider,
    newest_provider,
)
from tests.conformance.platforms import PLATFORMS
from tests.conformance.report import NOT_JUDGED, Report


def main(variables: Mapping[str, str], folders: Iterable[Path] = FOLDERS) -> int:
    """Print the comparison of each environment; the status is that of `Report`."""
    provider = newest_provider(variables, folders)
    if provider is None:
        sys.stdout.write(f"nothing was judged: {HOW_TO_POINT_AT_ONE}\n")
        return NOT_JUDGED
    sys.stdout.write(f"official hashicorp/aws {provider.version} from {provider.mirror}\n")
    try:
        judgements = _judgements(provider)
    except UserError as error:
        sys.stdout.write(f"nothing was judged: {error}\n")
        return NOT_JUDGED
    report = Report(provider.version, judgements)
    sys.stdout.write("\n".join(report.lines()) + "\n")
    return report.status


def _judgements(provider: OfficialProvider) -> Sequence[Judgement]:
    judgements: list[Judgement] = []
    with tempfile.TemporaryDirectory(prefix="iot-dr-conformance-") as name:
        folder = Path(name)
        sys.stderr.write("reading the schemas of both providers\n")
        judge = Judge(provider, folder)
        for platform, settings in PLATFORMS.items():
            start, worked = time.monotonic(), _cpu_seconds()
            sys.stderr.write(f"{platform}: the official provider, then the stand-in\n")
            judgement = judge.judge(settings, folder / f"platform-{len(judgements)}")
            judgements.append(judgement)
            seconds = time.monotonic() - start
            sys.stdout.write(
                f"{platform}: {judgement.stacks} of {judgement.all_stacks} stacks validated,"
                f" planned and applied with both, {judgement.resources} resources of"
                f" {judgement.types} types, in {seconds:.0f} s ({_cpu_seconds() - worked:.0f} s of"
                " processor time)\n"
            )
    return judgements


def _cpu_seconds() -> float:
    """Return the processor time of this process and of its children that have ended."""
    return sum(os.times()[:4])


if __name__ == "__main__":
    sys.exit(main(os.environ))
