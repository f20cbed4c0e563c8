"""Reads transcripts of the acceptance run into the ledger of assumptions.

Usage: python -m tools.assumptions TRANSCRIPT..., then `make docs`.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from environments.json_text import parsed_json
from iot_dr.acceptance.probes.probe import REFUTED
from iot_dr.common.assumptions import LEDGER
from iot_dr.common.user_error import UserError
from iot_dr.common.whole_file import whole_file

_KIND: Final = ("iot-dr acceptance", 1)


def main(files: Sequence[str], ledger: Path = LEDGER) -> None:
    """Add what the transcripts observed to the ledger, each run once.

    Raises UserError for a file that is not a transcript of a run on AWS.
    """
    rows: list[dict[str, Any]] = json.loads(ledger.read_text(encoding="utf-8"))
    for file in files:
        transcript = _transcript(Path(file))
        for row in rows:
            seen = row["transcripts"]
            seen += [each for each in _observed(transcript, row["probes"]) if each not in seen]
    with whole_file(ledger) as written:
        written.write(f"{json.dumps(rows, indent=2)}\n".encode())


def _transcript(file: Path) -> dict[str, Any]:
    try:
        content = parsed_json(file.read_bytes())
    except (OSError, ValueError) as error:
        raise UserError(f"{file}: cannot be read: {error}") from None
    if (
        not isinstance(content, dict)
        or (content.get("transcript"), content.get("version")) != _KIND
    ):
        raise UserError(f"{file}: is not a transcript of `iot-dr acceptance`, version 1")
    if content["backend"] != "AWS":
        raise UserError(f"{file}: ran on {content['backend']!r}; only a run on AWS is evidence")
    return content


def _observed(transcript: dict[str, Any], probes: Sequence[str]) -> Iterator[dict[str, str]]:
    """Yield the verdicts of the steps that are probes of an assumption."""
    run = {name: str(transcript[name]) for name in ("began", "iot_dr")}
    for step in transcript["steps"]:
        refuted = str(step["problem"]).startswith(REFUTED)
        if step["name"] in probes and (refuted or step["outcome"] == "passed"):
            verdict = "refuted" if refuted else "confirmed"
            yield {**run, "probe": step["name"], "verdict": verdict}


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except UserError as problem:
        sys.exit(str(problem))
