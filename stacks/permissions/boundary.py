"""The permissions boundaries of a pipeline's roles.

A boundary is computed from what the roles that it limits are granted: the same actions, abbreviated
by wildcards, on all names with the environment's prefix, in the environment's regions. So a person
only has to update it for a new type of resource or a new region. Source:
docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from typing import Any, Final, Literal

from environments.settings import ExistingZone
from modules.policy_document import REQUESTED_REGION
from stacks.permissions.environment import PipelineEnvironment
from stacks.permissions.grant import Grant
from stacks.permissions.names import bucket_word_pattern, prefix_pattern
from stacks.permissions.policy import Statement, allow, deny
from stacks.permissions.roles import pipeline_denials

Kind = Literal["pipeline", "global", "regions"]

_BOUNDED: Final = ("iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy")
_PASSING: Final = ("iam:PassRole",)
_MAPPINGS: Final = ("lambda:*EventSourceMapping",)
# Limited by tags: a key's id does not identify its environment, and a wrong key does more harm than
# a wrong health check or API.
_USING_KEYS: Final = (
    *("kms:*ableKeyRotation", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*"),
    *("kms:PutKeyPolicy", "kms:ReEncrypt*", "kms:ScheduleKeyDeletion", "kms:TagResource"),
    *("kms:UntagResource", "kms:UpdateKeyDescription"),
)
_RECORDS: Final = ("route53:ChangeResourceRecordSets",)
# Allowed in separate statements with conditions.
_CONDITIONAL: Final = (
    *_BOUNDED,
    *_PASSING,
    *_MAPPINGS,
    *_USING_KEYS,
    *_RECORDS,
)
# Only on buckets that are destroyed with their region.
_DISPOSING: Final = ("s3:DeleteBucket", "s3:DeleteObjectVersion", "s3:ListBucketVersions")
# Services in which resources of the same kind differ in the actions allowed on them.
_SEPARATE: Final = ("dynamodb", "iam", "s3")

# All names do not fit into the 6,144 characters of a managed policy: two or more that a pattern
# covers are replaced by it.
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


def boundary_kind(environment: PipelineEnvironment, what: str) -> Kind:
    """Return which boundary limits the role for `what`.

    Without device data, `pipeline` limits all roles. With it, that would exceed IAM's quota:
    `global` limits `apply-global`, and `regions` the roles that plan all stacks or apply those of a
    region. `pipeline` limits the others, which need no permissions for device data.
    """
    is_of_pipeline = what in {"pipeline", "synth", "verify", "apply-pipeline"}
    if is_of_pipeline or not environment.settings.data:
        return "pipeline"
    return "global" if what == "apply-global" else "regions"


def boundaries(
    environment: PipelineEnvironment, grants: Mapping[str, Iterable[Grant]]
) -> Mapping[Kind, list[Statement]]:
    """Return the statements of each boundary, from what each role is granted."""
    capped: dict[Kind, list[Grant]] = {}
    for what, granted in grants.items():
        capped.setdefault(boundary_kind(environment, what), []).extend(granted)
    return {
        kind: [
            deny_other_regions(environment),
            *allow(_unconditional(environment, granted)),
            *allow(_conditional(environment, granted)),
            *(pipeline_denials(environment) if kind == "pipeline" else ()),
        ]
        for kind, granted in capped.items()
    }


def deny_other_regions(environment: PipelineEnvironment) -> Statement:
    """Return a statement that denies all other regions; every request has this condition key.

    docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    (aws:RequestedRegion)
    """
    regions = {"StringNotEquals": {REQUESTED_REGION: sorted(environment.all_regions)}}
    return {**deny(("*",), ["*"]), "Condition": regions}


def _unconditional(environment: PipelineEnvironment, grants: Iterable[Grant]) -> Iterator[Grant]:
    """Yield actions on the environment's names, in as few grants as keep them apart."""
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
                actions, resources = (
                    abbreviated(actions, _FAMILIES),
                    abbreviated(resources, families),
                )
            yield Grant(tuple(actions), tuple(resources), {})


def _service(resource: str) -> str:
    return resource if resource == "*" else resource.split(":")[2]


