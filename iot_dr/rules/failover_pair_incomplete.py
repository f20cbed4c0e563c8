"""A failover name without exactly one PRIMARY and one SECONDARY record."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from iot_dr.design.expectation import DesignExpectation
from iot_dr.route53.failover import FailoverGroup, failover_groups
from iot_dr.route53.shown_name import shown
from iot_dr.route53.terraform_records import declared_names
from iot_dr.rules.rule import Finding, Rule, Verdict, finding_at
from iot_dr.rules.support.our_stack import is_our_stack
from iot_dr.terraform_json.resource_set import ResourceSet

_ID: Final = "failover-pair-incomplete"
_NESTED: Final = (
    "For a third region make the SECONDARY an alias to a nested name with a failover pair."
)
_MISSING: Final = "Add the missing record."
_ELSEWHERE: Final = (
    "The other record may be in a stack that was not passed: pass all stacks of the platform"
    " together, or add the missing record."
)


def _find(resources: ResourceSet, expected: DesignExpectation | None) -> Iterator[Finding]:
    records = declared_names(resources).records
    # A record of unknown name or side may be the missing one.
    is_whole = all(record.name and record.side for record in records if record.is_failover)
    groups = failover_groups(resources)
    halves = [group for group in groups if not group.pair and _is_half(group)] if is_whole else []
    split = {primary.key: other for primary, other in _split(halves)}
    others = {other.key for other in split.values()}
    pairs = {(group.zone, group.name): group.type for group in groups if group.pair}
    for group in groups:
        problem = _problem(group, is_whole=is_whole)
        if not problem or group.key in others:
            continue
        other, pair = split.get(group.key), pairs.get((group.zone, group.name))
        if other:
            # Of two names, each may have its other record in another stack.
            advice, is_certain = _apart(group, other), group.name == other.name
        elif pair and is_whole:
            advice, is_certain = _lone(group, pair), True
        else:
            # The stacks of an environment own both sides.
            is_ours = is_our_stack(group.records[0].resource.stack, expected)
            is_certain = not _is_half(group) or is_ours
            advice = _ELSEWHERE if not is_certain else _MISSING if _is_half(group) else _NESTED
        yield finding_at(
            group.records[0].resource,
            _ID,
            f"{shown(group.records[0])} ({group.type or 'type not known'}) has {problem} among its"
            " failover records: Route 53 requires exactly one PRIMARY and one SECONDARY for a name"
            f" and type. {advice}",
            Verdict.BLOCK if is_certain else Verdict.WARN,
        )


def _split(halves: Sequence[FailoverGroup]) -> Iterator[tuple[FailoverGroup, FailoverGroup]]:
    """Yield each PRIMARY with the SECONDARY from which its name, its zone or its type differs.

    Records that differ in two of these are halves of two pairs.
    """
    alike = defaultdict[tuple[str, ...], list[FailoverGroup]](list)
    for half in halves:
        if half.side("SECONDARY"):
            for key in _pairs_of_parts(half):
                alike[key].append(half)
    met = set[tuple[str, str, str]]()
    for half in halves:
        if not half.side("PRIMARY"):
            continue
        candidates = {other.key: other for key in _pairs_of_parts(half) for other in alike[key]}
        free = [other for key, other in candidates.items() if key not in met]
        if len(free) == 1:
            met.add(free[0].key)
            yield half, free[0]


def _pairs_of_parts(group: FailoverGroup) -> tuple[tuple[str, ...], ...]:
    zone, name, type_ = group.key
    return (("", name, type_), (zone, "", type_), (zone, name, ""))


def _apart(primary: FailoverGroup, secondary: FailoverGroup) -> str:
    record = secondary.records[0]
    what, value = next(
        (what, value)
        for what, value, first, second in (
            ("name", f"is {shown(record)}", primary.name, secondary.name),
            ("zone", "is another", primary.zone, secondary.zone),
            ("type", f"is {secondary.type}", primary.type, secondary.type),
        )
        if first != second
    )
    return (
        f"The SECONDARY {record.resource.address} of {record.resource.stack} may be meant, but its"
        f" {what} {value}: give both records the same name, zone and type."
    )


def _lone(group: FailoverGroup, pair: str) -> str:
    return (
        f"The {pair} records of this name are a pair; clients that ask for {group.type} have"
        " nothing to fail over to. Add the missing record, or remove this one."
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


RULE: Final = Rule(
    id=_ID,
    title="Exactly one PRIMARY and one SECONDARY record for a failover name",
    why="Route 53 allows one PRIMARY and one SECONDARY record: it rejects a second one, and with"
    " only one there is nothing to fail over to (a warning if a stack that was not passed may have"
    " the other). Records of two names, zones or types are not a pair; more than two regions need"
    " nested pairs. A pair whose records are in two states is briefly invalid when the primary"
    " changes.",
    source="docs.aws.amazon.com/Route53/latest/DeveloperGuide/"
    "resource-record-sets-values-failover.html",
    find=_find,
)
