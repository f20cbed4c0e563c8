"""How often a second AWS IoT lets an account call each of its APIs in a region, by default.

docs.aws.amazon.com/general/latest/gr/iot-core.html, and Service Quotas for `iotcore`. An account's
own quotas may be higher; these are what any account has.
"""

from typing import Final

LEAST: Final = 10
"""The calls a second of an API that is not named here."""

_MORE: Final = {
    "AddThingToThingGroup": 100,
    "AttachPolicy": 15,
    "AttachThingPrincipal": 100,
    "CreateThing": 100,
    "CreateThingGroup": 25,
    "CreateThingType": 15,
    "DeleteThing": 100,
    "DeleteThingGroup": 15,
    "DeleteThingType": 15,
    "DeprecateThingType": 15,
    "DescribeThing": 350,
    "DescribeThingGroup": 100,
    "DescribeThingType": 100,
    "DetachPolicy": 15,
    "DetachThingPrincipal": 100,
    "GetPolicyVersion": 15,
    "ListAttachedPolicies": 15,
    "ListThingGroupsForThing": 100,
    "RemoveThingFromThingGroup": 100,
    "UpdateThing": 100,
    "UpdateThingGroup": 15,
}
# One quota for all of them, L-6CC6395A; ten times that in the largest regions.
_SHADOWS: Final = 400
_OF_SHADOWS: Final = frozenset(
    {"DeleteThingShadow", "GetThingShadow", "ListNamedShadowsForThing", "UpdateThingShadow"}
)


def quota(operation: str) -> tuple[str, int]:
    """Give what an operation such as `ListThings` is counted as, and its calls a second."""
    if operation in _OF_SHADOWS:
        return "shadows", _SHADOWS
    return operation, _MORE.get(operation, LEAST)
