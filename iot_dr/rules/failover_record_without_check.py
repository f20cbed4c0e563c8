"""A failover record that is always healthy, or always unhealthy."""

import re
from collections.abc import Iterator
from typing import Final

from iot_dr.design.expectation import DesignExpectation
from iot_dr.route53.terraform_checks import DeclaredCheck, declared_checks, declared_evaluation
from iot_dr.route53.terraform_records import DeclaredNames, DeclaredRecord, declared_names
from iot_dr.rules.rule import Finding, Rule, Verdict, finding_at
from iot_dr.rules.support.our_stack import is_our_stack
from iot_dr.terraform_json.resource_set import ResourceSet

_ID: Final = "failover-record-without-check"
_PRIMARY: Final = "Route 53 never fails over from it."
_SECONDARY: Final = (
    "if the PRIMARY's check fails, even by mistake, clients go there although it may be"
    " down while the PRIMARY is not."
)
_NEVER_PRIMARY: Final = "clients go to the other one even while this one is healthy."
_NEVER_SECONDARY: Final = (
    "with both records unhealthy, Route 53 answers with the PRIMARY, and a failover never happens."
)
# CloudFront, and S3's websites: docs.aws.amazon.com/general/latest/gr/s3.html (website endpoints).
_PAGE: Final = re.compile(
    r"(?:^|\.)aws_(?:cloudfront_distribution|s3_bucket\w*)\."
    r"|\.cloudfront\.net$|(?:^|\.)s3-website"
)
_ADVICE: Final = "Set `health_check_id` to the health check of its region."


def _find(resources: ResourceSet, expected: DesignExpectation | None) -> Iterator[Finding]:
    names = declared_names(resources)
    for record in names.records:
        if not record.is_failover:
            continue
        if record.check:
            message = _constant(resources, record)
        else:
            problem = _problem(names, record)
            message = _healthy(record, problem) if problem else None
        if message:
            is_accepted = record.side == "SECONDARY" and (
                leads_to_page(names, record)
                or (not record.check and not is_our_stack(record.resource.stack, expected))
            )
            verdict = Verdict.WARN if is_accepted else Verdict.BLOCK
            yield finding_at(record.resource, _ID, f"{message} {_ADVICE}", verdict)


def leads_to_page(names: DeclaredNames, record: DeclaredRecord) -> bool:
    """Whether a record leads to static pages alone, which nothing else can take over from."""
    destinations = names.destinations(record)
    return bool(destinations) and all(_PAGE.search(each.name) for each in destinations)


def _constant(resources: ResourceSet, record: DeclaredRecord) -> str | None:
    """Return the finding about a check whose status never changes, None for other checks."""
    check, evaluation = declared_checks(resources).get(record.check), declared_evaluation(resources)
    if check is None:
        return None
    # None for every child: the status that holds whatever they report.
    healthy = evaluation.status(check.id, dict.fromkeys(evaluation.check_ids(check.id))).healthy
    if healthy is None:
        return None
    problem = f"has a health check {_cause(check, is_healthy=healthy)}"
    if healthy:
        return _healthy(record, problem)
    consequence = _NEVER_SECONDARY if record.side == "SECONDARY" else _NEVER_PRIMARY
    return f"this {_side(record)} record {problem}, so it is always unhealthy: {consequence}"


def _cause(check: DeclaredCheck, *, is_healthy: bool) -> str:
    """Return why a check's status never changes, as a clause after "a health check"."""
    end = " and that is inverted" if check.inverted else ""
    if check.disabled:
        return f"that is disabled{end}"
    threshold = check.child_threshold
    requires = f"that requires {threshold} healthy children ({check.resource.address})"
    if threshold == 0:
        return f"{requires}{end}"
    if is_healthy is not check.inverted:
        return f"{requires}, and as many are disabled or always healthy{end}"
    return f"{requires} and can never have as many{end}"


def _healthy(record: DeclaredRecord, problem: str) -> str:
    consequence = _SECONDARY if record.side == "SECONDARY" else _PRIMARY
    return f"this {_side(record)} record {problem}, so it is always healthy: {consequence}"


def _side(record: DeclaredRecord) -> str:
    return record.side or "failover"


def _problem(names: DeclaredNames, record: DeclaredRecord) -> str | None:
    if not record.is_alias:
        return "has no health check"
    if not record.evaluates_target:
        return "is an alias that does not evaluate its target's health"
    # A nested failover record has its own finding.
    below = [each for each in names.alias_targets(record) if not each.is_failover]
    if any(not each.is_alias and not each.check for each in below):
        return "is an alias to a name that has a record without a health check"
    return None


RULE: Final = Rule(
    id=_ID,
    title="A health check for every failover record, SECONDARY included",
    why="Route 53 considers a record without a health check, or with one that cannot fail, healthy:"
    " a PRIMARY without one never fails over. A SECONDARY without one receives the fleet if the"
    " PRIMARY's check fails by mistake while the standby is down; with a check on both records,"
    " Route 53 keeps answering with the PRIMARY. As AWS accepts a SECONDARY without one, it is a"
    " warning for stacks of others.",
    source="docs.aws.amazon.com/Route53/latest/DeveloperGuide/"
    "health-checks-how-route-53-chooses-records.html",
    find=_find,
)
