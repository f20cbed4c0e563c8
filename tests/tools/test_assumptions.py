"""Transcripts of the acceptance run that are read into the ledger."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from iot_dr.common.assumptions import LEDGER
from iot_dr.common.user_error import UserError
from tools.assumptions import main

RUN = {"began": "2026-11-28 10:00:00 UTC", "iot_dr": "0.2.0"}


def transcript(folder: Path, *steps: tuple[str, str, str], **changes: object) -> str:
    file = folder / "transcript.json"
    named = [dict(zip(("name", "outcome", "problem"), step, strict=True)) for step in steps]
    head = {"transcript": "iot-dr acceptance", "version": 1, "backend": "AWS", **RUN}
    file.write_text(json.dumps({**head, "steps": named, **changes}), encoding="utf-8")
    return str(file)


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return Path(shutil.copy(LEDGER, tmp_path / "ledger.json"))


def seen(ledger: Path, id_: str) -> list[dict[str, str]]:
    rows: list[dict[str, Any]] = json.loads(ledger.read_text(encoding="utf-8"))
    (row,) = (row for row in rows if row["id"] == id_)
    return row["transcripts"]


def test_a_passed_probe_confirms_its_assumption_once_for_a_run(
    ledger: Path, tmp_path: Path
) -> None:
    file = transcript(tmp_path, ("alias", "passed", ""))
    main([file, file], ledger)
    assert seen(ledger, "alias-chain") == [{**RUN, "probe": "alias", "verdict": "confirmed"}]
    assert seen(ledger, "detach-is-late") == []


@pytest.mark.parametrize(
    ("problem", "verdicts"),
    [("refuted: not within 5 minutes", ["refuted"]), ("iot: access denied", [])],
)
def test_only_an_observation_of_the_opposite_refutes_an_assumption(
    ledger: Path, tmp_path: Path, problem: str, verdicts: list[str]
) -> None:
    main([transcript(tmp_path, ("attach", "failed", problem))], ledger)
    assert [each["verdict"] for each in seen(ledger, "detach-is-late")] == verdicts


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"backend": "A rehearsal"}, "only a run on AWS is evidence"),
        ({"version": 2}, "is not a transcript"),
        ({"transcript": "other"}, "is not a transcript"),
    ],
)
def test_what_is_not_a_transcript_of_a_run_on_aws_changes_nothing(
    ledger: Path, tmp_path: Path, changes: dict[str, object], problem: str
) -> None:
    with pytest.raises(UserError, match=problem):
        main([transcript(tmp_path, ("alias", "passed", ""), **changes)], ledger)
    assert ledger.read_bytes() == LEDGER.read_bytes()
