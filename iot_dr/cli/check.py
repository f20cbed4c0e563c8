"""`iot-dr check`: checks Terraform JSON against the disaster-recovery rules."""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer

from environments.loader import load, names
from environments.project import NoProjectError
from environments.selection import load_all
from environments.settings import Settings
from iot_dr.cli.options import JsonOption, given_path
from iot_dr.cli.text import counted
from iot_dr.common.plain_text import plain
from iot_dr.generate.gate import documents
from iot_dr.rules.catalogue import RULES
from iot_dr.rules.engine import Judgement, judge
from iot_dr.rules.findings import finding_json, summary, text
from iot_dr.rules.rule import Rule, Verdict, worst
from iot_dr.terraform_json.configuration import read_configuration
from iot_dr.terraform_json.files import read_files
from iot_dr.terraform_json.listing import listing
from iot_dr.terraform_json.resource_set import ResourceSet
from iot_dr.terraform_json.stack_resources import StackResources
from stacks.platform_graph import platform_graph

_DEFAULT: Final = "dev"
_BLOCKED: Final = 1


def check(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Files or folders with Terraform JSON: CDKTF's output, .tf.json, or the output of"
            " `terraform show -json` for plans and states. Default: synthesize the environment.",
            metavar="PATH",
            parser=given_path,
            show_default=False,
        ),
    ] = None,
    env: Annotated[
        str | None,
        typer.Option(
            "--env",
            envvar="ENV",
            help="Use the targets and suppressions of this file in environments/. Default without"
            " PATH: dev.",
            metavar="NAME",
            show_default=False,
        ),
    ] = None,
    rules: Annotated[
        bool, typer.Option("--rules", help="List the rules with their reasons.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Check Terraform JSON by the disaster-recovery rules; exit 1 if one blocks.

    Stacks that iot-dr synthesized are checked with the settings of their environment, others with
    those of --env. The count of resources includes the data sources that rules read; `synth` counts
    those separately.

    Example: iot-dr check cdktf.out
    """
    if rules:
        typer.echo(_rules_as_json(RULES) if as_json else _rules_as_text(RULES))
        return
    checked, notes = _of_paths(paths, env) if paths else (_of_environments(env), ())
    typer.echo(_as_json(checked, notes) if as_json else _as_text(checked, notes))
    is_blocked = any(each.judgement.verdict is Verdict.BLOCK for each in checked)
    raise typer.Exit(_BLOCKED if is_blocked else 0)


@dataclass(frozen=True, kw_only=True)
class _Checked:
    """Stacks that were checked together, with the settings of an environment if there is one."""

    environment: str | None
    stacks: tuple[StackResources, ...]
    judgement: Judgement

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes about parts of the stacks that are not checked."""
        notes = tuple(
            f"{stack.name}: {note}" for stack in self.stacks for note in stack.not_checked
        )
        if any(stack.resources for stack in self.stacks):
            return notes
        return (*notes, f"{listing([each.name for each in self.stacks])}: contains no resources")


def _of_environments(name: str | None) -> list[_Checked]:
    from iot_dr.generate.app import build  # noqa: PLC0415 - Node starts only where it is needed

    environments = load_all(name or _DEFAULT)
    with tempfile.TemporaryDirectory(prefix="iot-dr-check-") as folder:
        build(environments, Path(folder)).synth()
        return [
            _checked(
                [
                    read_configuration(*document)
                    for document in documents(settings, Path(folder)).items()
                ],
                settings,
            )
            for settings in environments
        ]


def _of_paths(
    paths: Sequence[Path], environment: str | None
) -> tuple[list[_Checked], tuple[str, ...]]:
    files = read_files(paths)
    if environment:
        return [_checked(files.stacks, load(environment))], files.not_checked
    owners = _Owners()
    groups: dict[str | None, tuple[Settings | None, list[StackResources]]] = {}
    for stack in files.stacks:
        owner = owners.owner(stack.cdktf_name or "")
        groups.setdefault(owner.environment if owner else None, (owner, []))[1].append(stack)
    return [_checked(stacks, owner) for owner, stacks in groups.values()], files.not_checked


class _Owners:
    """The environments of the project, each loaded when a stack may belong to it.

    Outside of a project no stack has an owner: any Terraform can be checked anywhere.
    """

    def __init__(self) -> None:
        self._loaded: dict[str, Settings] = {}
        try:
            self._names = names()
        except NoProjectError:
            self._names = list[str]()

    def owner(self, stack: str) -> Settings | None:
        """Return the settings of the environment that a stack belongs to, None if there is none."""
        for name in self._names:
            if stack.startswith(f"iot-{name}-"):
                if name not in self._loaded:
                    self._loaded[name] = load(name)
                settings = self._loaded[name]
                if stack in _stacks(settings):
                    return settings
        return None


def _stacks(settings: Settings) -> set[str]:
    return {node.name for node in platform_graph(settings).nodes}


def _checked(stacks: Sequence[StackResources], settings: Settings | None) -> _Checked:
    names_ = {stack.cdktf_name or stack.name for stack in stacks}
    suppressions = settings.suppressions if settings else ()
    is_whole = settings is None or _stacks(settings) <= names_
    return _Checked(
        environment=settings.environment if settings else None,
        stacks=tuple(stacks),
        judgement=judge(ResourceSet(stacks), settings, suppressions, is_whole=is_whole),
    )


def _as_text(checked: Sequence[_Checked], notes: Sequence[str] = ()) -> str:
    """Return the findings of each group of stacks, with a verdict in the last line.

    `notes` are about files that are not checked.
    """
    groups = (_group(each, is_all=not notes) for each in checked)
    return "\n\n".join(each for each in (_unjudged(notes), *groups) if each)


def _as_json(checked: Sequence[_Checked], notes: Sequence[str] = ()) -> str:
    """Return the same as a JSON document."""
    findings = [finding for each in checked for finding in each.judgement.findings]
    suppressed = [entry for each in checked for entry in each.judgement.suppressed]
    return json.dumps(
        {
            "verdict": worst(each.verdict for each in findings).value,
            "stacks": [stack.name for each in checked for stack in each.stacks],
            "findings": [finding_json(finding) for finding in findings],
            "notes": [
                f"not checked: {note}"
                for note in (*notes, *(note for each in checked for note in each.notes))
            ],
            "suppressed": [
                {**finding_json(each.finding), "reason": each.reason} for each in suppressed
            ],
        },
        indent=2,
    )


def _rules_as_text(rules: Sequence[Rule]) -> str:
    """Return the id, title, reason and source of each rule."""
    return "\n\n".join(
        f"{rule.id}\n  {rule.title}\n  Why: {rule.why}\n  Source: {rule.source}" for rule in rules
    )


def _rules_as_json(rules: Sequence[Rule]) -> str:
    """Return the same as JSON."""
    rows = [
        {"id": rule.id, "title": rule.title, "why": rule.why, "source": rule.source}
        for rule in rules
    ]
    return json.dumps(rows, indent=2)


def _group(checked: _Checked, *, is_all: bool) -> str:
    above = [each for each in (_unjudged(checked.notes), text(checked.judgement)) if each]
    lead = "".join(f"{each}\n\n" for each in above)
    resources = sum(len(stack.resources) for stack in checked.stacks)
    settings = f" with the settings of {checked.environment}" if checked.environment else ""
    scope = f"{counted(len(checked.stacks), 'stack')}, {counted(resources, 'resource')}{settings}"
    return f"{lead}{_summary(checked, resources, is_all=is_all)}; {scope}"


def _summary(checked: _Checked, resources: int, *, is_all: bool) -> str:
    """Return the verdict and counts, or that nothing was checked, or not everything."""
    if not resources and not checked.judgement.findings:
        return "nothing checked"
    counts = summary(checked.judgement)
    return counts if is_all and not checked.notes else f"{counts} (not everything was checked)"


def _unjudged(notes: Sequence[str]) -> str:
    return "\n".join(f"not checked: {plain(each)}" for each in notes)
