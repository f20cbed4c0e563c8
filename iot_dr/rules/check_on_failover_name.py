"""A health check on the failover name whose answer depends on that check."""

from collections.abc import Iterator
from typing import Final

from iot_dr.design.expectation import DesignExpectation
from iot_dr.route53.shown_name import shown
from iot_dr.route53.terraform_checks import is_used, shown_use
from iot_dr.route53.terraform_records import CHECK, DeclaredRecord, declared_names
from iot_dr.rules.rule import Finding, Rule, Verdict, finding_at
from iot_dr.terraform_json.resource_set import ResourceSet

_ID: Final = "check-on-failover-name"
_USED: Final = (
    "It checks whichever region answers now, and its result decides which region answers next."
    " Route 53 documents the result as unpredictable. Check the regional name instead."
)
_UNUSED: Final = "it reports whether any region answers, and must not decide which one does."


def _find(resources: ResourceSet, _expected: DesignExpectation | None) -> Iterator[Finding]:
    for check in resources.of_type(CHECK):
        if check.values.get("ip_address"):
            continue
        steps = declared_names(resources).steps(check, "fqdn", check.values.get("fqdn"))
        records = (step for step in steps if isinstance(step, DeclaredRecord))
        if record := next((each for each in records if each.is_failover), None):
            in_use = is_used(resources, check.id)
            consequence = (
                _USED if in_use else f"{shown_use(is_used=in_use).capitalize()}: {_UNUSED}"
            )
            yield finding_at(
                check,
                _ID,
                f"this check uses {shown(record)}, a name with failover records. {consequence}",
                Verdict.BLOCK if in_use else Verdict.WARN,
            )


RULE: Final = Rule(
    id=_ID,
    title="No health check on a failover name",
    why="The answer for a failover name depends on its health checks. A check of that name reaches"
    " one region or the other, so its result describes neither, and the answer may flap.",
    source="docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html",
    find=_find,
)
