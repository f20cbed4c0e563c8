"""The parts of a review's JSON document, whose form `json_document` tells."""

from typing import Any, Final

from iot_dr.review.impact.attention import Attention
from iot_dr.review.impact.hand_over_change import HandOverChange
from iot_dr.review.impact.review import Review
from iot_dr.review.read.attribute_diff import AttributeDiff, Kind, Shown
from iot_dr.review.read.plan_source import RecoveryChange, RecoveryPointChange
from iot_dr.review.read.stack_review import ResourceChange, StackReview
from iot_dr.rules.support.finding_json import finding_json
from iot_dr.terraform_json.plan_manifest import Point, Recovery

_FORMAT: Final = 1


def head(review: Review) -> dict[str, Any]:
    """Give everything but the stacks."""
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
        "recovery_point": _point_change(review.recovery_point) if review.recovery_point else None,
        "attention": [_attention(each) for each in review.attention],
        "findings": [finding_json(each) for each in judgement.findings],
        "suppressed": [
            {"finding": finding_json(each.finding), "reason": each.reason}
            for each in judgement.suppressed
        ],
        "hand_overs": [_hand_over(each) for each in review.hand_overs],
        "one_sided": [
            {
                "what": each.what,
                "changed": each.changed,
                "unchanged": each.unchanged,
                "paths": each.paths,
            }
            for each in review.one_sided
        ],
    }


def stack_head(stack: StackReview) -> dict[str, Any]:
    """Give everything of a stack but its changes and its drift."""
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
            {"name": each.name, "action": each.action.value, "diff": difference(each.diff)}
            for each in stack.outputs
        ],
    }


def change_head(change: ResourceChange) -> dict[str, Any]:
    """Give a change without its differences."""
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
        "change": change_head(each.change),
        "attributes": [difference(attribute) for attribute in each.attributes],
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


def difference(diff: AttributeDiff) -> dict[str, Any]:
    """Give a difference; of a sensitive side only that it is one."""
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


def _point_change(change: RecoveryPointChange) -> dict[str, Any]:
    return {
        "is_compared": change.is_compared,
        "before": _point(change.before),
        "after": _point(change.after),
    }


def _point(point: Point | None) -> dict[str, float] | None:
    if point is None:
        return None
    return {
        "states": point.states,
        "unnoticed": point.unnoticed,
        "registry": point.registry,
        "stream": point.stream,
        "restore": point.restore,
    }


def _recovery(recovery: Recovery) -> dict[str, float]:
    return {
        "p50": round(recovery.p50, 3),
        "p99": round(recovery.p99, 3),
        "bound": round(recovery.bound, 3),
    }
