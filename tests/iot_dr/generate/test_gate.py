"""The gate at synthesis."""

from pathlib import Path
from typing import Any

import pytest

from environments.settings import Settings
from iot_dr.common.output_folder import OutputFolderError
from iot_dr.generate.gate import BlockedError, documents, judgement, refuse_blocked
from iot_dr.generate.synthesis import synthesize, synthesize_over
from tests.support.refusal import refusal
from tests.support.settings import settings
from tests.support.synthesis import Synthesis

ENTRY_POINT = "iot-dev-entry-point"
SLOW = settings(recovery={"rto": 1})


@pytest.fixture
def design(synthesis: Synthesis) -> dict[str, Any]:
    return {name: stack.document for name, stack in synthesis(settings()).items()}


def without_checks(design: dict[str, Any]) -> None:
    """Take the checks from two records, which is two findings."""
    records: dict[str, Any] = design[ENTRY_POINT]["resource"]["aws_route53_record"]
    for name in ("failover_1_primary", "failover_1_secondary"):
        del records[name]["health_check_id"]


def suppressing(*rules: str) -> Settings:
    return settings(suppressions=[{"rule": each, "reason": "a rehearsal"} for each in rules])


def test_a_sound_design_is_not_blocked(design: dict[str, Any]) -> None:
    assert refusal(refuse_blocked, [(settings(), design)]) == ""


def test_a_blocked_design_is_refused_with_all_findings_at_once(design: dict[str, Any]) -> None:
    without_checks(design)
    with pytest.raises(BlockedError) as raised:
        refuse_blocked([(settings(), design)])
    text = str(raised.value)
    assert raised.value.status == 1
    for name in ("failover_1_primary", "failover_1_secondary"):
        assert f"block  aws_route53_record.{name}: " in text
    assert "\nblock: 2 errors" in text


def test_the_findings_of_every_environment_are_reported(design: dict[str, Any]) -> None:
    without_checks(design)
    with pytest.raises(BlockedError) as raised:
        refuse_blocked([(settings(), design), (settings(), design)])
    assert str(raised.value).count("aws_route53_record.failover_1_primary: ") == 2


def test_what_the_settings_suppress_does_not_stop(
    design: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    without_checks(design)
    accepting = suppressing("failover-record-without-check", "devices-unknown-in-standby")
    refuse_blocked([(accepting, design)])
    (text,) = capsys.readouterr().err.splitlines()
    assert text == (
        "suppressed in dev: 2 errors of failover-record-without-check (reason: a rehearsal)"
    )
    judged = judgement(accepting, design)
    assert [each.reason for each in judged.suppressed] == ["a rehearsal"] * 3


def test_a_warning_is_reported_and_stops_nothing(
    design: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    refuse_blocked([(suppressing("global-table-in-two-states"), design)])
    assert "[unused-suppression]" in capsys.readouterr().err


def test_a_blocked_synthesis_leaves_the_earlier_output(tmp_path: Path) -> None:
    out = tmp_path / "out"
    synthesize([settings()], out)
    before = (out / "stacks" / ENTRY_POINT / "cdk.tf.json").stat().st_mtime_ns
    with pytest.raises(BlockedError, match="recovery"):
        synthesize([SLOW], out)
    assert (out / "stacks" / ENTRY_POINT / "cdk.tf.json").stat().st_mtime_ns == before
    assert [each.name for each in tmp_path.iterdir()] == ["out"]


def test_a_blocked_synthesis_over_an_earlier_output_leaves_it(tmp_path: Path) -> None:
    out = tmp_path / "out"
    synthesize_over([settings()], out)
    (out / "stacks" / ENTRY_POINT / ".terraform").mkdir()
    synthesize_over([settings()], out)
    file = out / "stacks" / ENTRY_POINT / "cdk.tf.json"
    before = file.stat().st_mtime_ns
    with pytest.raises(BlockedError, match="recovery"):
        synthesize_over([SLOW], out)
    assert file.stat().st_mtime_ns == before
    assert (file.parent / ".terraform").is_dir()
    assert [each.name for each in tmp_path.iterdir()] == ["out"]


def test_an_output_that_cannot_be_written_over_is_a_mistake_in_usage(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x")
    with pytest.raises(OutputFolderError, match="out: cannot be written: "):
        synthesize_over([settings()], tmp_path / "out")


def test_documents_are_those_of_the_environments_graph(tmp_path: Path) -> None:
    synthesize([settings()], tmp_path / "out")
    assert ENTRY_POINT in documents(settings(), tmp_path / "out")
