"""The topics of the fleet's things, and what a device asks of AWS IoT."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from iot_dr.design.iot_policy import Action

THING_NAMES: Final = "drill-[0-9]{6,}"
"""Regular expression of the names of the fleet's things."""


@dataclass(frozen=True, slots=True)
class Topics:
    """Topics of a thing, on which its policy allows only itself to act."""

    environment: str
    thing: str

    @property
    def messages(self) -> str:
        """Topic of the numbered messages."""
        return f"{self._own}/up/drill"

    @property
    def hello(self) -> str:
        """Topic of the first message of a connection."""
        return f"{self._own}/up/hello"

    @property
    def answer(self) -> str:
        """Topic of a consumer's answer to it."""
        return f"{self._own}/down/hello"

    @property
    def commands(self) -> str:
        """Topic filter that a device subscribes to."""
        return f"{self._own}/down/#"

    @property
    def requests(self) -> Mapping[Action, tuple[str, ...]]:
        """What a device asks of AWS IoT: client ids, topics and topic filters by action."""
        return {
            "Connect": (self.thing,),
            "Subscribe": (self.commands,),
            "Publish": (self.hello, self.messages),
            "Receive": (self.answer,),
        }

    @property
    def _own(self) -> str:
        return f"iot-{self.environment}/{self.thing}"
