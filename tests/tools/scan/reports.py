"""Reports as checkov writes them, and programs that write them in its place."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.support.executable import executable

Result = dict[str, Any]


def result(check: str, resource: str, file: str = "/modules/canary/main.tf") -> Result:
    """One result of a check, as far as it is read."""
    return {
        "check_id": check, "check_name": f"Ensure {check}", "resource": resource, "file_path": file,
    }  # fmt: skip


def report_text(
    failed: Sequence[Result], passed: Sequence[Result] = (), unread: Sequence[str] = ()
) -> str:
    """The text of a report."""
    results = {
        "failed_checks": [*failed], "passed_checks": [*passed], "parsing_errors": [*unread],
    }  # fmt: skip
    return json.dumps({"results": results, "summary": {"checkov_version": "3.3.30"}})


def scanner(folder: Path, body: str) -> Path:
    """A program of Python, which knows the folder it scans (`scanned`) and that of its report."""
    lines = [
        f"#!{sys.executable}", "import os, sys", "from pathlib import Path",
        'scanned = Path(sys.argv[sys.argv.index("--directory") + 1])',
        'reports = Path(sys.argv[sys.argv.index("--output-file-path") + 1])',
        "reports.mkdir()", 'report = reports / "results_json.json"', body,
    ]  # fmt: skip
    return executable(folder / "checkov", "\n".join(lines) + "\n")


def reporting(folder: Path, text: str) -> Path:
    """A program that reports what is given, whatever it scans."""
    return scanner(folder, f"report.write_text({text!r})")
