"""A run of the scanner, by a program in its place, and what its report says of the modules."""

from pathlib import Path

import pytest

from tests.tools.scan.reports import Result, report_text, result, scanner
from tools.scan.checkov import Finding, ScanError, read_report, scan

MAIN = """\
resource "aws_lambda_function" "watcher" {
  count    = local.is_there ? 1 : 0
  provider = aws

  environment {
    variables = {
      count = "kept"
    }
  }
}
"""


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    (folder / "modules" / "canary").mkdir(parents=True)
    (folder / "modules" / "canary" / "watcher.tf").write_text(MAIN, encoding="utf-8")
    return folder


def test_what_is_under_a_condition_is_scanned_without_it(modules: Path, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    copy = f'Path({str(seen)!r}).write_text((scanned / "modules/canary/watcher.tf").read_text())'
    program = scanner(tmp_path, f"{copy}\nreport.write_text({report_text([])!r})")
    assert scan(modules, program).findings == ()
    assert seen.read_text(encoding="utf-8") == MAIN.replace(
        "  count    = local.is_there ? 1 : 0\n", ""
    )
    assert (modules / "modules/canary/watcher.tf").read_text(encoding="utf-8") == MAIN


def test_no_configuration_of_the_users_is_heeded(
    modules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CKV_SKIP_CHECK", "CKV_AWS_1")
    empty = 'assert "CKV_SKIP_CHECK" not in os.environ and not [*Path.home().glob(".*")]'
    here = "assert Path.cwd() == Path.home()"
    program = scanner(tmp_path, f"{empty}\n{here}\nreport.write_text({report_text([])!r})")
    assert scan(modules, program).version == "3.3.30"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('sys.exit("out of memory")', "checkov ended with status 1: out of memory"),
        ("sys.exit(2)", "checkov ended with status 2: no message"),
        ("pass", "not a report of checkov"),
    ],
)
def test_a_scanner_that_fails_is_reported(
    body: str, message: str, modules: Path, tmp_path: Path
) -> None:
    with pytest.raises(ScanError, match=message):
        scan(modules, scanner(tmp_path, body))


def test_a_scanner_that_is_not_there_is_reported_with_the_way_to_it(
    modules: Path, tmp_path: Path
) -> None:
    with pytest.raises(ScanError, match="No such file or directory; `make scan` installs checkov"):
        scan(modules, tmp_path / "none")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "results_json.json"


def findings_of(file: Path, *failed: Result) -> list[str]:
    file.write_text(report_text(failed), encoding="utf-8")
    return [each.where for each in read_report(file).findings]


@pytest.mark.parametrize(
    ("resource", "path", "where"),
    [
        ("aws_iam_role.canary", "/modules/canary/main.tf", "canary/aws_iam_role.canary"),
        (
            "module.platform.module.zone.aws_route53_zone.zone[0]",
            "/modules/hosted-zone/main.tf",
            "hosted-zone/aws_route53_zone.zone",
        ),
        (
            'module.tables.aws_dynamodb_table.each["a.b"]',
            "/modules/device-data/main.tf",
            "device-data/aws_dynamodb_table.each",
        ),
        ("aws.primary", "/examples/basic/main.tf", "platform/examples/basic/aws.primary"),
        ("aws_sqs_queue.own", "/main.tf", "platform/aws_sqs_queue.own"),
        ("odd", "/main.tf", "platform/odd"),
    ],
)
def test_a_finding_shows_the_module_and_the_resource_in_it(
    resource: str, path: str, where: str, file: Path
) -> None:
    assert findings_of(file, result("CKV_AWS_1", resource, path)) == [where]


def test_a_module_that_is_called_twice_has_each_finding_once(file: Path) -> None:
    calls = ("module.platform.module.primary_canary.", "module.platform.module.standby_canary.", "")
    results = [result("CKV_AWS_1", f"{call}aws_iam_role.canary") for call in calls]
    assert findings_of(file, *results) == ["canary/aws_iam_role.canary"]


def test_findings_stand_in_order_and_say_what_is_asked_for(file: Path) -> None:
    results = [result("CKV_AWS_2", "aws_a.b"), result("CKV_AWS_1", "aws_c.d")]
    passed = [result("CKV_AWS_1", "aws_e.f", "/modules/telemetry/main.tf")]
    file.write_text(report_text(results, passed), encoding="utf-8")
    report = read_report(file)
    assert report.findings == (
        Finding(check="CKV_AWS_1", where="canary/aws_c.d", title="Ensure CKV_AWS_1"),
        Finding(check="CKV_AWS_2", where="canary/aws_a.b", title="Ensure CKV_AWS_2"),
    )
    assert report.modules == {"canary", "telemetry"}
    assert report.version == "3.3.30"


def test_a_file_that_checkov_does_not_understand_is_not_ignored(file: Path) -> None:
    file.write_text(report_text([], unread=["/modules/canary/main.tf"]), encoding="utf-8")
    with pytest.raises(ScanError, match=r"cannot parse /modules/canary/main\.tf"):
        read_report(file)


@pytest.mark.parametrize(
    "text", ['{"passed": 0, "failed": 0}', "[]", '{"results": 1}', "no JSON", ""]
)
def test_what_is_not_a_report_is_refused(text: str, file: Path) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ScanError, match="not a report of checkov"):
        read_report(file)
