"""Each finding is explained, and each explanation explains something."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from pydantic import ValidationError

from iot_dr.emit.catalogue import CATALOGUE
from iot_dr.emit.synthesis import synthesized
from tests.support.command import ROOT
from tests.tools.scan.reports import Result, report_text, reporting, result
from tools.scan.__main__ import EXPLAINED, Explanation, compare, explanations, main
from tools.scan.checkov import Finding

CANARY = Finding(check="CKV_AWS_1", where="canary/aws_iam_role.canary", title="Ensure it")
PASSED = [result("CKV_AWS_1", "aws_x.y", f"/modules/{name}/main.tf") for name in CATALOGUE]
EVERY_ROLE = Explanation(check="CKV_AWS_1", where=("*/aws_iam_role.*",), reason="It is.")


@pytest.fixture(scope="module")
def resources() -> list[str]:
    """All resources of all modules: MODULE/TYPE.NAME."""
    modules = synthesized([*CATALOGUE.values()])
    return [
        f"{each.contract.name}/{address}" for each in modules for address in each.contract.resources
    ]


@pytest.fixture(scope="module")
def explained(resources: Sequence[str]) -> list[Result]:
    """One result for each check and resource that has an explanation."""
    return [
        result(explanation.check, address, f"/modules/{module}/main.tf")
        for explanation in explanations(EXPLAINED)
        for where in explanation.where
        for module, _, address in (place.partition("/") for place in resources)
        if fnmatchcase(f"{module}/{address}", where)
    ]


def test_each_place_that_is_explained_is_in_a_module(resources: Sequence[str]) -> None:
    for explanation in explanations(EXPLAINED):
        for where in explanation.where:
            assert any(fnmatchcase(place, where) for place in resources), (explanation.check, where)


def test_each_decision_that_a_reason_names_is_written_down() -> None:
    written = {path.name[:4] for path in (ROOT / "docs" / "adr").glob("[0-9]*.md")}
    for explanation in explanations(EXPLAINED):
        named = {part[:4] for part in explanation.reason.split("ADR ")[1:]}
        assert named <= written, explanation.check


def test_a_finding_is_covered_by_its_check_and_its_place_alone() -> None:
    other_check = EVERY_ROLE.model_copy(update={"check": "CKV_AWS_2"})
    other_place = EVERY_ROLE.model_copy(update={"where": ("telemetry/*",)})
    assert compare([CANARY], [EVERY_ROLE]).lines == []
    message = "fix the construct or add an explanation"
    assert compare([CANARY], [other_check, other_place]).lines == [
        f"unexplained: CKV_AWS_1 canary/aws_iam_role.canary: Ensure it; {message}",
        "stale: CKV_AWS_2 */aws_iam_role.*: no finding there; remove the explanation",
        "stale: CKV_AWS_1 telemetry/*: no finding there; remove the explanation",
    ]


def test_one_place_of_an_explanation_may_be_stale_alone() -> None:
    two = EVERY_ROLE.model_copy(update={"where": ("*/aws_iam_role.*", "canary/aws_sqs_queue.*")})
    assert [where for _, where in compare([CANARY], [two]).stale] == ["canary/aws_sqs_queue.*"]


ENTRY = "- check: {check}\n  where: [{where}]\n  reason: {reason}\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ENTRY.format(check="AWS_1", where="a/b.c", reason="It is."), "check"),
        (ENTRY.format(check="CKV_AWS_1", where="", reason="It is."), "where"),
        (ENTRY.format(check="CKV_AWS_1", where="b.c", reason="It is."), "where"),
        (ENTRY.format(check="CKV_AWS_1", where="a/b.c", reason="because"), "reason"),
        (ENTRY.format(check="CKV_AWS_1", where="a/b.c", reason="It is.\n  or: else"), "or"),
        (ENTRY.format(check="CKV_AWS_1", where="a/b.c", reason="It is.") * 2, "each once"),
        (
            ENTRY.format(check="CKV_AWS_2", where="a/b.c", reason="It is.")
            + ENTRY.format(check="CKV_AWS_1", where="a/b.c", reason="It is."),
            "CKV_AWS_1 a/b.c is below CKV_AWS_2 a/b.c; sort",
        ),
        ("", "tuple"),
    ],
)
def test_what_is_not_an_explanation_is_refused(text: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "explained.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ValidationError, match=message):
        explanations(file)


def test_a_scan_in_which_all_is_explained_ends_well(
    explained: Sequence[Result], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(reporting(tmp_path, report_text(explained, PASSED)))]) == 0
    table, _, verdict = capsys.readouterr().out.strip().rpartition("\n")
    assert verdict == (
        f"checkov 3.3.30: {len(explained)} findings, each explained in tools/scan/explained.yaml"
    )
    assert "CKV_AWS_119    2  Ensure CKV_AWS_119" in table


@pytest.mark.exhaustive
def test_a_scan_with_something_new_and_something_gone_shows_both(
    explained: Sequence[Result], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = [each for each in explained if each["check_id"] != "CKV_AWS_119"]
    changed.append(result("CKV_AWS_9999", "aws_iam_role.canary"))
    assert main([str(reporting(tmp_path, report_text(changed, PASSED)))]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines[-3:-1]] == ["unexplained", "stale"]
    assert lines[-1].endswith(" findings, 2 problems; fix the modules or tools/scan/explained.yaml")


def test_a_scan_that_has_looked_at_nothing_is_not_a_good_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(reporting(tmp_path, report_text([])))]) == 1
    assert "error: checkov did not scan canary, device-data" in capsys.readouterr().err
