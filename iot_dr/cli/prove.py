"""`iot-dr prove`: whether a design leads devices to a region that serves, in every state."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Annotated, Any, Final, Literal

import typer

from iot_dr.cli.json_output import print_document
from iot_dr.cli.options import JsonOption
from iot_dr.cli.stack_groups import PathsArgument, StackGroup, stack_groups
from iot_dr.cli.text import counted, echo
from iot_dr.common.assumptions import reference, used
from iot_dr.common.exit_status import ExitStatus
from iot_dr.common.plain_text import plain
from iot_dr.design.unjudged import unjudged_names
from iot_dr.prover.proof import Proof
from iot_dr.prover.proofs import proofs
from iot_dr.prover.search import MOST_EVENTS, MOST_FAULTS
from iot_dr.terraform_json.resource_set import ResourceSet

Verdict = Literal["proved", "disproved", "not proved", "not checked"]

_STATUS: Final[dict[Verdict, ExitStatus]] = {
    "proved": ExitStatus.DONE,
    "disproved": ExitStatus.FAILED,
    "not proved": ExitStatus.NOT_GOOD,
    "not checked": ExitStatus.NOT_GOOD,
}
_BOUND: Final = f"at most {MOST_FAULTS} faults and 1 switch at a time, up to {MOST_EVENTS} events"


def prove(
    paths: PathsArgument = None,
    env: Annotated[
        str | None,
        typer.Option(
            "--env",
            envvar="ENV",
            help="The environment whose settings the design must fulfil. Without PATH: dev unless"
            " given.",
            metavar="NAME",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Prove that devices reach a healthy region in every state, or show a counterexample.

    Every combination of at most two faults and one switch is tried, in sequences of up to six
    events. HCL is not checked: plan it, and prove the plan's JSON.

    Exit 0 if everything is proved, 1 if something is disproved, 3 if parts that are not declared
    or not yet known decide, or if nothing could be judged.

    Example: iot-dr prove --env prod
    """
    groups, notes = stack_groups(paths, env)
    proved = [_proved(group) for group in groups]
    verdict = _verdict(proved)
    if as_json:
        document = _document(proved, notes, verdict)
        print_document("prove", document, _STATUS[verdict], env)
    else:
        echo(_as_text(proved, notes))
    raise typer.Exit(_STATUS[verdict])


@dataclass(frozen=True, slots=True)
class _Proved:
    """A group of stacks and the proofs of its device names, without if stacks are missing."""

    stacks: StackGroup
    proofs: tuple[Proof, ...] = ()
    unjudged: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What is not checked, a sentence each."""
        if not self.stacks.is_whole:
            message = f"{self.stacks.environment} has more stacks; pass all of them"
        elif not self.proofs:
            message = "no public name has both failover records here"
        else:
            return (*self.stacks.notes, *self.unjudged, *self._unregistered())
        return (*self.stacks.notes, *self.unjudged, message)

    def _unregistered(self) -> Iterator[str]:
        settings = self.stacks.settings
        if settings and settings.data is None:
            yield (
                f"whether a device is registered in every region: {settings.environment} has no"
                " block `data`, so something else must register it, or another region refuses it"
            )


def _proved(group: StackGroup) -> _Proved:
    if not group.is_whole:
        return _Proved(group)
    resources = ResourceSet(group.stacks)
    results = proofs(resources, group.expected)
    if group.settings and group.settings.data:
        of_data = used("prove", {"data"})
        results = tuple(
            replace(each, assumptions=(*each.assumptions, *of_data)) for each in results
        )
    return _Proved(group, results, unjudged_names(resources))


def _verdict(proved: Sequence[_Proved]) -> Verdict:
    every = [proof for group in proved for proof in group.proofs]
    if not every:
        return "not checked"
    verdicts = {proof.verdict for proof in every}
    order: tuple[Verdict, ...] = ("disproved", "not proved")
    return next((verdict for verdict in order if verdict in verdicts), "proved")


def _as_text(proved: Sequence[_Proved], notes: Sequence[str]) -> str:
    lines = [f"not checked: {plain(note)}" for note in notes]
    for group in proved:
        lines += [f"not checked: {plain(note)}" for note in group.notes]
        for proof in group.proofs:
            lines += _lines(proof)
    return "\n".join(lines)


def _lines(proof: Proof) -> Iterator[str]:
    yield f"{plain(proof.name)}: {proof.verdict}, {counted(proof.states, 'state')}; {_BOUND}"
    for lead, violations in (("does not", proof.violations), ("may not", proof.possible)):
        for violation in violations:
            yield f"  {lead} hold: {violation.property}"
            yield f"    {plain(str(violation))}"
            yield from (f"      {plain(reason)}" for reason in violation.reasons)
    for unknown in proof.unknown:
        yield f"  not known: {plain(unknown)}"
    if proof.possible:
        yield "  every property holds if what is not declared here works"
    if not proof.is_complete:
        yield f"  stopped after {counted(proof.states, 'state')}; nothing is proved"
    for fault in proof.unseen:
        yield f"  invisible to the record's check: {plain(fault)}"
    for note in proof.notes:
        yield f"  note: {plain(str(note))}"
    if proof.assumptions:
        yield f"  assumed of AWS: {reference(proof.assumptions)}"


def _document(proved: Sequence[_Proved], notes: Sequence[str], verdict: Verdict) -> dict[str, Any]:
    names: list[dict[str, Any]] = [
        {
            "environment": group.stacks.environment,
            "proved": proof.is_proved,
            **asdict(replace(proof, notes=())),
            "notes": list(map(str, proof.notes)),
        }
        for group in proved
        for proof in group.proofs
    ]
    return {
        "verdict": verdict,
        "most_faults": MOST_FAULTS,
        "most_events": MOST_EVENTS,
        "names": names,
        "notes": [*notes, *(note for group in proved for note in group.notes)],
    }
