"""What could not be seen."""

from dataclasses import dataclass

from iot_dr.common.plain_text import plain


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing is known of something, and why; the reason is safe to print."""

    reason: str

    @classmethod
    def because(cls, error: Exception) -> "Unknown":
        """Give the reason as an error tells it, on one line."""
        return cls(plain(" ".join(str(error).split())) or type(error).__name__)
