"""The estimated duration and cost of a run, shown before it is confirmed."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from iot_dr.acceptance.catalogue import STEPS
from iot_dr.acceptance.step import Step
from iot_dr.terraform.stack_document import StackDocument

_FAST: Final = 10


def _any(_: Mapping[str, Any]) -> bool:
    return True


@dataclass(frozen=True)
class _Price:
    """The list price of a unit, in dollars a month, and the resources that it is charged for."""

    unit: str
    dollars: float
    type: str
    is_charged: Callable[[Mapping[str, Any]], bool] = _any


# Route 53: endpoints in AWS; an account's first 50 basic checks are free. It is assumed that
# calculated checks and checks of alarms cost as much as a basic one.
_SOURCES: Final = (
    "aws.amazon.com/route53/pricing (as of 2026-09-20), aws.amazon.com/kms/pricing (by the hour),"
    " and for alarms in us-east-1 pages that quote aws.amazon.com/cloudwatch/pricing"
)
_PRICES: Final = (
    _Price("hosted zone", 0.50, "aws_route53_zone"),
    _Price("health check", 0.50, "aws_route53_health_check"),
    _Price("HTTPS health check", 1.00, "aws_route53_health_check", lambda c: c["type"] == "HTTPS"),
    _Price(
        "fast health check", 1.00, "aws_route53_health_check",
        lambda c: c.get("request_interval") == _FAST,
    ),
    _Price("KMS key", 1.00, "aws_kms_key"),
    _Price("alarm", 0.10, "aws_cloudwatch_metric_alarm"),
)  # fmt: skip

_NOT_PRICED: Final = (
    "Lambda runs, requests of API Gateway, messages and connections of AWS IoT, DNS queries, S3,"
    " log storage"
)
# A V2 pipeline is charged by the minutes of its actions: aws.amazon.com/codepipeline/pricing
_NOT_PRICED_OF: Final = {
    "aws_kinesis_stream": "hours of Kinesis streams, also idle ones",
    "aws_dynamodb_table": "reads and writes of DynamoDB",
    "aws_cloudtrail": "events of CloudTrail",
    "aws_sqs_queue": "SQS",
    "aws_codepipeline": "minutes of CodePipeline and CodeBuild",
}


# A zone that is deleted within 12 hours is free: aws.amazon.com/route53/pricing
_NOT_PRICED_OF_PROBES: Final = (
    "hours of a health check and of an alarm, requests of AWS IoT; cents in all"
)


@dataclass(frozen=True)
class Estimate:
    """Minutes of all steps, priced units as (unit, count, dollars a month), and unpriced ones.

    `dollars` is the price of all units for a month: the most that they can cost for a run, whether
    or not AWS charges parts of a month.
    """

    minutes: float
    units: tuple[tuple[str, int, float], ...]
    not_priced: str

    @property
    def dollars(self) -> float:
        """The list price of all units for a month."""
        return sum(count * dollars for _, count, dollars in self.units)

    def probe_lines(self) -> Iterator[str]:
        """Yield the estimate of single probes as text."""
        hours, minutes = divmod(round(self.minutes), 60)
        yield f"Duration: at most about {hours} h {minutes:02d} min. Not priced: {self.not_priced}."
        yield "Everything that they create is removed, also after Ctrl-C, except what is printed."

    def lines(self) -> Iterator[str]:
        """Yield the estimate as text."""
        hours, minutes = divmod(round(self.minutes), 60)
        yield (
            f"Duration: about {hours} h {minutes:02d} min, the sum of the steps' assumed times; the"
            " first certificate or name may take one more hour."
        )
        yield (
            f"Cost: at most ${self.dollars:.2f} for monthly charges, as if for a whole month, at"
            " list prices, without taxes and free tiers:"
        )
        for unit, count, dollars in self.units:
            yield f"  {count:3d} x {unit}, ${dollars:.2f}"
        yield f"Prices: {_SOURCES}. Not included, as charged by use or hour: {self.not_priced}."


def probes_estimate(probes: Iterable[Step]) -> Estimate:
    """Return the estimate for single probes."""
    return Estimate(sum(step.minutes for step in probes), (), _NOT_PRICED_OF_PROBES)


def estimate(stacks: Path, names: Iterable[str]) -> Estimate:
    """Return the estimate for synthesized stacks; counts resources with monthly charges."""
    resources = [StackDocument.read(stacks / name).content.get("resource", {}) for name in names]
    units = [
        (price.unit, count, price.dollars)
        for price in _PRICES
        if (count := _count(price, resources))
    ]
    not_priced_here = [
        usage for type_, usage in _NOT_PRICED_OF.items() if any(type_ in r for r in resources)
    ]
    not_priced = ", ".join([_NOT_PRICED, *not_priced_here])
    return Estimate(sum(step.minutes for step in STEPS), tuple(units), not_priced)


def _count(price: _Price, resources: Iterable[Mapping[str, Any]]) -> int:
    bodies = (body for stack in resources for body in stack.get(price.type, {}).values())
    return sum(price.is_charged(body) for body in bodies)
