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
from dataclasses import asdict
from typing import Any, BinaryIO, Final

import msgspec

from iot_dr.review.impact.review import Attention, HandOverChange, Review
from iot_dr.review.read.attribute_diff import AttributeDiff, Kind, Shown
from iot_dr.review.read.plan_source import RecoveryChange
from iot_dr.review.read.stack_review import ResourceChange, StackReview
from iot_dr.rules.findings import finding_json
from iot_dr.terraform_json.plan_manifest import Points, Recovery

_FORMAT: Final = 1


def render(review: Review) -> str:
    """Return the document."""
    return "".join(_chunks(review))


def write(review: Review, file: BinaryIO) -> str:
    """Write the document piece by piece, and return its SHA-256: the review's fingerprint."""
    return _digested(review, file.write)


def fingerprint(review: Review) -> str:
    """Return the SHA-256 of the document in hexadecimal digits, without keeping it."""
    return _digested(review, lambda _: None)


def _digested(review: Review, take: Callable[[bytes], object]) -> str:
    digest = hashlib.sha256()
    for chunk in _chunks(review):
        data = chunk.encode("ascii")
        digest.update(data)
        take(data)
    return digest.hexdigest()


def _chunks(review: Review) -> Iterator[str]:
    head = _safe(json.dumps(_head(review), indent=2))
    yield head.removesuffix("\n}")
    yield ',\n  "stacks": ['
    for at, stack in enumerate(review.stacks):
        yield ",\n" if at else "\n"
        yield from _stack(stack)
    yield "\n  ]\n}\n"


def _stack(stack: StackReview) -> Iterator[str]:
    yield f"    {_line(_stack_head(stack))[:-1]}"
    for key, changes in (("changes", stack.changes), ("drift", stack.drift)):
        yield f', "{key}": ['
        for at, change in enumerate(changes):
            yield ",\n      " if at else "\n      "
            diffs = [_difference(each) for each in change.diffs]
            yield _line({**_change_head(change), "diffs": diffs})
        yield "]"
    yield "}"


def _line(value: object) -> str:
    return _safe(json.dumps(value))


def _safe(document: str) -> str:
    """Escape the one control character that JSON does not ask to escape."""
    return document.replace("\x7f", "\\u007f")


def _head(review: Review) -> dict[str, Any]:
    """Return everything but the stacks."""
    judgement = review.judgement
    return {
        "format": _FORMAT,
        "environment": review.environment,
        "provider": review.provider,
        "base": review.base,
        "verdict": review.verdict.value,
        "reason": review.reason,
        "notes": review.notes,
        "recovery": _recovery_change(review.recovery) if review.recovery else None,
        "recovery_point": _recovery_point(review.recovery_point) if review.recovery_point else None,
        "attention": [_attention(each) for each in review.attention],
        "findings": [finding_json(each) for each in judgement.findings],
        "suppressed": [
            {"finding": finding_json(each.finding), "reason": each.reason}
            for each in judgement.suppressed
        ],
        "hand_overs": [_hand_over(each) for each in review.hand_overs],
        "one_sided": [asdict(each) for each in review.one_sided],
    }


def _stack_head(stack: StackReview) -> dict[str, Any]:
    """Return everything of a stack but its changes and its drift."""
    counts = stack.counts
    return {
        "name": stack.name,
        "region": stack.region,
        "role": stack.role,
        "status": stack.status,
        "existed": stack.existed,
        "unchanged": stack.unchanged,
        "problem": stack.problem,
        "waits_for": stack.waits_for,
        "warnings": stack.warnings,
        "counts": {
            **{action.value: number for action, number in counts.actions.items()},
            "move": counts.moves,
            "import": counts.imports,
        },
        "outputs": [
            {"name": each.name, "action": each.action.value, "diff": _difference(each.diff)}
            for each in stack.outputs
        ],
    }


def _change_head(change: ResourceChange) -> dict[str, Any]:
    """Return a change without its differences."""
    return {
        "stack": change.stack,
        "region": change.region,
        "address": change.address,
        "type": change.type,
        "name": change.name,
        "action": change.action.value if change.action else None,
        "moved_from": change.moved_from,
        "is_imported": change.is_imported,
        "import_id": change.import_id,
        "forced_by": change.forced_by,
        "reason": change.reason,
        "deposed": change.deposed,
    }


def _attention(each: Attention) -> dict[str, Any]:
    return {
        "verdict": each.verdict.value,
        "subject": each.subject,
        "why": each.why,
        "change": _change_head(each.change),
        "attributes": [_difference(attribute) for attribute in each.attributes],
        "rules": [finding.rule for finding in each.findings],
    }


def _hand_over(change: HandOverChange) -> dict[str, Any]:
    output = change.output
    return {
        "stack": output.stack,
        "output": output.name,
        "action": output.action.value,
        "before": _side(output.diff.before),
        "after": _side(output.diff.after),
        "consumers": [
            {"stack": each.stack, "region": each.region, "status": each.status}
            for each in change.consumers
        ],
    }


def _difference(diff: AttributeDiff) -> dict[str, Any]:
    """Return a _difference; of a sensitive side only that it is one."""
    return {
        "path": diff.path,
        "before": _side(diff.before),
        "after": _side(diff.after),
        "forces": diff.forces,
        "lines": diff.lines,
    }


def _side(value: Shown) -> dict[str, str]:
    return {"kind": value.kind.value, "text": value.text if value.kind is Kind.VALUE else ""}


def _recovery_change(change: RecoveryChange) -> dict[str, Any]:
    return {
        "before": _recovery(change.before),
        "after": _recovery(change.after),
        "target": change.target,
    }


def _recovery_point(points: Points) -> dict[str, Any]:
    return {
        "is_compared": points.is_compared,
        "before": msgspec.to_builtins(points.before),
        "after": msgspec.to_builtins(points.after),
    }


def _recovery(recovery: Recovery) -> dict[str, float]:
    return {
        "p50": round(recovery.p50, 3),
        "p99": round(recovery.p99, 3),
        "bound": round(recovery.bound, 3),
    }
