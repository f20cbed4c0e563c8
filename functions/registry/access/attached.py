"""The policies of a certificate or of a thing group."""

from functions.registry.access.errors import Needs
from functions.registry.access.region import MARKERS, Region, every


def attached(region: Region, target: str) -> list[str]:
    """Give the names of the policies that are attached to an ARN itself, sorted."""
    policies = every(region.iot.list_attached_policies, "policies", MARKERS, target=target)
    return sorted(policy["policyName"] for policy in policies)


def detach_surplus(region: Region, target: str, held: list[str], wanted: list[str]) -> None:
    """Detach the policies that shall not be there."""
    for policy in sorted(set(held) - set(wanted)):
        region.iot.detach_policy(policyName=policy, target=target)


def attach_missing(region: Region, target: str, held: list[str], wanted: list[str]) -> None:
    """Attach the policies that are not there; raises NotYet for those that do not exist."""
    needs = Needs()
    for policy in sorted(set(wanted) - set(held)):
        with needs.need(f"policy {policy}"):
            region.iot.attach_policy(policyName=policy, target=target)
    needs.settle()
