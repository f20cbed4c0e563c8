"""Answers of AWS to what moto does not know, as far as a provider reads them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tests.conformance.calls_request import operation
from tests.support.aws_faults import Reply, Request

_TAGGED: Final = {"iot", "apigateway"}


@dataclass
class Answers:
    """Keeps projects, pipelines and notices of an account, and takes every tag."""

    account: str
    kept: dict[tuple[str, str], dict[str, Any]] = field(
        default_factory=dict[tuple[str, str], dict[str, Any]]
    )

    def __call__(self, request: Request) -> Reply | None:
        """Answer a request, or leave it to moto."""
        is_tagging = request.path.startswith(("/tags", "/untag", "/v2/tags/"))
        if request.service in _TAGGED and is_tagging and request.method != "GET":
            return _json({})
        answer = {
            "codebuild": self._project,
            "codepipeline": self._pipeline,
            "codestar-notifications": self._notice,
        }.get(request.service)
        if answer is None:
            return None
        return _json(answer(request, operation(request), json.loads(request.body or b"{}")))

    def _project(self, request: Request, asked: str, said: dict[str, Any]) -> Mapping[str, Any]:
        if asked == "BatchGetProjects":
            # Asked for by ARN.
            names = [each.rpartition("/")[2] for each in said["names"]]
            found = [self.kept.get((request.region, name)) for name in names]
            return {"projects": [each for each in found if each]}
        name = said["name"].rpartition("/")[2]
        if asked == "DeleteProject":
            self.kept.pop((request.region, name), None)
            return {}
        arn = self._arn(request, f"project/{name}")
        project = {**self.kept.get((request.region, name), {}), **said, "arn": arn}
        self.kept[request.region, name] = project
        return {"project": project}

    def _pipeline(self, request: Request, asked: str, said: dict[str, Any]) -> Mapping[str, Any]:
        if asked in {"CreatePipeline", "UpdatePipeline"}:
            pipeline = said["pipeline"]
            self.kept[request.region, pipeline["name"]] = pipeline
            return {"pipeline": pipeline}
        if asked == "GetPipeline":
            arn = self._arn(request, said["name"])
            pipeline = self.kept[request.region, said["name"]]
            return {"pipeline": pipeline, "metadata": {"pipelineArn": arn}}
        return {"tags": []} if asked == "ListTagsForResource" else {}

    def _notice(self, request: Request, asked: str, said: dict[str, Any]) -> Mapping[str, Any]:
        arn = self._arn(request, "notificationrule/0")
        if asked == "CreateNotificationRule":
            events = [{"EventTypeId": each} for each in said["EventTypeIds"]]
            targets = [{**each, "TargetStatus": "ACTIVE"} for each in said["Targets"]]
            rule = {**said, "Arn": arn, "EventTypes": events, "Targets": targets}
            self.kept[request.region, arn] = rule
        rule = self.kept.get((request.region, arn), {})
        return rule if asked == "DescribeNotificationRule" else {"Arn": arn, "Tags": {}}

    def _arn(self, request: Request, name: str) -> str:
        return f"arn:aws:{request.service}:{request.region}:{self.account}:{name}"


def _json(content: Mapping[str, Any]) -> Reply:
    return Reply(200, json.dumps(content).encode(), "application/json")
