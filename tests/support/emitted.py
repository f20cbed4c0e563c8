"""Emitted modules, and plain Terraform that calls them with the stand-in instead of AWS."""

import json
import re
import shutil
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from iot_dr.emit.catalogue import CATALOGUE
from iot_dr.emit.emission import emit
from iot_dr.emit.pages import module_path
from iot_dr.terraform.commands import Commands
from iot_dr.terraform.engine import Engine
from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.daemon import Daemon
from iot_dr.terraform.standin.mirror import standin_environment
from iot_dr.terraform.terraform import Terraform
from tests.support.made_once import copied
from tests.support.state_server import SERVED_STATE

Opened = Callable[[Path], Terraform]
"""Returns Terraform in a folder, with its providers installed."""

EXAMPLES = tuple(
    (module_path(name) / "examples" / kind).as_posix()
    for name in CATALOGUE
    for kind in ("basic", "complete")
)
"""The folders of all examples."""


def emitted_modules(folder: Path) -> Path:
    """Emit every module into a new folder, and return it; test processes share one emission."""
    copied("modules", lambda made: emit(list(CATALOGUE), made, force=False), folder)
    return folder


def copied_example(modules: Path, folder: Path, example: str) -> Path:
    """Return an example in a copy of all modules below a folder, clean."""
    shutil.copytree(modules, folder / "dist")
    return folder / "dist" / example


@contextmanager
def plain_terraform() -> Generator[Opened]:
    """Run Terraform as a user would, with the stand-in instead of AWS."""
    with standin_commands() as commands:

        def opened(folder: Path) -> Terraform:
            terraform = Terraform(folder, commands, 300)
            terraform.init(backend=False)
            return terraform

        yield opened


@contextmanager
def standin_commands(variables: Mapping[str, str] | None = None) -> Generator[Commands]:
    """Yield a runner of Terraform's commands, with the stand-in instead of AWS."""
    cache = SchemaCache.default()
    with (
        Daemon(cache) as daemon,
        terraform_commands(
            {**standin_environment(cache), **daemon.environment, **(variables or {})}
        ) as commands,
    ):
        yield commands


@contextmanager
def terraform_commands(variables: Mapping[str, str] | None = None) -> Generator[Commands]:
    """Yield a runner of Terraform's commands, with variables added to this process's own."""
    commands = Engine.chosen({}).commands(variables or {})
    try:
        yield commands
    finally:
        commands.close()


def changed(folder: Path, **arguments: str) -> None:
    """Replace arguments of an example's call, as HCL text."""
    file = folder / "main.tf"
    head, module, call = file.read_text().partition("\nmodule ")
    for name, value in arguments.items():
        line = re.compile(rf"^  {name}( *)= .*$", re.MULTILINE)
        call, count = line.subn(rf"  {name}\1= {value}", call)
        assert count == 1, name
    file.write_text(head + module + call)


def managed(state: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the attributes of each resource of a state file by its address in the root or module.

    Addresses begin with the module's path, without keys.
    """
    return {
        ".".join(filter(None, (block.get("module"), block["type"], block["name"]))): instance[
            "attributes"
        ]
        for block in state["resources"]
        if block["mode"] == "managed"
        for instance in block["instances"]
    }


def state_of(folder: Path) -> dict[str, Any]:
    """Read the state of an example, which `state_server` keeps next to it."""
    return json.loads((folder / SERVED_STATE).read_bytes())
