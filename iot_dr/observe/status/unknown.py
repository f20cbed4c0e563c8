"""Unknown values."""

from dataclasses import dataclass

from iot_dr.common.plain_text import plain


@dataclass(frozen=True, slots=True)
class UnknownValue:
    """An unknown value, with the reason; safe to print."""

    reason: str

    @classmethod
    def because(cls, error: Exception) -> "UnknownValue":
        """Return an unknown value whose reason is the error's message on one line."""
        return cls(plain(" ".join(str(error).split())) or type(error).__name__)
