"""The boundary of the roles that stacks give to functions and to services.

Without it whoever may give a function a role and a policy could give it all permissions, and so
have them himself. It follows from the policies of those roles: what each may do in its region it
may do in any of the environment's. One boundary caps all, which their names tell apart. Source:
docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Final

from stacks.permissions.boundary import elsewhere, short
from stacks.permissions.environment import ANY_REGION, Environment
from stacks.permissions.grant import Grant
from stacks.permissions.names import any_state_bucket, anywhere, first_word
from stacks.permissions.policy import Statement, allow
from stacks.permissions.resource import Document, RolePolicy, role_policies

# A policy of 6,144 characters does not hold all by name. Of more actions than a few there is a
# family that covers them; more roles than two of one first word are together, with what they use.
_FAMILIES: Final = ("iot:*Certificate*", "iot:*Polic*", "iot:*Thing*")
_MOST_ACTIONS: Final = 5
_MOST_NAMES: Final = 2
_REGION: Final = "aws:RequestedRegion"


def function_boundary(
    environment: Environment, documents: Iterable[tuple[str, Document]]
) -> list[Statement]:
    """Return the boundary from the documents of stacks, each with its name."""
    account = environment.account_id
    policies = [each for named in documents for each in role_policies(account, *named)]
    grants: dict[str, list[Grant]] = defaultdict(list)
    for policy in policies:
        grants[_in_any_place(environment, policy.role)] += _granted(environment, policy)
    words: dict[str, list[str]] = defaultdict(list)
    for role in grants:
        words[first_word(environment, role)].append(role)
    together: list[Grant] = []
    for word, roles in words.items():
        if len(roles) > _MOST_NAMES:
            alike = [grant for role in roles for grant in grants[role]]
            together += _together(environment, word, alike)
        else:
            together += (
                grant for role in roles for grant in _together(environment, role, grants[role])
            )
    return [elsewhere(environment), *allow(together)]


def _granted(environment: Environment, policy: RolePolicy) -> Iterator[Grant]:
    """Return what a policy allows, in each region of the environment."""
    for statement in policy.allowed:
        condition = {
            operator: {key: value for key, value in by_key.items() if key != _REGION}
            for operator, by_key in statement.get("Condition", {}).items()
        }
        kept = {operator: by_key for operator, by_key in condition.items() if by_key}
        resources = tuple(_in_any_region(environment, each) for each in statement["Resource"])
        if any(each.startswith("arn:aws:s3:") for each in resources):
            # Anybody may have a bucket whose name begins as ours do.
            equal = {**kept.get("StringEquals", {}), "aws:ResourceAccount": environment.account_id}
            kept["StringEquals"] = equal
        yield Grant(tuple(statement["Action"]), resources, kept)


def _in_any_place(environment: Environment, role: str) -> str:
    """Return the pattern of a role's name in every region; a long one is cut within its region."""
    for region in environment.regions:
        if role.endswith(region):
            return f"{role.removesuffix(region)}{ANY_REGION}"
    return anywhere(environment, role)


def _in_any_region(environment: Environment, resource: str) -> str:
    if resource == "*":
        return resource
    *service, region, account, name = resource.split(":", 5)
    if service[-1] == "s3":
        bucket, slash, key = name.partition("/")
        name = f"{any_state_bucket(environment, bucket)}{slash}{key}"
    return ":".join((*service, "*" if region else "", account, name))


def _together(environment: Environment, role: str, grants: Iterable[Grant]) -> Iterator[Grant]:
    """Join the grants of a role by condition and service, and name the role in the condition.

    No service in them has two kinds of resources that an action could mistake.
    """
    joined: dict[tuple[str, str], list[Grant]] = defaultdict(list)
    for grant in grants:
        for resource in grant.resources:
            service = resource if resource == "*" else resource.split(":")[2]
            one = Grant(grant.actions, (resource,), grant.condition)
            joined[service, repr(grant.condition)].append(one)
    principal = f"arn:aws:iam::{environment.account_id}:role/{role}"
    for (service, _), alike in joined.items():
        actions = {action for each in alike for action in each.actions}
        names = dict.fromkeys(name for each in alike for name in each.resources)
        words = dict.fromkeys(first_word(environment, name) for name in names)
        is_named_by_word = role.endswith("-*") and len(names) > _MOST_NAMES
        condition: dict[str, Any] = {
            **alike[0].condition,
            "ArnLike": {**alike[0].condition.get("ArnLike", {}), "aws:PrincipalArn": principal},
        }
        families = () if service == "*" else _FAMILIES
        yield Grant(
            tuple(sorted(short(actions, families, _MOST_ACTIONS))),
            tuple(words if is_named_by_word else names),
            condition,
        )
