"""The permissions that own stacks declare, for types of resources that the catalogue lacks."""

import re
from collections.abc import Iterable, Mapping
from functools import partial
from itertools import chain
from typing import Final

from environments.modules import ModuleCall
from environments.own_stacks import DeclaredStack
from modules.permissions.catalogue import CATALOGUE, Catalogue
from modules.permissions.permission import Permission
from stacks.own_code import OwnStackError, own_code, stack_error
from stacks.own_stacks import OwnStack
from stacks.stack_declaration import StackDeclaration

_ACTION: Final = re.compile(r"[a-z0-9-]+:[A-Z][A-Za-z]*\*?")


def declared_permissions(stacks: Iterable[OwnStack]) -> Mapping[str, Catalogue]:
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
