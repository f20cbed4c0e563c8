"""The unit of replication: a resource of the IoT Core registry, or a half of a device shadow."""

import re
from dataclasses import dataclass
from enum import StrEnum

from functions.contract import Kind


class EntityError(ValueError):
    """A key, name or message that does not identify an entity of this account and region."""


class Half(StrEnum):
    """The halves of a shadow: the desired and the reported section of its state document."""

    DESIRED = "desired"
    REPORTED = "reported"


# The patterns and lengths of docs.aws.amazon.com/iot/latest/apireference.
_REGISTERED = "[a-zA-Z0-9:_-]{1,128}"
_CERTIFICATE = "[a-fA-F0-9]{64}"
_NAMES = {
    Kind.THING_TYPE: _REGISTERED,
    Kind.THING_GROUP: _REGISTERED,
    Kind.POLICY: r"[a-zA-Z0-9_+=,.@-]{1,128}",
    Kind.CA_CERTIFICATE: _CERTIFICATE,
    Kind.CERTIFICATE: _CERTIFICATE,
    Kind.THING: _REGISTERED,
    Kind.SHADOW: rf"{_REGISTERED}/[$a-zA-Z0-9:_-]{{0,64}}/(?:{'|'.join(Half)})",
}


@dataclass(frozen=True, order=True)
class Entity:
    """A kind and a name; the name of a shadow half is `{thing}/{shadow}/{half}`.

    `{shadow}` is empty for the classic shadow. Raises EntityError if AWS allows no such name.
    """

    kind: Kind
    name: str

    def __post_init__(self) -> None:
        if re.fullmatch(_NAMES[self.kind], self.name) is None:
            raise EntityError(f"{self.name!r} is not a valid name of a {self.kind}")

    @property
    def key(self) -> str:
        """The key in rows, messages and logs, such as `thing/sensor-1`."""
        return f"{self.kind}/{self.name}"

    @property
    def is_reported(self) -> bool:
        """Whether the entity is the reported half of a shadow."""
        return self.kind is Kind.SHADOW and self.name.endswith(f"/{Half.REPORTED}")

    @classmethod
    def parse(cls, key: str) -> "Entity":
        """Parse a key; raises EntityError if it does not identify an entity."""
        kind, _, name = key.partition("/")
        if kind not in list(Kind):
            raise EntityError(f"{key!r} is not the key of an entity")
        return cls(Kind(kind), name)

    @classmethod
    def shadow(cls, thing: str, shadow: str, half: Half) -> "Entity":
        """Return a half of a thing's shadow; `shadow` is empty for the classic one."""
        return cls(Kind.SHADOW, f"{thing}/{shadow}/{half}")
