"""Findings as SARIF 2.1.0, the format of code scanning (docs.oasis-open.org/sarif/sarif/v2.1.0)."""

import hashlib
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from iot_dr.common.plain_text import plain
from iot_dr.rules.catalogue import RULES
from iot_dr.rules.rule import Finding, Verdict
from iot_dr.rules.suppression import UNUSED
from iot_dr.terraform_json.source_location import SourceLocation

REVIEW: Final = "plan-review"
"""The id of what a review alone reports: the impact of changes on devices."""

DOCS_VARIABLE: Final = "IOT_DR_DOCS"
"""The environment variable with the URL of the folder `docs`, which results link to."""

_SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS: Final = {Verdict.OK: "note", Verdict.WARN: "warning", Verdict.BLOCK: "error"}
_OTHERS: Final = {
    REVIEW: ("No change that devices notice", "how-to/review.md"),
    UNUSED: ("No suppression without a finding", "reference/rules.md"),
}


@dataclass(frozen=True, slots=True)
class SarifResult:
    """A finding, where it is declared, and the reason if it is suppressed."""

    finding: Finding
    location: SourceLocation
    reason: str = ""


def sarif(command: str, results: Iterable[SarifResult], notes: Iterable[str]) -> dict[str, Any]:
    """Return the log of a command's run; `notes` are about what was not judged.

    Paths are relative to the working directory, which is the repository's root in a workflow.
    """
    rules = [*_rules()]
    numbers = {rule["id"]: number for number, rule in enumerate(rules)}
    seen = Counter[str]()
    written = list[dict[str, Any]]()
    for result in results:
        finding = result.finding
        identity = "\n".join((finding.rule, finding.stack or "", finding.address or ""))
        seen[identity] += 1
        digest = hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        entry = {
            "ruleId": finding.rule,
            "ruleIndex": numbers[finding.rule],
            "level": _LEVELS[finding.verdict],
            "message": _message(finding.message),
            "locations": [_location(finding, result.location)],
            # The only key that GitHub reads. It stays the same when lines move.
            "partialFingerprints": {"primaryLocationLineHash": f"{digest}:{seen[identity]}"},
        }
        if result.reason:
            entry["suppressions"] = [{"kind": "external", "justification": plain(result.reason)}]
        written.append(entry)
    messages = [{"level": "note", "message": _message(note)} for note in notes]
    run = {
        "tool": {"driver": {"name": "iot-dr", "version": version("iot-dr"), "rules": rules}},
        # Uploads of two commands stay apart.
        "automationDetails": {"id": f"iot-dr {command}/"},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": messages}],
        "results": written,
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _message(text: str) -> dict[str, str]:
    """Return a message without links: `[text](target)` is one, and names are a stranger's."""
    lines = map(plain, text.splitlines())
    return {"text": "\n".join(lines).replace("](", "] (")}


def _rules() -> Iterable[dict[str, Any]]:
    for rule in RULES:
        text = f"{rule.why}\n\nSource: {rule.source}."
        yield {
            "id": rule.id,
            "shortDescription": {"text": rule.title},
            "fullDescription": {"text": rule.why},
            "help": {"text": text, "markdown": text},
            **_help(f"reference/rules.md#{rule.id}"),
        }
    for id_, (title, page) in _OTHERS.items():
        yield {"id": id_, "shortDescription": {"text": title}, **_help(page)}


def _help(page: str) -> dict[str, str]:
    base = os.environ.get(DOCS_VARIABLE)
    return {"helpUri": f"{base.rstrip('/')}/{page}"} if base else {}


def _location(finding: Finding, source: SourceLocation) -> dict[str, Any]:
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(source.file)},
            "region": {"startLine": source.line},
        }
    }
    if name := plain(finding.address or finding.stack or ""):
        kind = "resource" if finding.address else "module"
        location["logicalLocations"] = [{"fullyQualifiedName": name, "kind": kind}]
    return location


def _uri(file: Path) -> str:
    path, here = Path(os.path.normpath(file.absolute())), Path.cwd()
    return (
        quote(os.fsencode(path.relative_to(here))) if path.is_relative_to(here) else path.as_uri()
    )
