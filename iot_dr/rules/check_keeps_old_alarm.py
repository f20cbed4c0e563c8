"""A health check of an alarm that keeps the settings that the alarm had before a change."""

from collections.abc import Iterator
from typing import Final

from iot_dr.design.expectation import DesignExpectation
from iot_dr.design.metric_alarms import followed_alarm
from iot_dr.route53.check import CLOUDWATCH_METRIC
from iot_dr.route53.terraform_checks import declared_checks
from iot_dr.rules.rule import Finding, Rule, Verdict, finding_at
from iot_dr.terraform_json.resource_set import ResourceSet

_ID: Final = "check-keeps-old-alarm"


def _find(resources: ResourceSet, _expected: DesignExpectation | None) -> Iterator[Finding]:
    for check in declared_checks(resources).values():
        if check.type != CLOUDWATCH_METRIC or check.resource.values.get("triggers"):
            continue
        # An alarm of another configuration has no arguments to name here.
        if alarm := followed_alarm(resources, check.resource):
            yield finding_at(
                check.resource,
                _ID,
                f"Route 53 copies the settings of {alarm.address} once: if its metric, threshold or"
                " periods are changed, the check goes on with the former ones. Set `triggers` to a"
                " map of the alarm's arguments that decide its state.",
                Verdict.WARN,
            )


RULE: Final = Rule(
    id=_ID,
    title="Health checks that follow changes of their alarms",
    why="A health check of a CloudWatch alarm evaluates the alarm's metric by settings that Route"
    " 53 copied when the check was created or updated. A later change of the alarm does not reach"
    " it, and Terraform updates the check only if a value of `triggers` changes.",
    source="docs.aws.amazon.com/Route53/latest/DeveloperGuide/"
    "health-checks-updating-cloudwatch-alarm-settings.html;"
    " registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/route53_health_check",
    find=_find,
)
