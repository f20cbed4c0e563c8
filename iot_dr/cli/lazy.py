"""Commands whose modules are imported when they are called, and not for a list of commands."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group


class LazyCommand(TyperCommand):
    """A command or a group of which one line of help is known before its module is imported.

    The module has a group as `app`, or else a function with the command's name.
    """

    def __init__(self, name: str, line: str, module: str) -> None:
        super().__init__(name, help=line)
        self._module = module

    def loaded(self) -> Any:  # noqa: ANN401 - typer does not name the type of its commands
        """Import the module, and return the whole command."""
        module = import_module(self._module)
        if app := getattr(module, "app", None):
            group = app if isinstance(app, TyperGroup) else get_group(app)
            group.help = self.help
            return group
        single = typer.Typer(add_completion=False)
        single.command(self.name)(getattr(module, str(self.name)))
        return get_command(single)

    def make_context(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - as above
        """Parse arguments as the whole command does."""
        return self.loaded().make_context(*arguments, **options)


def lazy_group(package: str, lines: Mapping[str, str], **elsewhere: str) -> TyperGroup:
    """Return the group of the commands in a package, by a line of help for each.

    A command's module has its name; `elsewhere` names the others.
    """
    commands = [
        LazyCommand(name, line, f"{package}.{elsewhere.get(name, name)}")
        for name, line in lines.items()
    ]
    return TyperGroup(commands=commands, no_args_is_help=True)
