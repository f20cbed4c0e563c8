"""Behaviour of resource types, one file a service."""

from collections.abc import Mapping

from iot_dr.terraform.standin.behaviour import UNDESCRIBED, Behaviour
from iot_dr.terraform.standin.schema import Kind
from iot_dr.terraform.standin.services import (
    account,
    acm,
    apigateway,
    cloudtrail,
    cloudwatch,
    codebuild,
    codepipeline,
    dynamodb,
    endpoints,
    event_sources,
    events,
    functions,
    iam,
    iot,
    kinesis,
    kms,
    route53,
    s3,
    sns,
    sqs,
)

MODULES = (
    *(account, acm, apigateway, cloudtrail, cloudwatch, codebuild, codepipeline, dynamodb),
    *(endpoints, event_sources, events, functions, iam, iot, kinesis, kms, route53, s3, sns, sqs),
)
_TYPES: Mapping[Kind, Mapping[str, Behaviour]] = {
    "resource": {k: v for module in MODULES for k, v in module.RESOURCES.items()},
    "data": {k: v for module in MODULES for k, v in module.DATA_SOURCES.items()},
}

SENSITIVE: Mapping[str, tuple[str, ...]] = {
    name: behaviour.sensitive
    for name, behaviour in _TYPES["resource"].items()
    if behaviour.sensitive
}
"""Attributes whose values Terraform must not print, by resource type."""

LIMITS: Mapping[str, Mapping[str, tuple[int, int]]] = {
    name: behaviour.limits for name, behaviour in _TYPES["resource"].items() if behaviour.limits
}
"""Minimum and maximum numbers of blocks, by resource type."""


def behaviour_of(kind: Kind, name: str) -> Behaviour:
    """Return a type's behaviour; `UNDESCRIBED` if no file here describes the type."""
    return _TYPES[kind].get(name, UNDESCRIBED)
