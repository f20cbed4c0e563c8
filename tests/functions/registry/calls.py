"""The calls to a region's IoT Core: AWS reports them, and may refuse those of the functions."""

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from functions.registry.access.client import clients
from tests.functions.registry.events import event_of
from tests.functions.registry.pair import Side

_FIRST_ERROR = 300


@dataclass
class Calls:
    """What was called in a region; each change, a copied one too, makes an event to be captured."""

    side: Side
    throttled: bool = False
    refused: int = 0
    worked: Counter[str] = field(default_factory=Counter[str])

    def note(self, params: Any, context: dict[str, Any], **_call: object) -> None:
        context["given"] = params

    def notify(
        self, http_response: Any, parsed: Any, context: Any, model: Any, **_c: object
    ) -> None:
        if http_response.status_code >= _FIRST_ERROR:
            return
        self.worked[model.name] += 1
        event = event_of(model.name, context["given"], parsed, self.side.aws.region)
        if event is not None:
            self.side.put("capture", event)

    def refuse(self, model: Any, **_call: object) -> tuple[Any, dict[str, Any]] | None:
        # Each API has a quota of its own, and a function asks for its endpoint once.
        if not self.throttled or model.name == "DescribeEndpoint":
            return None
        self.refused += 1
        error = {"Code": "ThrottlingException", "Message": "Rate exceeded"}
        return SimpleNamespace(status_code=400), {"Error": error, "ResponseMetadata": {}}


@contextmanager
def listening(side: Side) -> Generator[Calls]:
    """Listen to a region's calls for a `with` block."""
    calls, theirs = Calls(side), clients(side.aws.region)
    of_functions = (theirs.iot, theirs.iot_data)
    hooks = [
        *((client, "before-call", calls.refuse) for client in of_functions),
        *(
            (client, event, hook)
            for client in (side.aws.iot, side.aws.shadows, *of_functions)
            for event, hook in (
                ("before-parameter-build", calls.note),
                ("after-call", calls.notify),
            )
        ),
    ]
    for client, event, hook in hooks:
        client.meta.events.register_first(event, hook)
    try:
        yield calls
    finally:
        for client, event, hook in hooks:
            client.meta.events.unregister(event, hook)