def _without_covered(by_resource: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Return actions by resource, without those that a wider resource pattern allows already."""
    uncovered: dict[str, set[str]] = {}
    for resource, actions in sorted(by_resource.items()):
        wider = (
            by_resource[pattern]
            for pattern in by_resource
            if pattern != resource and fnmatchcase(resource, pattern)
        )
        if rest := actions.difference(*wider):
            uncovered[resource] = rest
    return uncovered


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
    """Actions and resources of one service that can be allowed in one statement."""

    actions: set[str] = field(default_factory=set[str])
    resources: set[str] = field(default_factory=set[str])

    def takes(self, service: str, resource: str, actions: set[str]) -> bool:
        """Whether adding them allows no action on another resource of the same kind."""
        is_new_kind = all(_kind(each) != _kind(resource) for each in self.resources)
        return service not in _SEPARATE or is_new_kind or actions == self.actions


def _kind(resource: str) -> str:
    *_, service, _, _, name = resource.split(":", 5)
    return service if service == "s3" else name.partition("/")[0]


def abbreviated(texts: Iterable[str], families: Iterable[str], most: int = 1) -> set[str]:
    """Return the texts, with a pattern for those it covers if they are more than `most`."""
    shortened = set(texts)
    for pattern in families:
        covered = {text for text in shortened if fnmatchcase(text, pattern)}
        if len(covered) > most:
            shortened = (shortened - covered) | {pattern}
    return shortened


def _resource_families(environment: PipelineEnvironment) -> list[str]:
    account, prefix = environment.account_id, environment.prefix
    return [each.format(account=account, prefix=prefix) for each in _RESOURCE_FAMILIES]


@cache
def _is_conditional(action: str) -> bool:
    return any(fnmatchcase(action, each) for each in _CONDITIONAL)


def _anything(environment: PipelineEnvironment, action: str, resource: str) -> str:
    """Return the pattern of all of a kind's resources with the environment's prefix."""
    if resource == "*":
        return resource
    *service, region, account, name = resource.split(":", 5)
    if service[-1] == "s3":
        is_by_name = action in _DISPOSING
        name = bucket_word_pattern(environment, name) if is_by_name else environment.any_bucket
    elif service[-1] not in {"codeconnections", "codestar-connections"}:
        name = prefix_pattern(environment, name)
        region = "*" if region and service[-1] != "dynamodb" else region
    return ":".join((*service, region, account, name))


def _conditional(environment: PipelineEnvironment, grants: Sequence[Grant]) -> Iterator[Grant]:
    """Yield what is limited by conditions: KMS keys, DNS records, roles, event source mappings."""
    account = environment.account_id
    granted = {action for grant in grants for action in grant.actions}
    keys = (f"arn:aws:kms:*:{account}:key/*",)
    yield Grant(_USING_KEYS, keys, {"StringEquals": _tags(environment)})
    yield Grant(_RECORDS, ("arn:aws:route53:::hostedzone/*",), _own_names(environment))
    yield from _of_roles(environment, grants)
    if "lambda:CreateEventSourceMapping" in granted:
        functions = f"arn:aws:lambda:*:{account}"
        of_ours = {"ArnLike": {"lambda:FunctionArn": f"{functions}:function:{environment.prefix}*"}}
        yield Grant(("lambda:CreateEventSourceMapping",), ("*",), of_ours)
        yield Grant(_MAPPINGS, (f"{functions}:event-source-mapping:*",), of_ours)


def _of_roles(environment: PipelineEnvironment, grants: Iterable[Grant]) -> Iterator[Grant]:
    """Yield what is allowed on roles with a path: with a boundary, and passed to some services."""
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


def _own_names(environment: PipelineEnvironment) -> dict[str, Any]:
    key = "route53:ChangeResourceRecordSetsNormalizedRecordNames"
    settings = environment.settings
    zone, label = settings.zone_name, settings.endpoint.label
    names = [zone, f"*.{zone}"]
    if isinstance(settings.zone, ExistingZone) and settings.zone.name:
        # It has names of others. These are the device name, regional and nested names, validation.
        own = settings.endpoint_domain
        names = [settings.device_name, f"{label}-*.{own}", f"_*.{own}"]
    # ForAllValues is true for a request without the key.
    return {"ForAllValues:StringLike": {key: names}, "Null": {key: "false"}}


def _tags(environment: PipelineEnvironment) -> dict[str, str]:
    context = environment.context
    return {
        "aws:ResourceTag/Project": context.project,
        "aws:ResourceTag/Environment": context.environment,
    }
