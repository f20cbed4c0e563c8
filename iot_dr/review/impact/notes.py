"""What a review does not judge, and what else its reader must know."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from environments.settings import Settings
from iot_dr.review.read.plan_source import PlanSource
from iot_dr.review.read.stack_review import StackReview
from iot_dr.terraform_json.listing import listing
from iot_dr.terraform_json.provider_choice import Provider
from iot_dr.terraform_json.stack_resources import StackResources
from stacks.platform_graph import platform_graph
from stacks.rollout import Rollout

_STANDIN: Final = Provider.STANDIN.words


def notes(
    source: PlanSource,
    stacks: Sequence[StackReview],
    resources: Sequence[StackResources],
    settings: Settings | None,
) -> Iterator[str]:
    """Say what was not planned or not judged, the most important first."""
    if source.provider == _STANDIN:
        yield (
            "the provider is the stand-in: ids and ARNs are made up, and nobody asked the account"
            " for what stands there; the binding plan is made at deploy time"
        )
        if source.base is None:
            yield "there is no base: all is shown as if nothing existed yet"
    for each in source.dropped:
        yield f"{each} is planned no longer: no plan destroys what stands in it"
    for each in stacks:
        if each.status == "waiting":
            yield (
                f"{each.name} waits for {listing(each.waits_for) or 'another stack'}: its plan"
                " comes later, and may change more than is told here"
            )
    if missing := missing_stacks(stacks, settings, source.wave):
        yield f"no plan is here of {listing(missing)}"
    if settings is None:
        yield (
            "no settings are known: the recovery time is not judged, nor are the names that the"
            " environment ought to have"
        )
    for each in sorted(resources, key=lambda each: each.name):
        for note in each.unjudged:
            yield f"not judged in {each.name}: {note}"


def missing_stacks(
    stacks: Sequence[StackReview], settings: Settings | None, wave: int | None = None
) -> tuple[str, ...]:
    """Name the stacks of an environment, or of a wave of it, that no plan is here of."""
    if settings is None:
        return ()
    there, graph = {each.name for each in stacks}, platform_graph(settings)
    numbers: Mapping[str, int] = {} if wave is None else Rollout(graph).numbers
    return tuple(
        node.name
        for node in graph.nodes
        if node.name not in there and numbers.get(node.name) == wave
    )
