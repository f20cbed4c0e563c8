"""Health checks declared in Terraform."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, get_args

from iot_dr.route53.check import HealthCheck, InsufficientDataStatus
from iot_dr.route53.evaluation import Evaluation
from iot_dr.route53.terraform_records import CHECK, declared_names, referenced_check
from iot_dr.terraform_json.argument import (
    is_true,
    number_of,
    resolved_text,
    resolved_upper,
)
from iot_dr.terraform_json.expression import has_expression, texts
from iot_dr.terraform_json.json_value import Json
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

_NUMBERS: Final = ("request_interval", "failure_threshold")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredCheck(HealthCheck):
    """A health check of a stack; an unresolved child is its expression.

    `unknown` are the arguments whose numbers are not known, or not whole.
    """

    resource: Resource = field(compare=False, repr=False)
    unknown: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def declared_evaluation(resources: ResourceSet) -> Evaluation:
    """Return the evaluation of a set's records and checks."""
    return Evaluation(declared_names(resources).records, declared_checks(resources).values())


def is_used(resources: ResourceSet, check: str) -> bool | None:
    """Whether a record uses a check, by its id, or one above it; None if that is not known."""
    used = declared_evaluation(resources).check_ids()
    return True if check in used else None if any(map(has_expression, used)) else False


def shown_use(*, is_used: bool | None) -> str:
    """Return that no record uses a check, or that it is not known whether one does."""
    return "no record uses it" if is_used is False else "whether a record uses it is not known"


@lru_cache(maxsize=1)
def declared_checks(resources: ResourceSet) -> Mapping[str, DeclaredCheck]:
    """Return the health checks of a set by id."""
    return {check.id: _check(resources, check) for check in resources.of_type(CHECK)}


def _check(resources: ResourceSet, check: Resource) -> DeclaredCheck:
    values = check.values
    children = values.get("child_healthchecks")
    is_list = isinstance(children, list)
    listed = children if is_list else texts(children)
    threshold = number_of(resources, check, "child_health_threshold")
    # Of unknown children, any number may be healthy.
    is_known = is_list or (threshold or 0) <= 0
    numbers = {key: number_of(resources, check, key) for key in _NUMBERS}
    return DeclaredCheck(
        id=check.id,
        type=resolved_upper(resources, check, values.get("type")),
        children=tuple(_child(resources, check, each) for each in listed),
        child_threshold=threshold if is_known else None,
        inverted=is_true(resources, check, "invert_healthcheck"),
        disabled=is_true(resources, check, "disabled"),
        insufficient_data_status=_insufficient_data_status(resources, check),
        interval=numbers["request_interval"] or 0,
        threshold=numbers["failure_threshold"] or 0,
        unknown=tuple(key for key, number in numbers.items() if number is None),
        resource=check,
    )


def _insufficient_data_status(resources: ResourceSet, check: Resource) -> InsufficientDataStatus:
    """Return a check's InsufficientDataHealthStatus.

    The default is in docs.aws.amazon.com/Route53/latest/APIReference/API_UpdateHealthCheck.html.
    """
    status = resolved_text(resources, check, check.values.get("insufficient_data_health_status"))
    known = (each for each in get_args(InsufficientDataStatus) if each == status)
    return next(known, "LastKnownStatus")


def _child(resources: ResourceSet, check: Resource, value: Json) -> str:
    # Children are a set, so a plan has their ids in another order than the configuration has its
    # expressions: an expression at an id's place may be of another child.
    known = _by_known_id(resources)
    if isinstance(value, str) and value in known:
        return known[value].id
    child = referenced_check(resources, check, value)
    is_other = child and _known_id(child) and "${" not in str(value)
    return child.id if child and not is_other else str(value)


@lru_cache(maxsize=1)
def _by_known_id(resources: ResourceSet) -> Mapping[str, Resource]:
    """Return the health checks whose ids in AWS plans contain, by that id."""
    return {id_: check for check in resources.of_type(CHECK) if (id_ := _known_id(check))}


def _known_id(check: Resource) -> str:
    id_ = check.values.get("id")
    return id_ if isinstance(id_, str) and "${" not in id_ else ""
