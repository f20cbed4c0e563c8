"""Finds the stacks that read changed outputs."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal

from iot_dr.review.impact.review import HandOverChange, OutputConsumer
from iot_dr.review.read.stack_review import StackReview
from iot_dr.terraform_json.expression import references, steps
from iot_dr.terraform_json.hand_over import HandOvers
from iot_dr.terraform_json.json_value import texts_in
from iot_dr.terraform_json.stack_resources import StackResources

_REMOTE_STATE: Final = "data.terraform_remote_state."
_OUTPUTS: Final = "outputs"
_ANY_OUTPUT: Final = "*"
"""Any output: the reference does not name one."""

_Status = Literal["changes", "unchanged", "waiting"]
_Read = tuple[str, str]
"""A stack and the name of one of its outputs."""


def hand_over_changes(
    stacks: Sequence[StackReview], resources: Sequence[StackResources]
) -> tuple[HandOverChange, ...]:
    """Return the changed outputs with the stacks that read or wait for them, in stack order.

    Outputs that no stack reads are left out; the review shows them with their own stack.
    """
    readers = _readers(resources)
    changes = (
        HandOverChange(
            output=output,
            consumers=tuple(
                OutputConsumer(consumer.name, consumer.region, status)
                for consumer in stacks
                if (status := _status(consumer, stack, output.name, readers))
            ),
        )
        for stack in stacks
        for output in sorted(stack.outputs, key=lambda output: output.name)
    )
    return tuple(each for each in changes if each.consumers)


def upstream(stacks: Iterable[StackResources]) -> Mapping[str, set[str]]:
    """Return, for each stack, the stacks whose outputs it reads."""
    sources: defaultdict[str, set[str]] = defaultdict(set)
    for reader, reads in _readers(tuple(stacks)).items():
        sources[reader] |= {stack for stack, _ in reads}
    return sources


def _status(
    consumer: StackReview, owner: StackReview, output: str, readers: Mapping[str, set[_Read]]
) -> _Status | None:
    if consumer.status == "waiting" and owner.name in consumer.waits_for:
        return "waiting"
    reads = readers.get(consumer.name, set())
    if not reads & {(owner.name, output), (owner.name, _ANY_OUTPUT)}:
        return None
    return "changes" if consumer.has_changes else "unchanged"


def _readers(resources: Sequence[StackResources]) -> Mapping[str, set[_Read]]:
    hand_overs = HandOvers(resources)
    return {stack.name: set(_reads(stack, resources, hand_overs)) for stack in resources}


def _reads(
    stack: StackResources, resources: Sequence[StackResources], hand_overs: HandOvers
) -> Iterator[_Read]:
    """Yield the outputs that a stack reads.

    Any output of a remote state from which the configuration names none, for example because it
    passes the whole state through a local value.
    """
    named: defaultdict[str, set[str]] = defaultdict(set)
    if stack.reads:
        for source, output in _named(stack):
            named[source].add(output)
    for read in stack.reads:
        number = hand_overs.stack(read)
        if number is not None:
            owner = resources[number].name
            yield from ((owner, output) for output in named.get(read.name) or {_ANY_OUTPUT})


def _named(stack: StackResources) -> Iterator[tuple[str, str]]:
    """Yield each remote state and output that the expressions of a stack name."""
    for text in _expressions(stack):
        if _REMOTE_STATE not in text:
            continue
        for reference in references(text):
            module, prefix, rest = reference.partition(_REMOTE_STATE)
            path = steps(rest) if prefix else ()
            if len(path) > 1 and path[1] == _OUTPUTS:
                output = path[2] if len(path) > 2 else _ANY_OUTPUT  # noqa: PLR2004 - name, outputs, output
                yield f"{module}{path[0]}", str(output)


def _expressions(stack: StackResources) -> Iterator[str]:
    for resource in stack.resources:
        yield from resource.origins.values()
        yield from texts_in(dict(resource.values))
    yield from texts_in(dict(stack.definitions))
    yield from texts_in(dict(stack.outputs))
