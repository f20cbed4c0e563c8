import re
from pathlib import Path

from iot_dr.common.exit_status import ExitStatus


def test_the_page_lists_the_exit_statuses() -> None:
    page = Path("docs/reference/output.md").read_text(encoding="utf-8")
    assert [int(each) for each in re.findall(r"^\| (\d+) ", page, re.MULTILINE)] == [*ExitStatus]
