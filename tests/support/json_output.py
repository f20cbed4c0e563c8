"""The document of `--json`, checked against docs/reference/output.md."""

import json
import re
from importlib.metadata import version
from typing import Any

from iot_dr.common.renamed_keys import REMOVED_IN
from tests.support.command import ROOT

_ROW = re.compile(r"^\| `(\w+)` \|", re.MULTILINE)
_PAGE = (ROOT / "docs/reference/output.md").read_text(encoding="utf-8")
KEYS = _ROW.findall(_PAGE.split("\n## JSON\n")[1].split("\n## ")[0])
"""The keys that the page promises, in the order of a document."""


def document_of(printed: str) -> dict[str, Any]:
    """Return a document after a check of its shape."""
    document = json.loads(printed)
    assert list(document)[: len(KEYS)] == KEYS
    assert (document["iot_dr"], document["schema"]) == (version("iot-dr"), 1)
    assert isinstance(document["command"], str)
    assert isinstance(document["environment"], str | None)
    assert isinstance(document["exit_status"], int)
    assert REMOVED_IN == "0.3"
    error, result = document["error"], document["result"]
    assert (error is None) != (result is None)
    if error is not None:
        assert list(error) == ["message"]
        assert error["message"].strip()
        assert document["exit_status"] != 0
    return document


def result_of(printed: str) -> Any:
    """Return the result in a document."""
    result = document_of(printed)["result"]
    assert result is not None, printed
    return result
