"""AWS IoT's APIs that `switch away --drain` calls: the fleet index, and closing a connection."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from iot_dr.drill.fleet.device import thing_name
from iot_dr.drill.play.faults import ApiRequest, Reply
from iot_dr.drill.play.platform import Platform

_CLOSE: Final = "/connections/"


@dataclass(frozen=True)
class Connections:
    """Answers for the connections of a platform's devices; `on_close` gets region and device."""

    platform: Platform
    on_close: Callable[[str, int], None]

    def __call__(self, request: ApiRequest) -> Reply | None:
        """Answer a request, for `Faults.answers`; it may be in another thread."""
        path = request.path.partition("?")[0]
        if request.service == "iotdata" and path.startswith(_CLOSE):
            return self._close(request.region, path.removeprefix(_CLOSE))
        if request.service != "iot" or request.region not in self.platform.regions:
            return None
        links = sorted([*self.platform.regions[request.region].links])
        answers: dict[str, Callable[[], dict[str, Any]]] = {
            "/indexing/config": lambda: _CONFIGURATION,
            "/indices/statistics": lambda: {"statistics": {"count": len(links)}},
            "/indices/search": lambda: {"things": [*map(_thing, links)]},
        }
        return Reply.of_json(answers[path]()) if path in answers else None

    def _close(self, region: str, client_id: str) -> Reply:
        links: Iterable[int] = [*self.platform.regions[region].links]
        device = next((each for each in links if thing_name(each) == client_id), None)
        if device is None:
            error = {"message": "no such connection", "code": "ResourceNotFoundException"}
            return Reply.of_json(error, HTTPStatus.NOT_FOUND)
        self.on_close(region, device)
        return Reply.of_json({})


_CONFIGURATION: Final = {
    "thingIndexingConfiguration": {
        "thingIndexingMode": "REGISTRY",
        "thingConnectivityIndexingMode": "STATUS",
    }
}


def _thing(device: int) -> dict[str, Any]:
    return {"thingName": thing_name(device), "connectivity": {"connected": True}}
