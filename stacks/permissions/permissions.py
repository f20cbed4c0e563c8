"""The permissions of an environment's roles, from the documents of its stacks (ADR 0032)."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

from environments.settings import Settings
from modules.context import Context
from stacks.permissions.environment import Environment
from stacks.permissions.function_boundary import function_boundary
from stacks.permissions.policy import Statement
from stacks.permissions.resource import Document, Resource, stack_resources
from stacks.permissions.roles import RoleGrants, role_grants


class Permissions:
    """The permissions for all resources of an environment.

    `documents` are the stacks' Terraform JSON by name; a name can occur again with resources that
    the settings exclude. Raises UnknownPermissionError for a type that is not in the catalogue.
    """

    def __init__(
        self, settings: Settings, context: Context, documents: Iterable[tuple[str, Document]]
    ) -> None:
        self._documents = list(documents)
        resources: dict[str, list[Resource]] = defaultdict(list)
        for name, document in self._documents:
            resources[name] += stack_resources(name, document)
        by_stack = {name: tuple(dict.fromkeys(listed)) for name, listed in resources.items()}
        self.environment = Environment(settings, context, by_stack)

    @cached_property
    def grants(self) -> dict[str, RoleGrants]:
        """What each role of a pipeline is granted, by its purpose."""
        return role_grants(self.environment)

    @cached_property
    def function_boundary(self) -> list[Statement]:
        """The statements of the boundary of functions' roles."""
        return function_boundary(self.environment, self._documents)
