"""Finds who reads the outputs that change."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal

from iot_dr.review.impact.review import Consumer, HandOverChange
from iot_dr.review.read.stack_review import StackReview
from iot_dr.terraform_json.expression import references, steps
from iot_dr.terraform_json.hand_over import HandOvers
from iot_dr.terraform_json.json_value import texts_in
from iot_dr.terraform_json.stack_resources import StackResources

_REMOTE_STATE: Final = "data.terraform_remote_state."
_OUTPUTS: Final = "outputs"
_ANY: Final = "*"
"""An output that is not named: all of them may be read."""

_Status = Literal["changes", "unchanged", "waiting"]
_Read = tuple[str, str]
"""A stack and an output of it."""


def hand_over_changes(
    stacks: Sequence[StackReview], resources: Sequence[StackResources]
) -> tuple[HandOverChange, ...]:
    """Return each output that changes with the stacks that read it, or wait for it, in order.

    One that no stack reads is for people, and stands in its own stack's part alone.
    """
    readers = _readers(resources)
    changes = (
        HandOverChange(
            output=output,
            consumers=tuple(
                Consumer(each.name, each.region, status)
                for each in stacks
                if (status := _status(each, stack, output.name, readers))
            ),
        )
        for stack in stacks
        for output in sorted(stack.outputs, key=lambda each: each.name)
    )
    return tuple(each for each in changes if each.consumers)


def upstream(stacks: Iterable[StackResources]) -> Mapping[str, set[str]]:
    """Give, for each stack, those whose outputs it reads."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for reader, reads in _readers(tuple(stacks)).items():
        found[reader] |= {stack for stack, _ in reads}
    return found


def _status(
    consumer: StackReview, owner: StackReview, output: str, readers: Mapping[str, set[_Read]]
) -> _Status | None:
    if consumer.status == "waiting" and owner.name in consumer.waits_for:
        return "waiting"
    reads = readers.get(consumer.name, set())
    if not reads & {(owner.name, output), (owner.name, _ANY)}:
        return None
    return "changes" if consumer.has_changes else "unchanged"


def _readers(resources: Sequence[StackResources]) -> Mapping[str, set[_Read]]:
    hand_overs = HandOvers(resources)
    return {each.name: set(_reads(each, resources, hand_overs)) for each in resources}


def _reads(
    stack: StackResources, resources: Sequence[StackResources], hand_overs: HandOvers
) -> Iterator[_Read]:
    """Yield what a stack reads; all of a state of which no output is named, as through locals."""
    named: defaultdict[str, set[str]] = defaultdict(set)
    if stack.reads:
        for source, output in _named(stack):
            named[source].add(output)
    for read in stack.reads:
        number = hand_overs.stack(read)
        if number is not None:
            owner = resources[number].name
            yield from ((owner, output) for output in named.get(read.name) or {_ANY})


def _named(stack: StackResources) -> Iterator[tuple[str, str]]:
    """Yield each remote state and output that an expression of a stack refers to."""
    for text in _expressions(stack):
        if _REMOTE_STATE not in text:
            continue
        for reference in references(text):
            before, found, after = reference.partition(_REMOTE_STATE)
            way = steps(after) if found else ()
            if len(way) > 1 and way[1] == _OUTPUTS:
                output = way[2] if len(way) > 2 else _ANY  # noqa: PLR2004 - name, outputs, output
                yield f"{before}{way[0]}", str(output)


def _expressions(stack: StackResources) -> Iterator[str]:
    for resource in stack.resources:
        yield from resource.origins.values()
        yield from texts_in(dict(resource.values))
    yield from texts_in(dict(stack.definitions))
    yield from texts_in(dict(stack.outputs))
