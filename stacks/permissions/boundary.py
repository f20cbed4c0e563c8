"""The boundaries of a pipeline's roles: what they can do at the most, whatever their policies say.

A boundary follows from what the roles below it are granted: the same actions, by family, on
whatever begins with the environment's names, in its regions. It only needs a change by a person
where a type or a region is new. Sources:
docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from typing import Any, Final, Literal

from stacks.permissions.environment import Environment
from stacks.permissions.grant import Grant
from stacks.permissions.names import beginning, bucket_word
from stacks.permissions.policy import Statement, allow, deny
from stacks.permissions.roles import kept_from_pipelines

Kind = Literal["pipeline", "global", "regions"]

_BOUNDED: Final = ("iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy")
_PASSING: Final = ("iam:PassRole",)
_MAPPINGS: Final = ("lambda:*EventSourceMapping",)
_CREATING_KEYS: Final = ("kms:CreateKey", "kms:PutKeyPolicy", "kms:TagResource")
# A key's id does not name its environment, and more depends on it than on a check or an API.
_USING_KEYS: Final = (
    *("kms:*ableKeyRotation", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*"),
    *("kms:PutKeyPolicy", "kms:ReEncrypt*", "kms:ScheduleKeyDeletion", "kms:TagResource"),
    *("kms:UntagResource", "kms:UpdateKeyDescription"),
)
_RECORDS: Final = ("route53:ChangeResourceRecordSets",)
# Allowed by statements of their own, on a condition.
_CONDITIONAL: Final = (
    *_BOUNDED,
    *_PASSING,
    *_MAPPINGS,
    *_CREATING_KEYS,
    *_USING_KEYS,
    *_RECORDS,
)
# Only on buckets that go with their region.
_DISPOSING: Final = ("s3:DeleteBucket", "s3:DeleteObjectVersion", "s3:ListBucketVersions")
# Of these services not all may be done with each resource of one kind.
_SEPARATE: Final = ("dynamodb", "iam", "s3")

# A policy of 6,144 characters does not hold all actions and resources by name: two or more that a
# family covers are there by that.
_FAMILIES: Final = (
    *("acm:*Certificate*", "apigateway:P*", "cloudtrail:*EventSelectors", "cloudtrail:*Logging"),
    *("cloudtrail:*Tags", "cloudtrail:*Trail*", "cloudwatch:*Alarm*", "cloudwatch:*Resource"),
    *("codebuild:*Project*", "codeconnections:*Connection", "codepipeline:*Pipeline"),
    *("codepipeline:*Resource", "codestar-connections:*Connection"),
    *("dynamodb:*ContinuousBackups", "dynamodb:*Item", "dynamodb:*agResource"),
    *("dynamodb:*TableReplica", "dynamodb:*TimeToLive", "events:*Resource", "events:*Rule"),
    *("events:*Targets*", "iam:*agRole", "iam:GetPolicy*", "iam:GetRole*", "iam:List*Role*"),
    *("iam:UpdateRole*", "iot:*CACertificate", "iot:*DomainConfiguration", "iot:*Policy*"),
    *("iot:*ProvisioningTemplate*", "iot:*Resource", "iot:*TopicRule", "kinesis:*Stream*"),
    *("lambda:*Function*", "lambda:*Permission", "lambda:*Policy"),
    *("lambda:*Resource", "logs:*KmsKey", "logs:*LogGroup", "logs:*Resource"),
    *("logs:*RetentionPolicy", "route53:*HealthCheck", "route53:*TagsForResource"),
    *("s3:*Configuration", "s3:*Object", "s3:*Resource", "s3:GetBucket*", "s3:PutBucket*"),
    *("sns:*Resource", "sns:*Topic*", "sqs:*Queue*"),
)
_RESOURCE_FAMILIES: Final = (
    *("arn:aws:apigateway:*::/apis*", "arn:aws:route53:::*/*"),
    "arn:aws:logs:*:{account}:log-group:/aws/*/{prefix}*",
)


def boundary_of(environment: Environment, what: str) -> Kind:
    """Return which boundary the role has that is for `what`.

    One caps all, where it has room for all. With the data of devices it would be longer than IAM
    takes: there it caps pipelines alone, and has no permission on these.
    """
    is_of_pipeline = what in {"pipeline", "synth", "verify", "apply-pipeline"}
    if is_of_pipeline or not environment.settings.data:
        return "pipeline"
    return "global" if what == "apply-global" else "regions"


def boundaries(
    environment: Environment, grants: Mapping[str, Iterable[Grant]]
) -> Mapping[Kind, list[Statement]]:
    """Return the boundaries of an environment's roles, from what each role is granted."""
    capped: dict[Kind, list[Grant]] = {}
    for what, granted in grants.items():
        capped.setdefault(boundary_of(environment, what), []).extend(granted)
    return {
        kind: [
            elsewhere(environment),
            *allow(_unconditional(environment, granted)),
            *allow(_conditional(environment, granted)),
            *(kept_from_pipelines(environment) if kind == "pipeline" else ()),
        ]
        for kind, granted in capped.items()
    }


