"""The permissions boundary of roles that stacks create for functions and services.

Without it, whoever can create a function with a role and policy could get any permission that way.
It is computed from the policies of those roles: each role may do in all of the environment's
regions what its policy allows in its own. One boundary serves all roles, by conditions on their
names. Source: docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any, Final

from modules.policy_document import REQUESTED_REGION
from stacks.permissions.boundary import abbreviated, deny_other_regions
from stacks.permissions.environment import ANY_REGION, PipelineEnvironment
from stacks.permissions.grant import Grant
from stacks.permissions.names import any_region_pattern, first_word_pattern, state_bucket_pattern
from stacks.permissions.policy import Statement, allow
from stacks.permissions.resource import Document, RolePolicy, role_policies

# All names do not fit into the 6,144 characters of a managed policy. A pattern of _SHORT or _LISTS
# replaces more than one action, one of _FAMILIES more than _MOST_ACTIONS; more than _MOST_NAMES
# roles with the same first word share statements, and those that set switches always do. Of _SHORT,
# those for certificates and SQS match no further action, and those for Kinesis and S3 some more
# that read the same streams and states; _LISTS match lists alone that have no resource.
_FAMILIES: Final = ("iot:*Certificate*", "iot:*Polic*", "iot:*Thing*")
_SHORT: Final = (
    *("iot:Attach*", "iot:Delete*Certificate", "iot:Describe*", "iot:ListThing*"),
    *("iot:Update*Certificate", "kinesis:DescribeStream*", "s3:GetObjectVersion*"),
    "sqs:*Message",
)
_LISTS: Final = ("iot:List*Certificates", "iot:List*Policies")
_SETTING_SWITCHES: Final = "-watcher-*"
_MOST_ACTIONS: Final = 9
_MOST_NAMES: Final = 2


def function_boundary(
    environment: PipelineEnvironment, documents: Iterable[tuple[str, Document]]
) -> list[Statement]:
    """Return the boundary's statements, from the documents of stacks by name."""
    account = environment.account_id
    policies = [
        policy for name, document in documents for policy in role_policies(account, name, document)
    ]
    grants: dict[str, list[Grant]] = defaultdict(list)
    for policy in policies:
        grants[_in_any_place(environment, policy.role)] += _granted(environment, policy)
    words: dict[str, list[str]] = defaultdict(list)
    for role in grants:
        words[first_word_pattern(environment, role)].append(role)
    together: list[Grant] = []
    for word, roles in words.items():
        if len(roles) > _MOST_NAMES or word.endswith(_SETTING_SWITCHES):
            shared = [grant for role in roles for grant in grants[role]]
            together += _together(environment, word, shared)
        else:
            together += (
                grant for role in roles for grant in _together(environment, role, grants[role])
            )
    return [deny_other_regions(environment), *allow(together)]


def _granted(environment: PipelineEnvironment, policy: RolePolicy) -> Iterator[Grant]:
    """Yield what a policy allows, in all regions of the environment."""
    for statement in policy.allowed:
        condition = {
            operator: {key: value for key, value in by_key.items() if key != REQUESTED_REGION}
            for operator, by_key in statement.get("Condition", {}).items()
        }
        kept = {operator: by_key for operator, by_key in condition.items() if by_key}
        resources = tuple(_in_any_region(environment, arn) for arn in statement["Resource"])
        if any(arn.startswith("arn:aws:s3:") for arn in resources):
            # Bucket names are global: another account can have one with our prefix.
            equal = {**kept.get("StringEquals", {}), "aws:ResourceAccount": environment.account_id}
            kept["StringEquals"] = equal
        yield Grant(tuple(statement["Action"]), resources, kept)


def _in_any_place(environment: PipelineEnvironment, role: str) -> str:
    """Return the pattern of a role's name in all regions; a long name is cut within the region."""
    for region in environment.regions:
        if role.endswith(region):
            return f"{role.removesuffix(region)}{ANY_REGION}"
    return any_region_pattern(environment, role)


def _in_any_region(environment: PipelineEnvironment, resource: str) -> str:
    if resource == "*":
        return resource
    *service, region, account, name = resource.split(":", 5)
    if service[-1] == "s3":
        bucket, slash, key = name.partition("/")
        name = f"{state_bucket_pattern(environment, bucket)}{slash}{key}"
    return ":".join((*service, "*" if region else "", account, name))


def _together(
    environment: PipelineEnvironment, role: str, grants: Iterable[Grant]
) -> Iterator[Grant]:
    """Merge a role's grants by condition and service, and add the role to the condition.

    Merging allows nothing more: no service in them has two kinds of resources with a common action.
    """
    joined: dict[tuple[str, str], list[Grant]] = defaultdict(list)
    for grant in grants:
        for resource in grant.resources:
            service = resource if resource == "*" else resource.split(":")[2]
            single = Grant(grant.actions, (resource,), grant.condition)
            joined[service, repr(grant.condition)].append(single)
    principal = f"arn:aws:iam::{environment.account_id}:role/{role}"
    for (service, _), merged in joined.items():
        actions = {action for grant in merged for action in grant.actions}
        every = dict.fromkeys(name for grant in merged for name in grant.resources)
        names = [name for name in every if not any(fnmatchcase(name, x) for x in {*every} - {name})]
        words = dict.fromkeys(first_word_pattern(environment, name) for name in names)
        is_named_by_word = role.endswith("-*") and len(names) > _MOST_NAMES
        condition: dict[str, Any] = {
            **merged[0].condition,
            "ArnLike": {**merged[0].condition.get("ArnLike", {}), "aws:PrincipalArn": principal},
        }
        short, families = (_LISTS, ()) if service == "*" else (_SHORT, _FAMILIES)
        yield Grant(
            tuple(sorted(abbreviated(abbreviated(actions, families, _MOST_ACTIONS), short))),
            tuple(words if is_named_by_word else names),
            condition,
        )
