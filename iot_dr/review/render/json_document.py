"""A review as a JSON document for programs, complete and in a stable format.

`format` stays 1 as long as readers need no change; keys may be added. Each change of a stack is on
its own line. Other characters than ASCII are escaped. A side of a difference is {"kind": "value" |
"absent" | "unknown" | "sensitive", "text"}; the text of a value is JSON, and empty otherwise. It is
cut after 60 characters if DIFF has "lines" or the new value is unknown.

{"format", "environment", "provider", "base", "verdict", "reason", "notes": [text],
 "recovery": {"before": {"p50", "p99", "bound"}, "after": {...}, "target",
 "verdict"} | null,
 "recovery_point": {"is_compared", "before": POINT | null, "after": POINT | null} | null,
 "device_changes": [{"verdict", "subject", "why", "change": CHANGE, "attributes": [DIFF],
  "rules": [ids of the findings in "why"]}],
 "findings": [FINDING], "suppressed": [{"finding": FINDING, "reason"}],
 "hand_overs": [{"stack", "output", "action", "before", "after", "consumers": [{"stack", "region",
  "status"}]}],
 "asymmetric_changes": [{"change", "changed_in": [region], "unchanged_in": [region], "paths"}],
 "stacks": [{"name", "region", "role", "status", "existed", "unchanged", "problem", "waits_for",
  "warnings": [text], "counts": {action or "move" or "import": number},
  "outputs": [{"name", "action", "diff": DIFF}],
  "off_device_path": true, only in a project's own stack that changes nothing for devices,
  "changes": [CHANGE and "diffs": [DIFF]], "drift": [as changes]}]}

POINT: {"states", "unnoticed", "registry", "stream", "restore"}, in seconds: the age of the device
 states that only a lost region has, normally and before an alarm reports it; the delay of a
 registry change whose event is lost; how long a region may be away before its stream is lost; how
 far back tables can be restored. It is null if the settings have no `data`.
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

from iot_dr.common.renamed_keys import with_old_keys
from iot_dr.review.impact.review import DeviceChange, HandOverChange, Review
from iot_dr.review.read.attribute_diff import AttributeDiff, ShownValue, ValueKind
from iot_dr.review.read.plan_source import RecoveryChange
from iot_dr.review.read.stack_review import ResourceChange, StackReview
from iot_dr.rules.findings import finding_json
from iot_dr.terraform_json.plan_manifest import Points, RecoveryForecast

_FORMAT: Final = 1


def render(review: Review) -> str:
    """Return the document."""
    return "".join(_chunks(review))


def write(review: Review, file: BinaryIO) -> str:
    """Write the document in chunks, and return its SHA-256 in hex: the review's fingerprint."""
    return _digested(review, file.write)


def fingerprint(review: Review) -> str:
    """Return the SHA-256 of the document in hex without building it in memory."""
    return _digested(review, lambda _: None)


def _digested(review: Review, take: Callable[[bytes], object]) -> str:
    digest = hashlib.sha256()
    for chunk in _chunks(review):
        data = chunk.encode("ascii")
        digest.update(data)
        take(data)
    return digest.hexdigest()


def _chunks(review: Review) -> Iterator[str]:
    head = _safe(json.dumps(with_old_keys("review", _head(review)), indent=2))
    yield head.removesuffix("\n}")
    yield ',\n  "stacks": ['
    off_path = review.off_device_path
    for at, stack in enumerate(review.stacks):
        yield ",\n" if at else "\n"
        yield from _stack(stack, is_off_path=stack.name in off_path)
    yield "\n  ]\n}\n"


def _stack(stack: StackReview, *, is_off_path: bool) -> Iterator[str]:
    mark = {"off_device_path": True} if is_off_path else {}
    yield f"    {_line({**_stack_head(stack), **mark})[:-1]}"
    for key, changes in (("changes", stack.changes), ("drift", stack.drift)):
        yield f', "{key}": ['
        for at, change in enumerate(changes):
            yield ",\n      " if at else "\n      "
            diffs = [_difference(diff) for diff in change.diffs]
            yield _line({**_change_head(change), "diffs": diffs})
        yield "]"
    yield "}"


def _line(value: object) -> str:
    return _safe(json.dumps(value))


def _safe(document: str) -> str:
    """Escape DEL, the one ASCII control character that JSON allows unescaped (RFC 8259, 7)."""
    return document.replace("\x7f", "\\u007f")


def _head(review: Review) -> dict[str, Any]:
    """Return the document without its stacks."""
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
        "device_changes": [_device_change(each) for each in review.device_changes],
        "findings": [finding_json(each) for each in judgement.findings],
        "suppressed": [
            {"finding": finding_json(suppressed.finding), "reason": suppressed.reason}
            for suppressed in judgement.suppressed
        ],
        "hand_overs": [_hand_over(each) for each in review.hand_overs],
        "asymmetric_changes": [asdict(each) for each in review.asymmetric_changes],
    }


def _stack_head(stack: StackReview) -> dict[str, Any]:
    """Return a stack without its changes and its drift."""
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
            {"name": output.name, "action": output.action.value, "diff": _difference(output.diff)}
            for output in stack.outputs
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


def _device_change(device_change: DeviceChange) -> dict[str, Any]:
    return {
        "verdict": device_change.verdict.value,
        "subject": device_change.subject,
        "why": device_change.why,
        "change": _change_head(device_change.change),
        "attributes": [_difference(attribute) for attribute in device_change.attributes],
        "rules": [finding.rule for finding in device_change.findings],
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
            {"stack": consumer.stack, "region": consumer.region, "status": consumer.status}
            for consumer in change.consumers
        ],
    }


def _difference(diff: AttributeDiff) -> dict[str, Any]:
    """Return a difference; a sensitive side has no text."""
    return {
        "path": diff.path,
        "before": _side(diff.before),
        "after": _side(diff.after),
        "forces": diff.forces,
        "lines": diff.lines,
    }


def _side(value: ShownValue) -> dict[str, str]:
    return {"kind": value.kind.value, "text": value.text if value.kind is ValueKind.VALUE else ""}


def _recovery_change(change: RecoveryChange) -> dict[str, Any]:
    return {
        "before": _recovery(change.before),
        "after": _recovery(change.after),
        "target": change.target,
        "verdict": change.verdict,
    }


def _recovery_point(points: Points) -> dict[str, Any]:
    return {
        "is_compared": points.is_compared,
        "before": msgspec.to_builtins(points.before),
        "after": msgspec.to_builtins(points.after),
    }


def _recovery(recovery: RecoveryForecast) -> dict[str, float]:
    return {
        "p50": round(recovery.p50, 3),
        "p99": round(recovery.p99, 3),
        "bound": round(recovery.bound, 3),
    }
