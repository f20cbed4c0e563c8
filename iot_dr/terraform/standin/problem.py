"""An error of the stand-in, as Terraform shows it to its user."""

from dataclasses import dataclass

from iot_dr.terraform.standin.values import Path, encode_path
from iot_dr.terraform.standin.wire import encode_field, encode_message

_ERROR = 1


@dataclass(frozen=True, slots=True)
class Problem:
    """An error with a summary, a sentence on what to do, and a path in the configuration."""

    summary: str
    detail: str
    path: Path = ()

    def encode(self) -> bytes:
        """Encode a `Diagnostic` message."""
        message = (
            encode_field(1, _ERROR) + encode_field(2, self.summary) + encode_field(3, self.detail)
        )
        return message + (encode_message(4, encode_path(self.path)) if self.path else b"")
