"""What Terraform prints of an apply for people, without its colours: changes and diagnostics.

cdktf starts Terraform without `-json`, and the full log is to show each attribute that changes, of
which the messages of `-json` have none. The forms are those of `internal/command/jsonformat` and
`internal/command/format` in Terraform 1.10 to 1.14; the tests hold the changes that are read here
equal to those of the same plan in JSON.
"""

import re
from collections.abc import Iterator
from typing import Final

from iot_dr.terraform.diagnostic import Diagnostic
from iot_dr.terraform_json.change import Action, Change

_COLOUR = re.compile(r"\x1b\[[\d;]*m")

_VERBS: Final = {
    "will be created": Action.CREATE,
    "will be updated in-place": Action.UPDATE,
    "must be replaced": Action.REPLACE,
    "will be replaced": Action.REPLACE,
    "is tainted, so must be replaced": Action.REPLACE,
    "will be destroyed": Action.DESTROY,
    "will no longer be managed by Terraform": Action.FORGET,
}
_RESOURCE = re.compile(
    rf"^ {{1,2}}# (?P<address>\S.*?)(?: \(deposed object \w+\))? (?P<verb>{'|'.join(_VERBS)})\b",
    re.MULTILINE,
)

_SIGNS: Final = {"+": Action.CREATE, "~": Action.UPDATE, "-": Action.DESTROY}
_OUTPUTS = re.compile(r"^Changes to Outputs:\n(?P<lines>(?:  .*\n)+)", re.MULTILINE)
_OUTPUT = re.compile(r"^  (?P<sign>[-+~]) (?P<name>\S+)\s+= ", re.MULTILINE)

_BOX = re.compile(r"^╷\n(?P<lines>(?:│.*\n)+)╵$", re.MULTILINE)
_SEVERITY = re.compile(r"(?P<severity>Error|Warning): (?P<summary>.*)")
_ADDRESS = re.compile(r"^  with (?P<address>\S+),\n", re.MULTILINE)


def colourless(output: str) -> str:
    """Return the text without the sequences that colour it on a terminal."""
    return _COLOUR.sub("", output)


def printed_changes(output: str) -> tuple[Change, ...]:
    """Return the changes to resources, in the order in which they are printed."""
    return tuple(
        Change(found["address"], _VERBS[found["verb"]]) for found in _RESOURCE.finditer(output)
    )


def printed_output_changes(output: str) -> tuple[Change, ...]:
    """Return the changes to outputs; those of a value are indented deeper than the output."""
    sections = _OUTPUTS.search(output)
    return tuple(
        Change(f"output.{found['name']}", _SIGNS[found["sign"]])
        for found in _OUTPUT.finditer(sections["lines"] if sections else "")
    )


def printed_diagnostics(output: str) -> tuple[Diagnostic, ...]:
    """Return errors and warnings whole, each once: a plan's warning comes again with its apply."""
    return tuple(dict.fromkeys(_diagnostics(output)))


def _diagnostics(output: str) -> Iterator[Diagnostic]:
    for box in _BOX.finditer(output):
        text = re.sub("^│ ?", "", box["lines"], flags=re.MULTILINE)
        title, _, detail = text.partition("\n")
        if found := _SEVERITY.fullmatch(title.rstrip()):
            address = _ADDRESS.search(detail)
            yield Diagnostic.from_json(
                {
                    "severity": found["severity"].lower(),
                    "summary": found["summary"],
                    "detail": _ADDRESS.sub("", detail).strip("\n"),
                    "address": address and address["address"],
                }
            )
