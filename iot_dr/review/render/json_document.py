"""A review as a JSON document, for programs: all of it, in a form that stays.

`format` is 1 as long as a program that reads it needs no change; keys may be added. Each change of
a stack stands on a line of its own. Text is ASCII, with everything else escaped. A side of a
difference is {"kind": "value" | "absent" | "unknown" | "sensitive", "text"}; the text of a value
is JSON, and there is none of a sensitive one.

{"format", "environment", "provider", "base", "verdict", "reason", "notes": [text],
 "recovery": {"before": {"p50", "p99", "bound"}, "after": {...}, "target"} | null,
 "recovery_point": {"is_compared", "before": POINT | null, "after": POINT | null} | null,
 "attention": [{"verdict", "subject", "why", "change": CHANGE, "attributes": [DIFF],
  "rules": [id of a finding that "why" tells]}],
 "findings": [FINDING], "suppressed": [{"finding": FINDING, "reason"}],
 "hand_overs": [{"stack", "output", "action", "before", "after", "consumers": [{"stack", "region",
  "status"}]}], "one_sided": [{"what", "changed": [region], "unchanged": [region], "paths"}],
 "stacks": [{"name", "region", "role", "status", "existed", "unchanged", "problem", "waits_for",
  "warnings": [text], "counts": {action or "move" or "import": number},
  "outputs": [{"name", "action", "diff": DIFF}],
  "changes": [CHANGE and "diffs": [DIFF]], "drift": [as changes]}]}

POINT: {"states", "unnoticed", "registry", "stream", "restore"}, in seconds: of device states that
 only a lost region has, as a rule and until an alarm tells; until a registry change that no event
 told of is found; for which a region may be away before its stream is lost; back to which tables
 can be restored. It is null where the settings have no data.
CHANGE: {"stack", "region", "address", "type", "name", "action": "create" | "update" | "replace" |
 "destroy" | "forget" | null, "moved_from", "is_imported", "import_id", "forced_by", "reason",
 "deposed"}
DIFF: {"path", "before", "after", "forces", "lines"}
FINDING: {"rule", "verdict", "stack", "address", "message"}
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from typing import BinaryIO

from iot_dr.review.impact.review import Review
from iot_dr.review.read.stack_review import StackReview
from iot_dr.review.render import json_parts


def render(review: Review) -> str:
    """Give the document."""
    return "".join(_chunks(review))


def write(review: Review, file: BinaryIO) -> str:
    """Write the document piece by piece, and give its SHA-256: the review's fingerprint."""
    return _digested(review, file.write)


def fingerprint(review: Review) -> str:
    """Give the SHA-256 of the document in hexadecimal digits, without keeping it."""
    return _digested(review, lambda _: None)


def _digested(review: Review, take: Callable[[bytes], object]) -> str:
    digest = hashlib.sha256()
    for chunk in _chunks(review):
        data = chunk.encode("ascii")
        digest.update(data)
        take(data)
    return digest.hexdigest()


def _chunks(review: Review) -> Iterator[str]:
    head = _safe(json.dumps(json_parts.head(review), indent=2))
    yield head.removesuffix("\n}")
    yield ',\n  "stacks": ['
    for at, stack in enumerate(review.stacks):
        yield ",\n" if at else "\n"
        yield from _stack(stack)
    yield "\n  ]\n}\n"


def _stack(stack: StackReview) -> Iterator[str]:
    yield f"    {_line(json_parts.stack_head(stack))[:-1]}"
    for key, changes in (("changes", stack.changes), ("drift", stack.drift)):
        yield f', "{key}": ['
        for at, change in enumerate(changes):
            yield ",\n      " if at else "\n      "
            diffs = [json_parts.difference(each) for each in change.diffs]
            yield _line({**json_parts.change_head(change), "diffs": diffs})
        yield "]"
    yield "}"


def _line(value: object) -> str:
    return _safe(json.dumps(value))


def _safe(document: str) -> str:
    """Escape the one control character that JSON does not ask to escape."""
    return document.replace("\x7f", "\\u007f")
