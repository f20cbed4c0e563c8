"""The sections on hand-overs, asymmetric changes, drift, recovery times and notes."""

from collections.abc import Iterator
from typing import Final

from iot_dr.common.terraform_binary import product
from iot_dr.forecast.recovery_point import NO_POINT
from iot_dr.review.impact.review import AsymmetricChange, Consumer, HandOverChange, Review
from iot_dr.review.read.plan_source import RecoveryChange
from iot_dr.review.render.elements import (
    ARROW,
    NAMES,
    Item,
    Part,
    Phrase,
    Section,
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
    return Section(
        title="Hand-overs",
        noun=("hand-over", "hand-overs"),
        rank=4,
        count=len(review.hand_overs),
        items=lambda: map(_hand_over, review.hand_overs),
    )


def symmetry(review: Review) -> Section:
    """Return the section on changes that only some regions get."""
    return Section(
        title="Changed in some regions only",
        noun=("change in some regions only", "changes in some regions only"),
        rank=3,
        count=len(review.asymmetric_changes),
        items=lambda: map(_asymmetric_change, review.asymmetric_changes),
    )


def drift(review: Review) -> Section:
    """Return the section on resources that changed outside Terraform."""
    return Section(
        title=f"Drift: changed outside {product()}",
        noun=("drifted resource", "drifted resources"),
        rank=2,
        count=sum(len(stack.drift) for stack in review.stacks),
        items=lambda: _drift(review),
    )


def recovery(review: Review) -> Section:
    """Return the section on the predicted recovery time, if it changes."""
    change = review.recovery
    return Section(
        title="Predicted recovery time",
        noun=("prediction", "predictions"),
        rank=9,
        count=int(change is not None),
        items=lambda: iter([Item(phrase=_recovery(change))] if change else []),
    )


def recovery_point(review: Review) -> Section:
    """Return the section on the data that is lost with a region."""
    change = review.recovery_point
    return Section(
        title="Recovery point",
        noun=("recovery point", "recovery points"),
        rank=8,
        count=int(change is not None),
        items=lambda: iter([_recovery_point(change)] if change else []),
    )


def notes(review: Review) -> Section:
    """Return the section on what was not planned or not checked."""
    return Section(
        title="Notes",
        noun=("note", "notes"),
        rank=5,
        count=len(review.notes),
        items=lambda: (Item(phrase=sentence(each)) for each in review.notes),
    )


def _hand_over(change: HandOverChange) -> Item:
    output = change.output
    before, after = side(output.diff.before), side(output.diff.after)
    return Item(
        phrase=phrase(
            code(output.name), " of ", code(output.stack), ": ", before, " ", ARROW, " ", after
        ),
        below=(_consumers(change.consumers),),
    )


def _consumers(consumers: tuple[Consumer, ...]) -> Phrase:
    parts: list[Part | str] = []
    for consumer in consumers[:NAMES]:
        parts += ["; " if parts else "read by ", code(consumer.stack), _READS[consumer.status]]
    if len(consumers) > NAMES:
        parts.append(f"; and by {len(consumers) - NAMES:,} more")
    return phrase(*parts)


def _asymmetric_change(change: AsymmetricChange) -> Item:
    regions: list[Part | str] = [" in ", *name_list(change.changed_in, NAMES)]
    if change.unchanged_in:
        regions += [", not in ", *name_list(change.unchanged_in, NAMES)]
    below = (phrase("differs in ", *name_list(change.paths, NAMES)),) if change.paths else ()
    return Item(phrase=phrase(code(change.change), *regions), below=below)


def _drift(review: Review) -> Iterator[Item]:
    for stack in review.stacks:
        for change in stack.drift:
            yield Item(
                phrase=change_in_stack(change, ()),
                below=attribute_phrases(change.diffs),
            )


def _recovery(change: RecoveryChange) -> Phrase:
    before, after = change.before, change.after
    return phrase(
        f"half of the devices reconnect within {_seconds(before.p50, after.p50)},"
        f" 99 % within {_seconds(before.p99, after.p99)},"
        f" upper bound {_seconds(before.bound, after.bound)}; target {change.target:.0f} s:"
        f" {change.verdict}"
    )


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
