"""The report of a doctor: its lines, its JSON and its exit status."""

import json
import shlex

import pytest

from iot_dr.cli.doctor import DoctorReport
from iot_dr.observe.doctor.check import CheckResult
from iot_dr.observe.doctor.finding import AccountFinding, later, missing, ok, unknown
from tests.support.settings import settings

COMMAND = (
    "aws service-quotas request-service-quota-increase --service-code lambda --quota-code"
    " L-B99A9384 --desired-value 124 --region eu-central-1"
)
MISSING = missing("10 " * 40, "raise it", COMMAND, region="eu-central-1", blocks=True)


def report(*findings: AccountFinding) -> DoctorReport:
    return DoctorReport(
        settings=settings(), results=[CheckResult(check="quota", findings=findings)]
    )


@pytest.mark.parametrize(
    ("findings", "status"),
    [
        ([ok("all is well"), later("no topics yet")], 0),
        ([ok("all is well"), unknown("no answer")], 1),
        ([unknown("no answer"), MISSING], 3),
    ],
    ids=["nothing missing", "not checked", "missing"],
)
def test_the_exit_status_is_that_of_the_worst_finding(
    findings: list[AccountFinding], status: int
) -> None:
    assert report(*findings).exit_status == status


def test_findings_are_listed_by_status_with_what_to_do_first() -> None:
    text = report(ok("well"), later("no topics"), unknown("no answer"), MISSING).text()
    titles = [line for line in text.splitlines() if line.isupper()]
    assert titles == ["MISSING", "NOT CHECKED", "CREATED BY A DEPLOY", "OK"]
    assert text.splitlines()[0] == (
        "dev in account 111111111111: 1 missing, 1 not checked, 1 to be created, 1 ok"
    )


def test_no_line_is_wider_than_80_columns_and_a_command_can_be_pasted() -> None:
    lines = report(MISSING, unknown("an answer " * 20)).text().splitlines()
    assert max(map(len, lines)) <= 80
    begin = next(place for place, line in enumerate(lines) if "aws service-quotas" in line)
    end = next(place for place in range(begin, len(lines)) if not lines[place].endswith("\\"))
    pasted = "\n".join(lines[begin : end + 1]).replace("\\\n", "")
    assert shlex.split(pasted) == shlex.split(COMMAND)


def test_a_remedy_of_several_findings_is_printed_once_after_them() -> None:
    both = [missing("no bucket", "create it", "iot-dr", region=each) for each in ("west", "north")]
    assert report(*both, missing("no role", "create it", "aws")).text().splitlines()[3:] == [
        "  quota, west: no bucket",
        "  quota, north: no bucket",
        "    Remedy: create it.",
        "      iot-dr",
        "  quota: no role",
        "    Remedy: create it.",
        "      aws",
    ]


def test_text_of_aws_cannot_control_the_terminal() -> None:
    assert "\x1b" not in report(unknown("\x1b[2J")).text()


def test_json_has_every_finding() -> None:
    findings = report(ok("well", "eu-west-1"), MISSING)
    document = json.loads(json.dumps(findings.document()))
    assert (document["environment"], document["account_id"]) == ("dev", "111111111111")
    assert [each["status"] for each in document["findings"]] == ["ok", "missing"]
    assert document["findings"][1] == {
        "check": "quota",
        "status": "missing",
        "region": "eu-central-1",
        "message": "10 " * 40,
        "remedy": "raise it",
        "commands": [COMMAND],
        "blocks": True,
    }
