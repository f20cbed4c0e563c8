"""What a proof assumes, or does not know of a design."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Notes:
    """Sentences, each once, in the order in which they came up."""

    _sentences: dict[str, None] = field(default_factory=dict[str, None])

    def add(self, sentence: str) -> None:
        """Add a sentence without a final dot."""
        self._sentences[sentence] = None

    @property
    def sentences(self) -> tuple[str, ...]:
        """All sentences."""
        return tuple(self._sentences)
