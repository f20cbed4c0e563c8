"""The IoT policies that are attached to a certificate or a thing group."""

from functions.registry.access.errors import MissingReferences
from functions.registry.access.region import MARKERS, Region, paginated


def attached_policies(region: Region, target: str) -> list[str]:
    """Return the names of the policies attached to an ARN itself, sorted.

    Those that a certificate inherits from a thing group are not included.
    """
    policies = paginated(region.iot.list_attached_policies, "policies", MARKERS, target=target)
    return sorted(policy["policyName"] for policy in policies)


def detach_surplus(region: Region, target: str, current: list[str], wanted: list[str]) -> None:
    """Detach the policies in `current` that are not in `wanted`."""
    for policy in sorted(set(current) - set(wanted)):
        region.iot.detach_policy(policyName=policy, target=target)


def attach_missing(region: Region, target: str, current: list[str], wanted: list[str]) -> None:
    """Attach the policies in `wanted` that are not in `current`.

    Raises RetryableError, after all others are attached, if some do not exist yet.
    """
    needs = MissingReferences()
    for policy in sorted(set(wanted) - set(current)):
        with needs.collect(f"policy {policy}"):
            region.iot.attach_policy(policyName=policy, target=target)
    needs.raise_if_any()
