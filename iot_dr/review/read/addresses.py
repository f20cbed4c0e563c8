"""The addresses of a stack, without the secrets in the keys of instances."""

from iot_dr.review.read.secrets import Secrets
from iot_dr.review.read.shown import SENSITIVE


class Addresses:
    """Gives each address of a stack as it may be told; those of two resources always differ."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._by_raw: dict[str, str] = {}
        self._taken: dict[str, int] = {}

    def told(self, raw: str) -> str:
        """Give an address with `(sensitive)`, or `(sensitive 2)`, in the place of a secret."""
        if found := self._by_raw.get(raw):
            return found
        hidden = self._secrets.hidden(raw)
        if hidden == raw:
            return raw
        number = self._taken[hidden] = self._taken.get(hidden, 0) + 1
        if number > 1:
            numbered = SENSITIVE.text.replace(")", f" {number})")
            hidden = hidden.replace(SENSITIVE.text, numbered, 1)
        self._by_raw[raw] = hidden
        return hidden
