"""A run of the scanner, by a program in its place."""

from pathlib import Path

import pytest

from iot_dr.emit.scan.checkov import scanned
from iot_dr.emit.scan.report import ScanError
from tests.iot_dr.emit.scan.reports import report_text, scanner

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
    (folder / "modules" / "canary" / "main.tf").write_text(MAIN, encoding="utf-8")
    return folder


def test_what_stands_under_a_condition_is_scanned_without_it(modules: Path, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    copy = f'Path({str(seen)!r}).write_text((scanned / "modules/canary/main.tf").read_text())'
    program = scanner(tmp_path, f"{copy}\nreport.write_text({report_text([])!r})")
    assert scanned(modules, program).findings == ()
    assert seen.read_text(encoding="utf-8") == MAIN.replace(
        "  count    = local.is_there ? 1 : 0\n", ""
    )
    assert (modules / "modules/canary/main.tf").read_text(encoding="utf-8") == MAIN


def test_no_configuration_of_the_users_is_heeded(
    modules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CKV_SKIP_CHECK", "CKV_AWS_1")
    empty = 'assert "CKV_SKIP_CHECK" not in os.environ and not [*Path.home().glob(".*")]'
    here = "assert Path.cwd() == Path.home()"
    program = scanner(tmp_path, f"{empty}\n{here}\nreport.write_text({report_text([])!r})")
    assert scanned(modules, program).version == "3.3.30"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('sys.exit("out of memory")', "checkov ended with status 1: out of memory"),
        ("sys.exit(2)", "checkov ended with status 2: it says nothing"),
        ("pass", "is no report of checkov"),
    ],
)
def test_a_scanner_that_fails_is_told(body: str, told: str, modules: Path, tmp_path: Path) -> None:
    with pytest.raises(ScanError, match=told):
        scanned(modules, scanner(tmp_path, body))


def test_a_scanner_that_is_not_there_is_told_with_the_way_to_it(
    modules: Path, tmp_path: Path
) -> None:
    with pytest.raises(ScanError, match="No such file or directory; `make scan` installs checkov"):
        scanned(modules, tmp_path / "none")
