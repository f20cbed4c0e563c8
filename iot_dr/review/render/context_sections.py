"""The sections on cross-stack outputs, asymmetric changes, drift, recovery times and notes."""

from collections.abc import Iterator
from typing import Final

from iot_dr.common.terraform_binary import product
from iot_dr.forecast.recovery_point import NO_POINT
from iot_dr.review.impact.review import AsymmetricChange, HandOverChange, OutputConsumer, Review
from iot_dr.review.read.plan_source import RecoveryChange
from iot_dr.review.read.stack_review import ResourceChange
from iot_dr.review.render.elements import (
    ARROW,
    NAMES,
    Item,
    Phrase,
    Section,
    TextPart,
    code,
    name_list,
    phrase,
    sentence,
)
from iot_dr.review.render.wording import attribute_phrases, change_in_stack, side
from iot_dr.terraform_json.plan_manifest import Point, Points

_READS: Final = {
    "changes": ", which changes",
    "unchanged": ", unchanged",
    "waiting": ", which waits for it",
}


def hand_overs(review: Review) -> Section:
    """Return the section on changed outputs and the stacks that read them."""
    noun = ("cross-stack output", "cross-stack outputs")
    return Section("Cross-stack outputs", noun, 4, review.hand_overs, _hand_over)


def symmetry(review: Review) -> Section:
    """Return the section on changes that only some regions get."""
    noun = "change in some regions only", "changes in some regions only"
    title, changes = "Changed in some regions only", review.asymmetric_changes
    return Section(title, noun, 3, changes, _asymmetric_change)


def drift(review: Review) -> Section:
    """Return the section on resources that changed outside Terraform."""
    title, noun = f"Drift: changed outside {product()}", ("drifted resource", "drifted resources")
    changes = [change for stack in review.stacks for change in stack.drift]
    return Section(title, noun, 2, changes, _drift)


def recovery(review: Review) -> Section:
    """Return the section on the predicted recovery time, if it changes."""
    changes = [review.recovery] if review.recovery else []
    return Section("Predicted recovery time", ("prediction", "predictions"), 9, changes, _recovery)


def recovery_point(review: Review) -> Section:
    """Return the section on the data that is lost with a region."""
    title, noun = "Recovery point", ("recovery point", "recovery points")
    changes = [review.recovery_point] if review.recovery_point else []
    return Section(title, noun, 8, changes, _recovery_point)


def notes(review: Review) -> Section:
    """Return the section on what was not planned or not checked."""
    return Section("Notes", ("note", "notes"), 5, review.notes, _note)


def _hand_over(change: HandOverChange) -> Item:
    output = change.output
    before, after = side(output.diff.before), side(output.diff.after)
    return Item(
        phrase=phrase(
            code(output.name), " of ", code(output.stack), ": ", before, " ", ARROW, " ", after
        ),
        below=(_consumers(change.consumers),),
    )


def _consumers(consumers: tuple[OutputConsumer, ...]) -> Phrase:
    parts: list[TextPart | str] = []
    for consumer in consumers[:NAMES]:
        parts += ["; " if parts else "read by ", code(consumer.stack), _READS[consumer.status]]
    if len(consumers) > NAMES:
        parts.append(f"; and by {len(consumers) - NAMES:,} more")
    return phrase(*parts)


def _asymmetric_change(change: AsymmetricChange) -> Item:
    regions: list[TextPart | str] = [" in ", *name_list(change.changed_in, NAMES)]
    if change.unchanged_in:
        regions += [", not in ", *name_list(change.unchanged_in, NAMES)]
    below = (phrase("differs in ", *name_list(change.paths, NAMES)),) if change.paths else ()
    return Item(phrase=phrase(code(change.change), *regions), below=below)


def _drift(change: ResourceChange) -> Item:
    return Item(phrase=change_in_stack(change, ()), below=attribute_phrases(change.diffs))


def _note(note: str) -> Item:
    return Item(phrase=sentence(note))


def _recovery(change: RecoveryChange) -> Item:
    before, after = change.before, change.after
    text = (
        f"half of the devices reconnect within {_seconds(before.p50, after.p50)},"
        f" 99 % within {_seconds(before.p99, after.p99)},"
        f" the last within {_seconds(before.bound, after.bound)} (upper bound);"
        f" target {change.target:.0f} s: {change.verdict}"
    )
    return Item(phrase=phrase(text))


def _seconds(before: float, after: float) -> str:
    if round(before) == round(after):
        return f"{after:.0f} s (unchanged)"
    return f"{before:.0f} -> {after:.0f} s"


def _recovery_point(change: Points) -> Item:
    """Return the recovery point, with the base's figures where they differ."""
    before, after = change.before, change.after
    if after is None:
        lead = "the settings had `data` so far; now " if before else ""
        return Item(phrase=sentence(f"{lead}{NO_POINT}"))
    lead = "if a region is lost"
    if change.is_compared and before is None:
        lead = f"so far {NO_POINT}; now {lead}"
    elif change.is_compared and before == after:
        lead += " (unchanged)"
    below = tuple(map(phrase, _losses(before or after, after)))
    return Item(phrase=sentence(lead), below=below)


def _losses(before: Point, after: Point) -> Iterator[str]:
    states = _figures(before.states, after.states, "s")
    unnoticed = _figures(before.unnoticed, after.unnoticed, "s")
    registry = _figures(before.registry / 3600, after.registry / 3600, "h")
    stream = _figures(before.stream / 3600, after.stream / 3600, "h")
    restore = _figures(before.restore / 86_400, after.restore / 86_400, "days")
    yield (
        f"normally no other region has the device states of the last {states}; if processing"
        f" lags, those of up to {unnoticed} before an alarm reports it"
    )
    yield (
        "registry changes are replicated without a guaranteed delay; one whose event is lost is"
        f" missing for up to {registry}"
    )
    yield f"records in the lost region's stream are still written if it returns within {stream}"
    yield f"the home region's tables can be restored to any second of the last {restore}"


def _figures(before: float, after: float, unit: str) -> str:
    arrow = f"{before:g} -> " if before != after else ""
    return f"{arrow}{after:g} {unit}"
