"""`iot-dr check`: checks Terraform JSON against the disaster-recovery rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

import typer

from iot_dr.cli.json_output import print_document
from iot_dr.cli.options import JsonOption
from iot_dr.cli.sarif import SarifOption, write_sarif
from iot_dr.cli.settings_warning import warn_of_settings
from iot_dr.cli.stack_groups import PathsArgument, StackGroup, stack_groups
from iot_dr.cli.text import counted, echo
from iot_dr.common.exit_status import ExitStatus
from iot_dr.common.plain_text import plain
from iot_dr.design.unjudged import NO_FAILOVER, lacks_failover
from iot_dr.rules.catalogue import RULES
from iot_dr.rules.engine import Judgement, judge
from iot_dr.rules.findings import finding_json, summary, text, with_reasons
from iot_dr.rules.rule import Rule, Verdict
from iot_dr.rules.sarif import SarifResult, sarif
from iot_dr.terraform_json.resource_set import ResourceSet

_NOT_JUDGED: Final = "not judged"


def check(
    paths: PathsArgument = None,
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
    sarif_file: SarifOption = None,
) -> None:
    """Check Terraform JSON by the disaster-recovery rules; exit 1 if one blocks.

    Stacks that iot-dr synthesized are checked with the settings of their environment, others with
    those of --env. The count of resources includes the data sources that rules read; `synth` counts
    those separately.

    Example: iot-dr check cdktf.out
    """
    if rules:
        if as_json:
            print_document("check", _rule_rows(RULES))
        else:
            echo(_rules_as_text(RULES))
        return
    groups, notes = stack_groups(paths, env)
    for group in groups:
        if group.settings:
            warn_of_settings(group.settings)
    checked = [_checked(group) for group in groups]
    is_blocked = any(each.judgement.verdict is Verdict.BLOCK for each in checked)
    exit_status = ExitStatus.FAILED if is_blocked else 0
    if sarif_file:
        write_sarif(sarif_file, _sarif(checked, notes))
    if as_json:
        print_document("check", _document(checked, notes), exit_status, env)
    else:
        echo(_as_text(checked, notes))
    raise typer.Exit(exit_status)


@dataclass(frozen=True, kw_only=True)
class _Checked:
    """A group of stacks and what the rules say of it."""

    group: StackGroup
    judgement: Judgement
    lacks_failover: bool

    @property
    def notes(self) -> tuple[str, ...]:
        """What is not checked, a sentence each."""
        without = (NO_FAILOVER,) if self.lacks_failover else ()
        return (*self.group.notes, *self.judgement.not_judged, *without)

    @property
    def verdict(self) -> str:
        """The worst verdict of the findings; `not judged` with neither a finding nor a failover."""
        if self.judgement.verdict is Verdict.OK and self.lacks_failover:
            return _NOT_JUDGED
        return self.judgement.verdict.value


def _checked(group: StackGroup) -> _Checked:
    resources, expected = ResourceSet(group.stacks), group.expected
    accepted = expected.accepted_rules if expected else ()
    judgement = judge(resources, expected, accepted, is_whole=group.is_whole)
    # Stacks of an environment are judged by its settings, also without the entry point.
    is_other = expected is None and lacks_failover(resources)
    return _Checked(group=group, judgement=judgement, lacks_failover=is_other)


def _as_text(checked: Sequence[_Checked], notes: Sequence[str] = ()) -> str:
    """Return the findings of each group of stacks, with a verdict in the last line.

    `notes` are about files that are not checked.
    """
    groups = (_group(each, is_all=not notes) for each in checked)
    return "\n\n".join(each for each in (_unjudged(notes), *groups) if each)


def _document(checked: Sequence[_Checked], notes: Sequence[str] = ()) -> dict[str, Any]:
    """Return the same as JSON values."""
    findings = [finding for each in checked for finding in each.judgement.findings]
    suppressed = [entry for each in checked for entry in each.judgement.suppressed]
    return {
        "verdict": _verdict(checked),
        "stacks": [stack.name for each in checked for stack in each.group.stacks],
        "findings": [finding_json(finding) for finding in findings],
        "notes": [
            f"not checked: {note}"
            for note in (*notes, *(note for each in checked for note in each.notes))
        ],
        "suppressed": [
            {**finding_json(each.finding), "reason": each.reason} for each in suppressed
        ],
    }


def _sarif(checked: Sequence[_Checked], notes: Sequence[str]) -> dict[str, Any]:
    """Return the same as a SARIF log."""
    results = list[SarifResult]()
    for part in checked:
        notes = (*notes, *part.notes)
        results += (
            SarifResult(finding, part.group.location(finding), reason)
            for finding, reason in with_reasons(part.judgement)
        )
    return sarif("check", results, notes)


def _verdict(checked: Sequence[_Checked]) -> str:
    verdicts = {each.verdict for each in checked}
    order = (Verdict.BLOCK.value, Verdict.WARN.value, _NOT_JUDGED, Verdict.OK.value)
    return next((verdict for verdict in order if verdict in verdicts), Verdict.OK.value)


def _rules_as_text(rules: Sequence[Rule]) -> str:
    """Return the id, title, reason and source of each rule."""
    return "\n\n".join(
        f"{rule.id}\n  {rule.title}\n  Why: {rule.why}\n  Source: {rule.source}" for rule in rules
    )


def _rule_rows(rules: Sequence[Rule]) -> list[dict[str, str]]:
    """Return the same as JSON values."""
    return [
        {"id": rule.id, "title": rule.title, "why": rule.why, "source": rule.source}
        for rule in rules
    ]


def _group(checked: _Checked, *, is_all: bool) -> str:
    above = [each for each in (_unjudged(checked.notes), text(checked.judgement)) if each]
    lead = "".join(f"{each}\n\n" for each in above)
    stacks, environment = checked.group.stacks, checked.group.environment
    resources = sum(len(stack.resources) for stack in stacks)
    settings = f" with the settings of {environment}" if environment else ""
    scope = f"{counted(len(stacks), 'stack')}, {counted(resources, 'resource')}{settings}"
    return f"{lead}{_summary(checked, resources, is_all=is_all)}; {scope}"


def _summary(checked: _Checked, resources: int, *, is_all: bool) -> str:
    """Return the verdict and counts, or that nothing was checked, or not everything."""
    if not resources and not checked.judgement.findings:
        return "nothing checked"
    counts = summary(checked.judgement)
    if checked.verdict == _NOT_JUDGED:
        return counts.replace(f"{Verdict.OK.value}:", f"{_NOT_JUDGED}:", 1)
    return counts if is_all and not checked.notes else f"{counts} (not everything was checked)"


def _unjudged(notes: Sequence[str]) -> str:
    return "\n".join(f"not checked: {plain(each)}" for each in notes)