def elsewhere(environment: Environment) -> Statement:
    """Deny every other region: every request has this key.

    docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    regions = {"StringNotEquals": {"aws:RequestedRegion": sorted(environment.all_regions)}}
    return {**deny(("*",), ["*"]), "Condition": regions}


def _unconditional(environment: Environment, grants: Iterable[Grant]) -> Iterator[Grant]:
    """Return actions on the environment's names, in as few groups as keep them apart."""
    allowed: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for grant in grants:
        for action in grant.actions:
            if not _is_conditional(action):
                for resource in grant.resources:
                    pattern = _anything(environment, action, resource)
                    allowed[_service(pattern)][pattern].add(action)
    for service, by_resource in sorted(allowed.items()):
        for group in _groups(service, _without_covered(by_resource)):
            actions, resources = group.actions, group.resources
            if service != "*":
                families = _resource_families(environment)
                actions, resources = short(actions, _FAMILIES), short(resources, families)
            yield Grant(tuple(actions), tuple(resources), {})


def _service(resource: str) -> str:
    return resource if resource == "*" else resource.split(":")[2]


def _without_covered(by_resource: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Return the actions by resource, without what a wider resource allows anyway."""
    found: dict[str, set[str]] = {}
    for resource, actions in sorted(by_resource.items()):
        wider = (
            by_resource[each]
            for each in by_resource
            if each != resource and fnmatchcase(resource, each)
        )
        if rest := actions.difference(*wider):
            found[resource] = rest
    return found


def _groups(service: str, by_resource: Mapping[str, set[str]]) -> "list[_Group]":
    groups: list[_Group] = []
    for resource, actions in by_resource.items():
        group = next((each for each in groups if each.takes(service, resource, actions)), None)
        if group is None:
            group = _Group()
            groups.append(group)
        group.actions |= actions
        group.resources.add(resource)
    return groups


@dataclass
class _Group:
    """Actions on resources of one service that may be allowed together."""

    actions: set[str] = field(default_factory=set[str])
    resources: set[str] = field(default_factory=set[str])

    def takes(self, service: str, resource: str, actions: set[str]) -> bool:
        """Whether no resource of the group gets an action of another one of its kind."""
        is_other = all(_kind(each) != _kind(resource) for each in self.resources)
        return service not in _SEPARATE or is_other or actions == self.actions


def _kind(resource: str) -> str:
    *_, service, _, _, name = resource.split(":", 5)
    return service if service == "s3" else name.partition("/")[0]


def short(texts: Iterable[str], families: Iterable[str], most: int = 1) -> set[str]:
    """Return texts by the families that cover more than `most` of them."""
    found = set(texts)
    for family in families:
        covered = {each for each in found if fnmatchcase(each, family)}
        if len(covered) > most:
            found = (found - covered) | {family}
    return found


def _resource_families(environment: Environment) -> list[str]:
    account, prefix = environment.account_id, environment.prefix
    return [each.format(account=account, prefix=prefix) for each in _RESOURCE_FAMILIES]


@cache
def _is_conditional(action: str) -> bool:
    return any(fnmatchcase(action, each) for each in _CONDITIONAL)


def _anything(environment: Environment, action: str, resource: str) -> str:
    """Return the pattern of all resources of a kind that are the environment's by their names."""
    if resource == "*":
        return resource
    *service, region, account, name = resource.split(":", 5)
    if service[-1] == "s3":
        is_by_name = action in _DISPOSING
        name = bucket_word(environment, name) if is_by_name else environment.any_bucket
    elif service[-1] not in {"codeconnections", "codestar-connections"}:
        name = beginning(environment, name)
        region = "*" if region and service[-1] != "dynamodb" else region
    return ":".join((*service, region, account, name))


def _conditional(environment: Environment, grants: Sequence[Grant]) -> Iterator[Grant]:
    """Return what only a condition keeps to the environment: keys, records, roles, mappings."""
    account = environment.account_id
    granted = {action for each in grants for action in each.actions}
    ours, becoming = _tags(environment, "Resource"), _tags(environment, "Request")
    # A new key has no tags yet, and one with the tags of others does not become ours.
    becomes_ours = {"StringEquals": becoming, "StringEqualsIfExists": ours}
    yield Grant(_CREATING_KEYS, ("*",), becomes_ours)
    keys = (f"arn:aws:kms:*:{account}:key/*",)
    yield Grant(_USING_KEYS, keys, {"StringEquals": ours})
    yield Grant(_RECORDS, ("arn:aws:route53:::hostedzone/*",), _own_names(environment))
    yield from _of_roles(environment, grants)
    if "lambda:CreateEventSourceMapping" in granted:
        functions = f"arn:aws:lambda:*:{account}"
        of_ours = {"ArnLike": {"lambda:FunctionArn": f"{functions}:function:{environment.prefix}*"}}
        yield Grant(("lambda:CreateEventSourceMapping",), ("*",), of_ours)
        yield Grant(_MAPPINGS, (f"{functions}:event-source-mapping:*",), of_ours)


def _of_roles(environment: Environment, grants: Iterable[Grant]) -> Iterator[Grant]:
    """Return what is done with the roles below a path: they have a boundary and some services."""
    services: dict[str, set[str]] = defaultdict(set)
    boundary: dict[str, str] = {}
    for grant in grants:
        for resource in grant.resources:
            if "iam:PassRole" in grant.actions:
                passed = grant.condition["StringEquals"]["iam:PassedToService"]
                role = _anything(environment, "iam:PassRole", resource)
                services[role] |= {passed} if isinstance(passed, str) else set(passed)
            elif "iam:PutRolePolicy" in grant.actions:
                role = _anything(environment, "iam:PutRolePolicy", resource)
                boundary[role] = grant.condition["ArnLike"]["iam:PermissionsBoundary"]
    for role, names in services.items():
        to = {"StringEquals": {"iam:PassedToService": sorted(names)}}
        yield Grant(_PASSING, (role,), to)
    for role, arn in boundary.items():
        yield Grant(_BOUNDED, (role,), {"ArnLike": {"iam:PermissionsBoundary": arn}})


def _own_names(environment: Environment) -> dict[str, Any]:
    key = "route53:ChangeResourceRecordSetsNormalizedRecordNames"
    zone = environment.settings.zone_name
    # With no value at all, a condition for all values would hold.
    return {"ForAllValues:StringLike": {key: [zone, f"*.{zone}"]}, "Null": {key: "false"}}


def _tags(environment: Environment, whose: str) -> dict[str, str]:
    context = environment.context
    return {
        f"aws:{whose}Tag/Project": context.project,
        f"aws:{whose}Tag/Environment": context.environment,
    }
