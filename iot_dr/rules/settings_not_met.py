"""What is wrong in a design though the proof holds: in no state that it visits, or later."""

from collections.abc import Iterator
from typing import Final

from iot_dr.design.expectation import DesignExpectation
from iot_dr.design.notes import FAULT_KINDS, NoteKind
from iot_dr.design.reading import designs
from iot_dr.rules.rule import Finding, Rule, Verdict, finding_at
from iot_dr.rules.support.our_stack import if_whole
from iot_dr.terraform_json.resource_set import ResourceSet

_ID: Final = "settings-not-met"


def _find(resources: ResourceSet, expected: DesignExpectation | None) -> Iterator[Finding]:
    whole = if_whole(resources, expected)
    for design in designs(resources, whole):
        is_ours = whole is not None and whole.device_name == design.name
        # Of a check of another project `check-never-passes` says it.
        kinds = FAULT_KINDS - (set() if is_ours else {NoteKind.CHECKED_WITHOUT_RECORD})
        if expected and whole is None:
            # In the plan of one wave, what a watcher connects to is in stacks that are not there.
            kinds -= {NoteKind.IDLE_WATCHER}
        warned = {NoteKind.DELAY}
        if whole and whole.context.device_policy:
            # The settings name the policy that the adopted fleet has.
            warned.add(NoteKind.OPEN_POLICY)
        for note in (each for each in design.notes if each.kind in kinds):
            is_blocked = is_ours and note.kind not in warned
            yield finding_at(None, _ID, f"{note}.", Verdict.BLOCK if is_blocked else Verdict.WARN)


RULE: Final = Rule(
    id=_ID,
    title="Every part as the settings require",
    why="A design can lead devices to a region that serves, and yet have a watcher that puts no"
    " switch, checks of fewer regions, a TLS policy that devices do not know, an alarm that"
    " notifies nobody, or a policy that lets anybody connect: `iot-dr prove` notes them."
    " It blocks an environment with settings, but for a TTL and for what an adopted platform's own"
    " IoT policy allows, and warns of other designs.",
    source="docs/adr/0036-prover.md",
    find=_find,
)
