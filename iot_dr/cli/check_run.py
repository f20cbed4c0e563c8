"""The work of `iot-dr check`."""

import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from environments.loader import load, names
from environments.selection import load_all
from environments.settings import Settings
from iot_dr.cli.findings import Checked, as_json, as_text, rules_as_json, rules_as_text
from iot_dr.gate import documents
from iot_dr.resources.configuration import read_configuration
from iot_dr.resources.files import read_files
from iot_dr.resources.resource_set import ResourceSet
from iot_dr.resources.stack_resources import StackResources
from iot_dr.rules.catalogue import RULES
from iot_dr.rules.engine import judge
from iot_dr.rules.rule import Verdict

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
    checked = _of_paths(options) if options.paths else _of_environments(options.environment)
    typer.echo(as_json(checked) if options.as_json else as_text(checked))
    is_blocked = any(each.judgement.verdict is Verdict.BLOCK for each in checked)
    return _BLOCKED if is_blocked else 0


def list_rules(*, as_json: bool) -> None:
    """Print every rule: its id, what must hold, why, and by which source."""
    typer.echo(rules_as_json(RULES) if as_json else rules_as_text(RULES))


def _of_environments(name: str | None) -> list[Checked]:
    from iot_dr.app import build  # noqa: PLC0415 - Node starts only where it is needed

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


def _of_paths(options: CheckOptions) -> list[Checked]:
    stacks = read_files(options.paths)
    if options.environment:
        return [_checked(stacks, load(options.environment))]
    by_environment: dict[str | None, list[StackResources]] = {}
    known = names()
    for stack in stacks:
        by_environment.setdefault(_environment(stack.name, known), []).append(stack)
    return [_checked(group, load(name) if name else None) for name, group in by_environment.items()]


def _environment(stack: str, known: Sequence[str]) -> str | None:
    """Give the environment that a stack's name says it is of, None where that is none here."""
    own = [name for name in known if re.match(rf"iot-{re.escape(name)}-.", stack)]
    return max(own, key=len, default=None)


def _checked(stacks: Sequence[StackResources], settings: Settings | None) -> Checked:
    suppressions = settings.suppressions if settings else ()
    return Checked(
        environment=settings.environment if settings else None,
        stacks=tuple(stacks),
        judgement=judge(ResourceSet(stacks), settings, suppressions),
    )
