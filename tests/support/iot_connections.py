"""AWS IoT's connections of a region: DeleteConnection and the fleet index, strict as its model.

Requests and answers are those of botocore's model: another path, parameter or member fails. Moto
has neither.
"""

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

import botocore.session

from iot_dr.drill.play.faults import ApiRequest, Reply

_OPERATIONS: Final = {
    "iotdata": ("iot-data", "DeleteConnection"),
    "iot": ("iot", "GetIndexingConfiguration", "GetStatistics", "SearchIndex"),
}
_PAGE: Final = 100
_QUOTA: Final = re.compile(r"\.Get(AWSDefault)?ServiceQuota$")


@dataclass
class Connections:
    """The connected clients of a region; `close` is called for each that is closed.

    `closed` has all ids, `times` when. `throttles` calls are refused first. `index` is the mode of
    the index, `quota` the connects a second of every region.
    """

    region: str
    clients: set[str]
    close: Callable[[str], None] = lambda _id: None
    index: str = "STATUS"
    quota: float = 500.0
    throttles: int = 0
    clock: Callable[[], float] = time.monotonic
    closed: list[str] = field(default_factory=list[str])
    times: list[float] = field(default_factory=list[float])

    def answer(self, request: ApiRequest) -> Reply | None:
        """Answer a request; for `Faults.answers`."""
        if _QUOTA.search(request.headers.get("X-Amz-Target", "")):
            return Reply.of_json({"Quota": {"Value": self.quota}})
        asked = _operation(request)
        if asked is None or request.region != self.region:
            return None
        name, given = asked
        if name == "DeleteConnection":
            return self._deleted(**given)
        document = self._document(name, given)
        _check(request.service, name, document)
        return Reply.of_json(document)

    def _deleted(self, *, clientId: str, cleanSession: str) -> Reply:  # noqa: N803 - AWS's names
        if cleanSession != "false" or not 1 <= len(clientId) <= 128 or clientId.startswith("$"):
            return _error(400, "InvalidRequestException")
        if self.throttles:
            self.throttles -= 1
            return _error(429, "ThrottlingException")
        if clientId not in self.clients:
            return _error(404, "ResourceNotFoundException")
        self.clients.remove(clientId)
        self.closed.append(clientId)
        self.times.append(self.clock())
        self.close(clientId)
        return Reply.of_json({})

    def _document(self, name: str, given: dict[str, Any]) -> dict[str, Any]:
        if name == "GetIndexingConfiguration":
            mode = {"thingConnectivityIndexingMode": self.index, "thingIndexingMode": "REGISTRY"}
            return {"thingIndexingConfiguration": mode}
        assert given["queryString"] == "connectivity.connected:true"
        if name == "GetStatistics":
            return {"statistics": {"count": len(self.clients)}}
        begin, known = int(given.get("nextToken", 0)), sorted(self.clients)
        page = known[begin : begin + _PAGE]
        more = {"nextToken": str(begin + _PAGE)} if begin + _PAGE < len(known) else {}
        return {"things": [*map(_thing, page)], **more}


def _thing(client_id: str) -> dict[str, Any]:
    connectivity = {"connected": True, "timestamp": 1, "clientId": client_id}
    return {"thingName": f"thing-of-{client_id}", "connectivity": connectivity}


@cache
def _model(service: str) -> Any:
    return botocore.session.get_session().get_service_model(service)


def _operation(request: ApiRequest) -> tuple[str, dict[str, Any]] | None:
    """Return the operation of a request and its input, None for another one."""
    url = urlsplit(request.path)
    service, *names = _OPERATIONS.get(request.service, ("",))
    for name in names:
        model = _model(service).operation_model(name)
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(model.http["requestUri"]))
        path = re.fullmatch(pattern, url.path)
        if path and model.http["method"] == request.method:
            given = {key: unquote(value) for key, value in path.groupdict().items()}
            given |= dict(parse_qsl(url.query)) | json.loads(request.body or b"{}")
            assert set(given) <= set(model.input_shape.members), (name, given)
            return name, given
    return None


def _check(service: str, name: str, document: dict[str, Any]) -> None:
    shape = _model(_OPERATIONS[service][0]).operation_model(name).output_shape
    assert [*_foreign(shape, document)] == []


def _foreign(shape: Any, value: Any) -> Iterator[str]:
    """Yield the members of a document that the model does not have."""
    if shape.type_name == "list":
        for member in value:
            yield from _foreign(shape.member, member)
    elif shape.type_name == "structure":
        yield from set(value) - set(shape.members)
        for key in set(value) & set(shape.members):
            yield from _foreign(shape.members[key], value[key])


def _error(status: int, code: str) -> Reply:
    return Reply.of_json({"message": code, "__type": code}, status)
