"""What the roles of an environment may do, from the documents of its stacks (ADR 0032)."""

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
    """Permissions on all resources of an environment.

    `documents` are those of its stacks by name; a name may be there again with what the settings
    leave out. Raises UnknownPermissionError for a type of resource that the catalogue lacks.
    """

    def __init__(
        self, settings: Settings, context: Context, documents: Iterable[tuple[str, Document]]
    ) -> None:
        self._documents = list(documents)
        resources: dict[str, list[Resource]] = defaultdict(list)
        for name, document in self._documents:
            resources[name] += stack_resources(name, document)
        found = {name: tuple(dict.fromkeys(each)) for name, each in resources.items()}
        self.environment = Environment(settings, context, found)

    @cached_property
    def grants(self) -> dict[str, RoleGrants]:
        """What each role of a pipeline may do, by what it is for."""
        return role_grants(self.environment)

    @cached_property
    def function_boundary(self) -> list[Statement]:
        """What the roles of functions can do at the most."""
        return function_boundary(self.environment, self._documents)
