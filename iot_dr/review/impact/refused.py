"""The review of a design that the rules refuse at its synthesis, so that nothing was planned."""

from iot_dr.review.impact.review import Review
from iot_dr.rules.engine import Judgement
from iot_dr.rules.rule import Verdict


def refused(environment: str, provider: str, base: str | None, judgement: Judgement) -> Review:
    """Give the review: it blocks, with what the rules found in the synthesized design."""
    first = judgement.findings[0]
    return Review(
        environment=environment,
        provider=provider,
        base=base,
        verdict=Verdict.BLOCK,
        reason=f"the rules refuse this design, and nothing was planned: {first.message}",
        stacks=(),
        attention=(),
        judgement=judgement,
        hand_overs=(),
        one_sided=(),
        recovery=None,
        notes=("this is what the synthesized design shows; no plan was made of it",),
    )
