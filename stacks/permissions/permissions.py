"""The permissions of an environment's roles, from the documents of its stacks (ADR 0032)."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cached_property, partial
from itertools import chain
from types import MappingProxyType
from typing import Any, Final

from environments.modules import ModuleCall
from environments.own_stacks import DeclaredStack
from environments.settings import Settings
from modules.context import Context
from modules.permissions.catalogue import CATALOGUE, Catalogue
from modules.permissions.permission import Permission
from modules.policy_document import REQUESTED_REGION
from stacks.own_code import OwnStackError, own_code, stack_error
from stacks.own_stacks import OwnStack, own_stacks
from stacks.permissions.boundary import abbreviated, deny_other_regions
from stacks.permissions.environment import ANY_REGION, PipelineEnvironment
from stacks.permissions.grant import Grant
from stacks.permissions.names import any_region_pattern, first_word_pattern, state_bucket_pattern
from stacks.permissions.policy import Statement, allow
from stacks.permissions.resource import (
    Document,
    PolicyResource,
    RolePolicy,
    UnknownPermissionError,
    own_stack_resources,
    role_policies,
    stack_resources,
)
from stacks.permissions.roles import RoleGrants, role_grants
from stacks.platform_graph import platform_graph
from stacks.stack_context import stack_context
from stacks.stack_declaration import StackDeclaration

_ACTION: Final = re.compile(r"[a-z0-9-]+:[A-Z][A-Za-z]*\*?")

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


def _declared_permissions(stacks: Iterable[OwnStack]) -> Mapping[str, Catalogue]:
    """Return what each own stack declares, by its kind.

    Raises SettingsError for a type that the catalogue has, for another declaration of a type in two
    stacks, and for an action that is not one action or a family of them.
    """
    declared: dict[str, Catalogue] = {}
    by_type: dict[str, tuple[Permission, ...]] = {}
    for stack in stacks:
        own = _of_class(stack.stack_class) if stack.stack_class else _of_module(stack.module)
        for type_, permissions in own.items():
            problem = _problem(type_, permissions, by_type.get(type_))
            if problem and stack.stack_class:
                raise DeclaredStack.of(stack.stack_class).error(f"permissions: {type_}: {problem}")
            by_type[type_] = permissions
        declared[stack.kind] = own
    return declared


def _of_class(stack_class: type[StackDeclaration]) -> Catalogue:
    name = stack_class.__name__
    with own_code(name, partial(stack_error, stack=name)):
        declared = {type_: tuple(each) for type_, each in stack_class.permissions.items()}
        if not all(isinstance(each, Permission) for each in chain(*declared.values())):
            raise OwnStackError("permissions: must be lists of iot_dr.api.Permission by type")
    return declared


def _of_module(module: ModuleCall | None) -> Catalogue:
    """Return what a module of the settings declares, for all of its resources."""
    if module is None or not module.permissions:
        return {}
    permissions = tuple(
        Permission(
            resources=permission.resources,
            read=permission.read,
            write=permission.write,
            is_regional=permission.regional,
        )
        for permission in module.permissions
    )
    return {f"module.{module.name.replace('-', '_')}": permissions}


def _problem(
    type_: str, permissions: tuple[Permission, ...], earlier: tuple[Permission, ...] | None
) -> str | None:
    if type_ in CATALOGUE:
        return "is in the platform's catalogue; remove it here"
    for permission in permissions:
        actions = (*permission.read, *permission.write, *permission.force_destroy)
        for action in actions:
            if not _ACTION.fullmatch(action):
                return f"{action!r} is not an IAM action, such as ssm:GetParameter or ssm:Get*"
    if earlier is not None and earlier != permissions:
        return "is declared differently by another own stack; use one declaration for both"
    return None


class Permissions:
    """The permissions for all resources of an environment.

    `documents` are the stacks' Terraform JSON by name; a name can occur again with resources that
    the settings exclude. `own` has the types that own stacks declare, by the stack's name. Raises
    UnknownPermissionError for a type of the platform's stacks that is not in the catalogue;
    `refused` has a message for each resource of an own stack without permissions.
    """

    def __init__(
        self,
        settings: Settings,
        context: Context,
        documents: Iterable[tuple[str, Document]],
        own: Mapping[str, Catalogue] = MappingProxyType({}),
    ) -> None:
        self.refused: list[str] = []
        self._documents: list[tuple[str, Document]] = []
        resources: dict[str, list[PolicyResource]] = defaultdict(list)
        catalogue = CATALOGUE
        for declared in own.values():
            catalogue = {**catalogue, **declared}
        for name, document in documents:
            if name not in own:
                resources[name] += stack_resources(name, document)
            else:
                allowed = {**CATALOGUE, **own[name]}
                resources[name] += own_stack_resources(name, document, allowed, self.refused)
                if not self._has_readable_policies(settings, name, document):
                    continue
            self._documents.append((name, document))
        by_stack = {name: tuple(dict.fromkeys(listed)) for name, listed in resources.items()}
        self.environment = PipelineEnvironment(settings, context, by_stack, catalogue)

    @classmethod
    def of(cls, settings: Settings, documents: Iterable[tuple[str, Document]]) -> "Permissions":
        """Return the permissions for these documents, with what own stacks declare."""
        declared = _declared_permissions(own_stacks(settings))
        nodes = platform_graph(settings).nodes
        own = {node.name: declared[node.what] for node in nodes if node.is_own}
        return cls(settings, stack_context(settings, settings.home_region), documents, own)

    def _has_readable_policies(self, settings: Settings, name: str, document: Document) -> bool:
        """Whether the boundary of functions can contain the policies of an own stack's roles."""
        try:
            list(role_policies(settings.account_id, name, document))
        except UnknownPermissionError as error:
            self.refused.append(str(error))
        except (AttributeError, KeyError, TypeError, ValueError):
            message = "a role's policy must have statements with Effect, Action and Resource"
            self.refused.append(f"{name}: {message}")
        else:
            return True
        return False

    @cached_property
    def grants(self) -> dict[str, RoleGrants]:
        """What each role of a pipeline is granted, by its purpose."""
        return role_grants(self.environment)

    @cached_property
    def function_boundary(self) -> list[Statement]:
        """The statements of the boundary of functions' roles."""
        return function_boundary(self.environment, self._documents)


def function_boundary(
    environment: PipelineEnvironment, documents: Iterable[tuple[str, Document]]
) -> list[Statement]:
    """Return the boundary of roles that stacks create, from the documents of stacks by name.

    Without it, whoever can create a function with a role and policy could get any permission that
    way. It is computed from the policies of those roles: each role may do in all of the
    environment's regions what its policy allows in its own. One boundary serves all roles, by
    conditions on their names:
    docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    """
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
