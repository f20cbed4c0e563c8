"""Stacks that commands judge together, with the settings of the environment that has them."""

import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated

import typer

from environments.loader import find, load, names
from environments.project import NoProjectError
from environments.selection import load_all
from environments.settings import Settings
from iot_dr.cli.options import DEFAULT_ENVIRONMENT, given_path
from iot_dr.design.expectation import DesignExpectation
from iot_dr.generate.expectation import design_expectation
from iot_dr.generate.gate import documents
from iot_dr.rules.rule import Finding
from iot_dr.terraform_json.configuration import read_configuration
from iot_dr.terraform_json.files import read_files
from iot_dr.terraform_json.source_location import SourceLocation, SourceLocations
from iot_dr.terraform_json.stack_resources import StackResources, not_checked
from modules.stack_names import is_stack_of
from stacks.platform_graph import platform_graph

PathsArgument = Annotated[
    list[Path] | None,
    typer.Argument(
        help="Files or folders with Terraform JSON: CDKTF's output, .tf.json, or the output of"
        " `terraform show -json` for plans and states. Default: synthesize the environment.",
        metavar="PATH",
        parser=given_path,
        show_default=False,
    ),
]


@dataclass(frozen=True, kw_only=True)
class StackGroup:
    """Stacks that are judged together; `settings` are None if no environment has the stacks."""

    settings: Settings | None
    stacks: tuple[StackResources, ...]

    @property
    def environment(self) -> str | None:
        """The name of the environment; None without settings."""
        return self.settings.environment if self.settings else None

    @property
    def expected(self) -> DesignExpectation | None:
        """What the settings require of the design; None without settings."""
        return design_expectation(self.settings) if self.settings else None

    @property
    def is_whole(self) -> bool:
        """Whether no stack of the environment is missing; True without settings."""
        names_ = {stack.cdktf_name or stack.name for stack in self.stacks}
        return self.settings is None or stack_names(self.settings) <= names_

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes about parts of the stacks that are not checked."""
        return not_checked(self.stacks)

    @cached_property
    def _sources(self) -> dict[str | None, SourceLocations]:
        own = stack_names(self.settings) if self.settings else set[str]()
        return {
            stack.name: SourceLocations(stack.files)
            for stack in self.stacks
            if stack.files and stack.cdktf_name not in own
        }

    def location(self, finding: Finding) -> SourceLocation:
        """Return where a finding is declared: for synthesized stacks, in the settings."""
        if finding.stack in self._sources:
            return self._sources[finding.stack].of(finding.address)
        if self.environment:
            return SourceLocation(find(self.environment), 1)
        return next(iter(self._sources.values())).of(None)


def stack_groups(
    paths: Sequence[Path] | None, environment: str | None
) -> tuple[list[StackGroup], tuple[str, ...]]:
    """Return the groups in files, else those of environments, with notes on what is not judged."""
    return _of_paths(paths, environment) if paths else (_of_environments(environment), ())


def stack_names(settings: Settings) -> set[str]:
    """Return the names of all stacks of an environment."""
    return {node.name for node in platform_graph(settings).nodes}


def _of_environments(name: str | None) -> list[StackGroup]:
    from iot_dr.generate.app import write  # noqa: PLC0415 - Node starts only where it is needed

    environments = load_all(name or DEFAULT_ENVIRONMENT)
    with tempfile.TemporaryDirectory(prefix="iot-dr-check-") as folder:
        write(environments, Path(folder))
        return [
            StackGroup(
                settings=settings,
                stacks=tuple(
                    read_configuration(*document)
                    for document in documents(settings, Path(folder)).items()
                ),
            )
            for settings in environments
        ]


def _of_paths(
    paths: Sequence[Path], environment: str | None
) -> tuple[list[StackGroup], tuple[str, ...]]:
    files = read_files(paths)
    if environment:
        group = StackGroup(settings=load(environment), stacks=tuple(files.stacks))
        return [group], files.not_checked
    owner_of = _owners()
    groups: dict[str | None, tuple[Settings | None, list[StackResources]]] = {}
    for stack in files.stacks:
        owner = owner_of(stack.cdktf_name or "")
        groups.setdefault(owner.environment if owner else None, (owner, []))[1].append(stack)
    return [
        StackGroup(settings=owner, stacks=tuple(stacks)) for owner, stacks in groups.values()
    ], files.not_checked


def _owners() -> Callable[[str], Settings | None]:
    """Return what gives the settings of the environment that a stack belongs to, None without one.

    An environment is loaded when a stack may belong to it. Outside of a project no stack has an
    owner: any Terraform can be checked anywhere.
    """
    loaded, environments = cache(load), list[str]()
    with suppress(NoProjectError):
        environments = names()

    def owner(stack: str) -> Settings | None:
        possible = (loaded(name) for name in environments if is_stack_of(name, stack))
        return next((each for each in possible if stack in stack_names(each)), None)

    return owner
