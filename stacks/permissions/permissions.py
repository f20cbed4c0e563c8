"""The permissions of an environment's roles, from the documents of its stacks (ADR 0032)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from types import MappingProxyType

from environments.settings import Settings
from modules.context import Context
from modules.permissions.catalogue import CATALOGUE, Catalogue
from stacks.own_stacks import own_stacks
from stacks.permissions.environment import Environment
from stacks.permissions.function_boundary import function_boundary
from stacks.permissions.own import declared_permissions
from stacks.permissions.policy import Statement
from stacks.permissions.resource import (
    Document,
    Resource,
    UnknownPermissionError,
    own_stack_resources,
    role_policies,
    stack_resources,
)
from stacks.permissions.roles import RoleGrants, role_grants
from stacks.platform_graph import platform_graph
from stacks.stack_context import stack_context


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
        resources: dict[str, list[Resource]] = defaultdict(list)
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
        self.environment = Environment(settings, context, by_stack, catalogue)

    @classmethod
    def of(cls, settings: Settings, documents: Iterable[tuple[str, Document]]) -> "Permissions":
        """Return the permissions for these documents, with what own stacks declare."""
        declared = declared_permissions(own_stacks(settings))
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
