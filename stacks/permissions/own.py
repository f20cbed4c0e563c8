"""The permissions that own stacks declare, for types of resources that the catalogue lacks."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from environments.own_stacks import DeclaredStack
from modules.permissions.catalogue import CATALOGUE, Catalogue
from modules.permissions.permission import Permission
from stacks.own_stacks import OwnStack

_ACTION: Final = re.compile(r"[a-z0-9-]+:[A-Z][A-Za-z]*\*?")


def declared_permissions(stacks: Iterable[OwnStack]) -> Mapping[str, Catalogue]:
    """Return what each own stack declares, by its kind.

    Raises SettingsError for a type that the catalogue has, for another declaration of a type in two
    stacks, and for an action that is not one action or a family of them.
    """
    declared: dict[str, Catalogue] = {}
    by_type: dict[str, tuple[Permission, ...]] = {}
    for stack in stacks:
        own = {type_: tuple(each) for type_, each in stack.stack_class.permissions.items()}
        for type_, permissions in own.items():
            if problem := _problem(type_, permissions, by_type.get(type_)):
                raise DeclaredStack.of(stack.stack_class).error(f"permissions: {type_}: {problem}")
            by_type[type_] = permissions
        declared[stack.kind] = own
    return declared


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
