"""The first lines of a review: what was planned, and the verdict."""

from iot_dr.review.impact.review import Review
from iot_dr.review.render.phrase import Kind, Part, Phrase, code, phrase, sentence


def title(review: Review) -> Phrase:
    """Name environment, wave, provider and base, as far as they are known."""
    parts: list[Part | str] = ["Plan review"]
    if review.environment:
        parts += [" of ", code(review.environment)]
    if review.wave is not None:
        parts.append(f", wave {review.wave}")
    if review.provider:
        parts += [", provider ", *sentence(review.provider, 80)]
    if review.base:
        parts += [", against ", code(review.base)]
    elif review.provider:
        parts.append(", no base")
    return phrase(*parts)


def verdict(review: Review) -> Phrase:
    """Tell the verdict and the reason that made it."""
    return phrase(Part(Kind.VERDICT, review.verdict.value), ": ", *sentence(review.reason))
