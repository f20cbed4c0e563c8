"""Parts of a design that AWS refuses, or that resolvers or clients never reach."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from iot_dr.design.expectation import DesignExpectation
from iot_dr.design.metric_alarms import followed_alarm
from iot_dr.design.records_below import steps_of
from iot_dr.route53.private_address import is_private_address
from iot_dr.route53.refused_records import refused
from iot_dr.route53.terraform_checks import declared_checks
from iot_dr.route53.terraform_records import DeclaredRecord, declared_names
from iot_dr.route53.unanswered_records import hiding
from iot_dr.terraform_json.resource_set import ResourceSet

_SHORTEST_PERIOD: Final = 60
"""Seconds of a period of an alarm behind a health check."""


class RecordFault(NamedTuple):
    """Why a part does not work, a sentence; if it is not certain, something else decides that."""

    message: str
    is_certain: bool


def record_faults(
    resources: ResourceSet,
    records: Iterable[DeclaredRecord],
    checks: Iterable[str],
    expected: DesignExpectation | None,
) -> Iterator[RecordFault]:
    """Yield the faults of the records of a name, of what they lead to, and of their checks.

    `expected` is that of the name. Its zone is delegated; another zone below a parent may be
    answered by the parent still.
    """
    path = list({step.id: step for each in records for step in steps_of(resources, each)}.values())
    yield from _of_checks(resources, path, checks)
    for refusal in refused(resources, path):
        message = f"{refusal.resource.address}: {refusal.message.removesuffix('.')}"
        yield RecordFault(message, refusal.is_certain)
    for unanswered in hiding(resources, path):
        is_ours = expected is not None and unanswered.zone == expected.zone_name
        yield RecordFault(unanswered.message.removesuffix("."), is_ours)
    for record in path:
        for end in declared_names(resources).destinations(record):
            if is_private_address(end.name):
                message = f"whether devices are in the network of the private address {end.name}"
                yield RecordFault(message, is_certain=False)


def _of_checks(
    resources: ResourceSet, path: Iterable[DeclaredRecord], checks: Iterable[str]
) -> Iterator[RecordFault]:
    """Yield the checks of a failover name whose answer they decide.

    docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html.
    """
    yield from _of_alarms(resources, checks)
    decided = {record.id for record in path if record.is_failover}
    declared, names = declared_checks(resources), declared_names(resources)
    for check in (declared[id_] for id_ in checks if id_ in declared):
        resource = check.resource
        steps = names.steps(resource, "fqdn", resource.values.get("fqdn"))
        if not resource.values.get("ip_address") and any(
            isinstance(step, DeclaredRecord) and step.id in decided for step in steps
        ):
            message = f"{resource.address} checks the name whose answer it decides"
            yield RecordFault(message, is_certain=True)


def _of_alarms(resources: ResourceSet, checks: Iterable[str]) -> Iterator[RecordFault]:
    """Yield the checks on alarms of high resolution, which Route 53 does not support.

    docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html
    (CloudWatch alarm).
    """
    declared = declared_checks(resources)
    for check in (declared[id_].resource for id_ in checks if id_ in declared):
        alarm = followed_alarm(resources, check)
        if alarm and 0 < alarm.period < _SHORTEST_PERIOD:
            message = (
                f"{check.address} follows {alarm.address}, whose period of {alarm.period} s is"
                f" under {_SHORTEST_PERIOD} s: Route 53 reads no metric of high resolution"
            )
            yield RecordFault(message, is_certain=True)
