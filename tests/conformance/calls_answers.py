"""AWS's answers to requests that moto does not support, as far as a provider reads them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote

from iot_dr.drill.play.faults import ApiRequest, Reply
from tests.conformance.calls_request import operation

_TAGGED: Final = {"iot", "apigateway"}


@dataclass
class Answers:
    """Stores projects, pipelines and stream consumers of an account, and accepts every tag."""

    account: str
    kept: dict[tuple[str, str], dict[str, Any]] = field(
        default_factory=dict[tuple[str, str], dict[str, Any]]
    )

    def __call__(self, request: ApiRequest) -> Reply | None:
        """Answer a request, or leave it to moto."""
        is_tagging = request.path.startswith(("/tags", "/untag", "/v2/tags/"))
        if request.service in _TAGGED and is_tagging and request.method != "GET":
            return _json({})
        if request.service == "lambda":
            return self._lambda(request)
        answer = {
            "codebuild": self._project,
            "codepipeline": self._pipeline,
        }.get(request.service)
        if answer is None:
            return None
        return _json(answer(request, operation(request), json.loads(request.body or b"{}")))

    def _lambda(self, request: ApiRequest) -> Reply | None:
        path = unquote(request.path).partition("?")[0]
        tagged = path.rpartition("event-source-mapping:")[2]
        if path.endswith("/recursion-config"):
            return _json({"RecursiveLoop": "Allow"})
        if (request.region, f"mapping-{tagged}") in self.kept:
            return _json({"Tags": {}})
        return self._mapping(request) if "/event-source-mappings" in path else None

    def _mapping(self, request: ApiRequest) -> Reply | None:
        """Map the stream of a replica, which moto does not support, to a function."""
        said = json.loads(request.body or b"{}")
        place = request.region, f"mapping-{request.path.rpartition('/')[2]}"
        if request.method == "POST" and ":dynamodb:" in said["EventSourceArn"]:
            name = f"00000000-0000-4000-8000-{len(self.kept):012}"
            place = request.region, f"mapping-{name}"
            function, arn = said["FunctionName"], self._arn(request, f"event-source-mapping:{name}")
            made = {"UUID": name, "EventSourceMappingArn": arn, "FunctionArn": function}
            self.kept[place] = {**said, **made, "State": "Enabled"}
        elif place not in self.kept:
            return None
        elif request.method == "DELETE":
            return _json(self.kept.pop(place))
        self.kept[place] |= said
        return _json(self.kept[place])

    def _project(self, request: ApiRequest, asked: str, said: dict[str, Any]) -> Mapping[str, Any]:
        if asked == "BatchGetProjects":
            # Requested by ARN.
            names = [each.rpartition("/")[2] for each in said["names"]]
            results = [self.kept.get((request.region, name)) for name in names]
            return {"projects": [each for each in results if each]}
        name = said["name"].rpartition("/")[2]
        if asked == "DeleteProject":
            self.kept.pop((request.region, name), None)
            return {}
        arn = self._arn(request, f"project/{name}")
        project = {**self.kept.get((request.region, name), {}), **said, "arn": arn}
        self.kept[request.region, name] = project
        return {"project": project}

    def _pipeline(self, request: ApiRequest, asked: str, said: dict[str, Any]) -> Mapping[str, Any]:
        if asked in {"CreatePipeline", "UpdatePipeline"}:
            pipeline = said["pipeline"]
            self.kept[request.region, pipeline["name"]] = pipeline
            return {"pipeline": pipeline}
        if asked == "GetPipeline":
            arn = self._arn(request, said["name"])
            pipeline = self.kept[request.region, said["name"]]
            return {"pipeline": pipeline, "metadata": {"pipelineArn": arn}}
        return {"tags": []} if asked == "ListTagsForResource" else {}

    def _arn(self, request: ApiRequest, name: str) -> str:
        return f"arn:aws:{request.service}:{request.region}:{self.account}:{name}"


def _json(content: Mapping[str, Any]) -> Reply:
    return Reply(200, json.dumps(content).encode(), "application/json")
