"""What the roles of functions and the devices' IoT policy allow more than they should."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from iot_dr.design.device_access import device_policies
from iot_dr.design.device_requests import THING
from iot_dr.design.expectation import DesignExpectation
from iot_dr.design.functions import package_of
from iot_dr.design.iot_policy import BrokerClient, ClientPolicies
from iot_dr.design.notes import Sentences
from iot_dr.design.permissions import grants, metric_call
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

# docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
_BOUNDARY: Final = "permissions_boundary"


def access_deviations(resources: ResourceSet, expected: DesignExpectation) -> Iterator[str]:
    """Yield what an attacker, or the next deployment, would notice."""
    for function in resources.of_type("aws_lambda_function"):
        if package_of(resources, function) in {"canary", "watcher"}:
            yield from _of_function(resources, function, expected)


def open_regions(resources: ResourceSet, expected: DesignExpectation) -> list[str]:
    """Return where the devices' IoT policy lets the certificate of another thing connect.

    docs.aws.amazon.com/iot/latest/developerguide/thing-policy-variables.html
    """
    regions = expected.failover.order
    return [region for region in regions if _admits_anyone(resources, expected, region)]


def _of_function(
    resources: ResourceSet, function: Resource, expected: DesignExpectation
) -> Iterator[str]:
    address = function.address
    if package_of(resources, function) == "watcher":
        # Whatever a boundary of another stack takes away again.
        own = replace(grants(resources, function), boundary=())
        if own.access(metric_call("", "Another")) == "allowed":
            yield f"{address} may put metrics of every namespace, also the switches of others"
    role = resources.referenced(function, function.values.get("role"), "aws_iam_role")
    is_bounded = role is None or role.change is not None
    is_capped = expected.context.function_boundary_arn and not is_bounded
    if role and is_capped and not role.values.get(_BOUNDARY):
        yield f"{role.address} has no permissions boundary, so a pipeline may not create it"


def _admits_anyone(resources: ResourceSet, expected: DesignExpectation, region: str) -> bool:
    """Whether the policy lets a client connect whose certificate is not attached to its thing."""
    unknown = Sentences()
    policies = ClientPolicies(
        device_policies(resources, region, expected.failover.order[0], unknown)
    )
    if unknown.sentences or policies.not_understood:
        return False
    stranger = BrokerClient(region, expected.account_id, THING, None)
    return policies.allow(stranger, "Connect", THING)
