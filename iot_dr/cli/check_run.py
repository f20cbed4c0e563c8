"""The work of `iot-dr check`."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from environments.loader import load, names
from environments.selection import load_all
from environments.settings import Settings
from iot_dr.cli.findings import Checked, as_json, as_text, rules_as_json, rules_as_text
from iot_dr.generate.gate import documents
from iot_dr.rules.catalogue import RULES
from iot_dr.rules.engine import judge
from iot_dr.rules.rule import Verdict
from iot_dr.terraform_json.configuration import read_configuration
from iot_dr.terraform_json.files import read_files
from iot_dr.terraform_json.resource_set import ResourceSet
from iot_dr.terraform_json.stack_resources import StackResources
from stacks.platform_graph import platform_graph

_DEFAULT = "dev"
_BLOCKED = 1


@dataclass(frozen=True, kw_only=True)
class CheckOptions:
    """The options of the command line."""

    paths: tuple[Path, ...]
    environment: str | None
    as_json: bool


def run(options: CheckOptions) -> int:
    """Judge, print, and give the exit status: 0, or 1 when a rule blocks.

    Raises UserError for a file that cannot be read, SettingsError for a mistake in settings.
    """
    checked, notes = (
        _of_paths(options) if options.paths else (_of_environments(options.environment), ())
    )
    typer.echo(as_json(checked, notes) if options.as_json else as_text(checked, notes))
    is_blocked = any(each.judgement.verdict is Verdict.BLOCK for each in checked)
    return _BLOCKED if is_blocked else 0


def list_rules(*, as_json: bool) -> None:
    """Print every rule: its id, what must hold, why, and by which source."""
    typer.echo(rules_as_json(RULES) if as_json else rules_as_text(RULES))


def _of_environments(name: str | None) -> list[Checked]:
    from iot_dr.generate.app import build  # noqa: PLC0415 - Node starts only where it is needed

    environments = load_all(name or _DEFAULT)
    with tempfile.TemporaryDirectory(prefix="iot-dr-check-") as folder:
        build(environments, Path(folder)).synth()
        return [
            _checked(
                [read_configuration(*each) for each in documents(settings, Path(folder)).items()],
                settings,
            )
            for settings in environments
        ]


def _of_paths(options: CheckOptions) -> tuple[list[Checked], tuple[str, ...]]:
    found = read_files(options.paths)
    if options.environment:
        return [_checked(found.stacks, load(options.environment))], found.unjudged
    owners = _Owners()
    groups: dict[str | None, tuple[Settings | None, list[StackResources]]] = {}
    for stack in found.stacks:
        owner = owners.owner(stack.cdktf_name or "")
        groups.setdefault(owner.environment if owner else None, (owner, []))[1].append(stack)
    return [_checked(stacks, owner) for owner, stacks in groups.values()], found.unjudged


class _Owners:
    """The environments here, each loaded when a stack may be of it."""

    def __init__(self) -> None:
        self._loaded: dict[str, Settings] = {}

    def owner(self, stack: str) -> Settings | None:
        """Give the environment that a stack of this name is synthesized from."""
        for name in names():
            if stack.startswith(f"iot-{name}-"):
                if name not in self._loaded:
                    self._loaded[name] = load(name)
                settings = self._loaded[name]
                if stack in _stacks(settings):
                    return settings
        return None


def _stacks(settings: Settings) -> set[str]:
    return {node.name for node in platform_graph(settings).nodes}


def _checked(stacks: Sequence[StackResources], settings: Settings | None) -> Checked:
    there = {stack.cdktf_name or stack.name for stack in stacks}
    suppressions = settings.suppressions if settings else ()
    is_whole = settings is None or _stacks(settings) <= there
    return Checked(
        environment=settings.environment if settings else None,
        stacks=tuple(stacks),
        judgement=judge(ResourceSet(stacks), settings, suppressions, is_whole=is_whole),
    )
