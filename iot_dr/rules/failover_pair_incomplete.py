"""A failover name without exactly one PRIMARY and one SECONDARY record."""

from collections.abc import Iterator
from typing import Final

from environments.settings import Settings
from iot_dr.route53.failover import FailoverGroup, failover_groups
from iot_dr.route53.terraform_records import declared_names
from iot_dr.rules.rule import Finding, Rule, Verdict, finding_at
from iot_dr.terraform_json.resource_set import ResourceSet

_ID: Final = "failover-pair-incomplete"
_NESTED: Final = (
    "For a third region make the SECONDARY an alias to a nested name with a failover pair."
)
_ELSEWHERE: Final = (
    "The other record may be in a stack that was not passed: pass all stacks of the platform"
    " together, or add the missing record."
)


def _find(resources: ResourceSet, settings: Settings | None) -> Iterator[Finding]:
    records = declared_names(resources).records
    # A record of unknown name or side may be the missing one.
    is_whole = all(record.name and record.side for record in records if record.is_failover)
    for group in failover_groups(resources):
        if problem := _problem(group, is_whole=is_whole):
            is_certain = not _is_half(group) or _is_ours(group, settings)
            yield finding_at(
                group.records[0].resource,
                _ID,
                f"{group.name} ({group.type or 'type not known'}) has {problem} among its failover"
                " records: Route 53 requires exactly one PRIMARY and one SECONDARY for a name and"
                f" type. {_NESTED if is_certain else _ELSEWHERE}",
                Verdict.BLOCK if is_certain else Verdict.WARN,
            )


def _problem(group: FailoverGroup, *, is_whole: bool) -> str | None:
    wrong = [
        f"{count or 'no'} {side}"
        for side, count in _counts(group).items()
        if count > 1 or (count == 0 and is_whole)
    ]
    return " and ".join(wrong) or None


def _counts(group: FailoverGroup) -> dict[str, int]:
    return {side: len(group.side(side)) for side in ("PRIMARY", "SECONDARY")}


def _is_half(group: FailoverGroup) -> bool:
    """Whether no side has two records: the missing one may have another owner."""
    return max(_counts(group).values()) <= 1


def _is_ours(group: FailoverGroup, settings: Settings | None) -> bool:
    """Whether the records are in a stack of the environment, which owns both sides."""
    stack = group.records[0].resource.stack
    return settings is not None and stack.startswith(f"iot-{settings.environment}-")


RULE: Final = Rule(
    id=_ID,
    title="Exactly one PRIMARY and one SECONDARY record for a failover name",
    why="Route 53 allows one PRIMARY and one SECONDARY record: it rejects a second one, and with"
    " only one there is nothing to fail over to (a warning if a stack that was not passed may have"
    " the other). More than two regions need nested pairs. A pair whose records are in two states"
    " is briefly invalid when the primary changes.",
    source="docs.aws.amazon.com/Route53/latest/DeveloperGuide/"
    "resource-record-sets-values-failover.html",
    find=_find,
)
