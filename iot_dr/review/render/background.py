"""What follows from the plans and stands around them: hand-overs, symmetry, drift, recovery."""

from collections.abc import Iterator
from typing import Final

from iot_dr.forecast.recovery_point import NO_POINT
from iot_dr.review.impact.review import Consumer, HandOverChange, OneSided, Review
from iot_dr.review.read.plan_source import RecoveryChange
from iot_dr.review.render.outline import (
    ARROW,
    Item,
    Part,
    Phrase,
    Section,
    code,
    listed,
    phrase,
    sentence,
)
from iot_dr.review.render.wording import attribute_phrases, placed_phrase, side
from iot_dr.terraform_json.plan_manifest import Point, Points

_NAMES: Final = 12
_READS: Final = {
    "changes": ", which changes",
    "unchanged": ", unchanged",
    "waiting": ", which waits for it",
}
_HOUR: Final = 3600
_DAY: Final = 24 * _HOUR


def hand_overs(review: Review) -> Section:
    """Return the outputs that change, and who reads them."""
    return Section(
        title="Hand-overs",
        noun=("hand-over", "hand-overs"),
        rank=4,
        count=len(review.hand_overs),
        items=lambda: map(_hand_over, review.hand_overs),
    )


def symmetry(review: Review) -> Section:
    """Return what changes in some regions only."""
    return Section(
        title="In some regions only",
        noun=("change in some regions only", "changes in some regions only"),
        rank=3,
        count=len(review.one_sided),
        items=lambda: map(_one_sided, review.one_sided),
    )


def drift(review: Review) -> Section:
    """Return what changed outside Terraform."""
    return Section(
        title="Drift: changed outside Terraform",
        noun=("drifted resource", "drifted resources"),
        rank=2,
        count=sum(len(stack.drift) for stack in review.stacks),
        items=lambda: _drift(review),
    )


def recovery(review: Review) -> Section:
    """Return the predicted recovery time before and after, where it differs."""
    change = review.recovery
    return Section(
        title="Predicted recovery",
        noun=("prediction", "predictions"),
        rank=9,
        count=int(change is not None),
        items=lambda: iter([Item(phrase=_recovery(change))] if change else []),
    )


def recovery_point(review: Review) -> Section:
    """Return what the other regions do not know when one is gone, before and after."""
    change = review.recovery_point
    return Section(
        title="Recovery point",
        noun=("recovery point", "recovery points"),
        rank=8,
        count=int(change is not None),
        items=lambda: iter([_recovery_point(change)] if change else []),
    )


def notes(review: Review) -> Section:
    """Return what is not judged, and what else a reader must know."""
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
    for each in consumers[:_NAMES]:
        parts += ["; " if parts else "read by ", code(each.stack), _READS[each.status]]
    if len(consumers) > _NAMES:
        parts.append(f"; and by {len(consumers) - _NAMES:,} more")
    return phrase(*parts)


def _one_sided(each: OneSided) -> Item:
    regions: list[Part | str] = [" in ", *listed(each.changed, _NAMES)]
    if each.unchanged:
        regions += [", not in ", *listed(each.unchanged, _NAMES)]
    below = (phrase("differs in ", *listed(each.paths, _NAMES)),) if each.paths else ()
    return Item(phrase=phrase(code(each.what), *regions), below=below)


def _drift(review: Review) -> Iterator[Item]:
    for stack in review.stacks:
        for change in stack.drift:
            yield Item(
                phrase=placed_phrase(change, ()),
                below=attribute_phrases(change.diffs),
            )


def _recovery(change: RecoveryChange) -> Phrase:
    before, after = change.before, change.after
    return phrase(
        f"half of the devices are back after {_seconds(before.p50, after.p50)},"
        f" 99 % after {_seconds(before.p99, after.p99)},"
        f" bound {_seconds(before.bound, after.bound)}; target {change.target:.0f} s"
    )


def _seconds(before: float, after: float) -> str:
    if round(before) == round(after):
        return f"{after:.0f} s as before"
    return f"{before:.0f} -> {after:.0f} s"


def _recovery_point(change: Points) -> Item:
    """Say what is lost with a region, each figure with the base's where that is another."""
    before, after = change.before, change.after
    if after is None:
        lead = "so far the settings have `data`; now " if before else ""
        return Item(phrase=sentence(f"{lead}{NO_POINT}"))
    lead = "when a region is gone"
    if change.is_compared and before is None:
        lead = f"so far {NO_POINT}; now, {lead}"
    elif change.is_compared and before == after:
        lead += ", as before"
    below = tuple(phrase(each) for each in _lost(before or after, after))
    return Item(phrase=sentence(lead), below=below)


def _lost(before: Point, after: Point) -> Iterator[str]:
    states = _figures(before.states, after.states, "s")
    unnoticed = _figures(before.unnoticed, after.unnoticed, "s")
    registry = _figures(before.registry / _HOUR, after.registry / _HOUR, "h")
    stream = _figures(before.stream / _HOUR, after.stream / _HOUR, "h")
    restore = _figures(before.restore / _DAY, after.restore / _DAY, "days")
    yield (
        f"device states of the last {states}, as a rule, are in no other region; of up to"
        f" {unnoticed} until an alarm tells"
    )
    yield (
        "a registry change is there once it is copied, for which nobody promises a time; one that"
        f" no event told of is not there for up to {registry}"
    )
    yield f"what the lost region's stream holds is still written if it is back within {stream}"
    yield f"home's tables can be restored to any second of the last {restore}"


def _figures(before: float, after: float, unit: str) -> str:
    arrow = f"{before:g} -> " if before != after else ""
    return f"{arrow}{after:g} {unit}"
