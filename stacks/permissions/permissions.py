"""The permissions of an environment's roles, from the documents of its stacks (ADR 0032)."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property, partial
from itertools import chain
from types import MappingProxyType
from typing import Final

from environments.modules import ModuleCall
from environments.own_stacks import DeclaredStack
from environments.settings import Settings
from modules.context import Context
from modules.permissions.catalogue import CATALOGUE, Catalogue
from modules.permissions.permission import Permission
from stacks.own_code import OwnStackError, own_code, stack_error
from stacks.own_stacks import OwnStack, own_stacks
from stacks.permissions.environment import PipelineEnvironment
from stacks.permissions.function_boundary import function_boundary
from stacks.permissions.policy import Statement
from stacks.permissions.resource import (
    Document,
    PolicyResource,
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
