"""Replicas of DynamoDB's tables, which moto does not support."""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection
from typing import Any, Final
from urllib.parse import urlsplit

from iot_dr.drill.play.faults import ApiRequest, Reply

_JSON: Final = "application/x-amz-json-1.0"
_MISSING: Final = Reply(
    400,
    b'{"__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"}',
    _JSON,
)


@dataclass
class Replicas:
    """Answers for a table in each region that has a replica, as moto does for the table itself.

    `moto` is the endpoint behind this; requests about a replica go to its table there.
    """

    moto: str
    homes: dict[str, str] = field(default_factory=dict[str, str])
    regions: defaultdict[str, set[str]] = field(
        default_factory=lambda: defaultdict[str, set[str]](set)
    )

    def __call__(self, request: ApiRequest) -> Reply | None:
        """Answer a request, or leave it to moto."""
        if request.service != "dynamodb":
            return None
        said = json.loads(request.body)
        name = said.get("TableName") or said["ResourceArn"].rpartition("/")[2]
        asked = request.headers["X-Amz-Target"].rpartition(".")[2]
        if asked == "CreateTable":
            self.homes[name] = request.region
        if request.region == self.homes.get(name):
            return self._of_home(request, asked, name, said)
        return self._of_replica(request, asked, name)

    def _of_home(
        self, request: ApiRequest, asked: str, name: str, said: dict[str, Any]
    ) -> Reply | None:
        if asked == "UpdateTable" and (updates := said.get("ReplicaUpdates")):
            for kind, update in (each for all_ in updates for each in all_.items()):
                region = update["RegionName"]
                change = self.regions[name].discard if kind == "Delete" else self.regions[name].add
                change(region)
            return self._described(request, name)
        return self._described(request, name) if asked == "DescribeTable" else None

    def _of_replica(self, request: ApiRequest, asked: str, name: str) -> Reply:
        if request.region not in self.regions[name]:
            return _MISSING
        return self._described(request, name) if asked == "DescribeTable" else self._of(request)

    def _described(self, request: ApiRequest, name: str) -> Reply:
        target = request.headers["X-Amz-Target"].replace("UpdateTable", "DescribeTable")
        asking = {**request.headers, "X-Amz-Target": target}
        described = self._of(request, asking, json.dumps({"TableName": name}).encode())
        if described.status != HTTPStatus.OK:
            return described
        table = json.loads(described.body)["Table"]
        others = {*self.regions[name], self.homes[name]} - {request.region}
        status = [{"RegionName": each, "ReplicaStatus": "ACTIVE"} for each in sorted(others)]
        whole = {**table, "Replicas": status}
        document = {"Table": whole, "TableDescription": whole}
        return Reply(described.status, json.dumps(document).encode(), _JSON)

    def _of(
        self, request: ApiRequest, headers: dict[str, str] | None = None, body: bytes = b""
    ) -> Reply:
        """Send a request to moto in the table's own region: moto does not verify signatures."""
        name = json.loads(request.body).get("TableName")
        home = self.homes[name or json.loads(request.body)["ResourceArn"].rpartition("/")[2]]
        sent = {
            key: value.replace(f"/{request.region}/", f"/{home}/")
            for key, value in (headers or request.headers).items()
            if key.lower() not in {"content-length", "host"}
        }
        here, there = (f":{each}:".encode() for each in (request.region, home))
        connection = HTTPConnection(urlsplit(self.moto).netloc, timeout=60)
        connection.request("POST", "/", (body or request.body).replace(here, there), sent)
        answer = connection.getresponse()
        content = answer.read().replace(there, here)
        connection.close()
        return Reply(answer.status, content, _JSON)
