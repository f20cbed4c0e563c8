"""What IAM authorizes for a request to AWS: actions, resources and condition keys."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, cast
from urllib.parse import unquote, urlsplit

from iot_dr.drill.play.faults import ApiRequest
from tests.conformance.calls_request import action, parameters_of
from tests.support.iam import Call

# Additional actions if a resource is created with tags:
# docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html
_TAGGING: Final = {
    "acm:RequestCertificate": "acm:AddTagsToCertificate",
    "cloudtrail:CreateTrail": "cloudtrail:AddTags",
    "cloudwatch:PutMetricAlarm": "cloudwatch:TagResource",
    "codepipeline:CreatePipeline": "codepipeline:TagResource",
    "dynamodb:CreateTable": "dynamodb:TagResource",
    "events:PutRule": "events:TagResource",
    "iam:CreateRole": "iam:TagRole",
    "iot:CreateDomainConfiguration": "iot:TagResource",
    "iot:CreatePolicy": "iot:TagResource",
    "kms:CreateKey": "kms:TagResource",
    "lambda:CreateEventSourceMapping": "lambda:TagResource",
    "lambda:CreateFunction": "lambda:TagResource",
    "logs:CreateLogGroup": "logs:TagResource",
    "sns:CreateTopic": "sns:TagResource",
    "sqs:CreateQueue": "sqs:TagQueue",
}
_PASSING: Final = {
    "codebuild:CreateProject": ("serviceRole", "codebuild"),
    "codebuild:UpdateProject": ("serviceRole", "codebuild"),
    "codepipeline:CreatePipeline": ("pipeline.roleArn", "codepipeline"),
    "codepipeline:UpdatePipeline": ("pipeline.roleArn", "codepipeline"),
    "iot:CreateTopicRule": ("actions", "iot"),
    "iot:ReplaceTopicRule": ("actions", "iot"),
    "lambda:CreateFunction": ("Role", "lambda"),
    "s3:PutReplicationConfiguration": ("xml", "s3"),
}
"""The parameters in which a request passes a role to a service, and the service."""
_ARN: Final = re.compile(r"arn:aws:iam::\d+:role/[\w/-]+")
_MADE: Final = {
    "acm:RequestCertificate": "certificate/new",
    "kms:CreateKey": "key/new",
    "lambda:CreateEventSourceMapping": "event-source-mapping:new",
}
"""Placeholders of ids that AWS generates."""

# The parameters that name a request's resource, by its service; the first present one counts.
_NAMED: Final[Mapping[str, Mapping[str, str]]] = {
    "acm": {"CertificateArn": "{}"},
    "cloudtrail": {
        "ResourceIdList": "{}",
        "ResourceId": "{}",
        "TrailName": "{}",
        "Name": "trail/{}",
    },
    "codebuild": {"name": "project/{}", "names": "project/{}"},
    "codepipeline": {"resourceArn": "{}", "pipeline.name": "{}", "name": "{}"},
    "dynamodb": {"ResourceArn": "{}", "TableName": "table/{}"},
    "events": {"ResourceARN": "{}", "Rule": "rule/{}", "Name": "rule/{}"},
    "iot": {"resourceArn": "{}"},
    "kinesis": {"StreamName": "stream/{}"},
    "kms": {"KeyId": "key/{}"},
    "lambda": {"FunctionName": "function:{}"},
    "logs": {"resourceArn": "{}", "logGroupName": "log-group:{}"},
    "monitoring": {
        "ResourceARN": "{}",
        "AlarmNames.member.1": "alarm:{}",
        "AlarmName": "alarm:{}",
    },
    "sns": {"TopicArn": "{}", "ResourceArn": "{}", "Name": "{}"},
    "sqs": {"QueueUrl": "{}", "QueueName": "{}"},
}
_IN_PATH: Final = {
    "lambda": r"/(?P<kind>functions|event-source-mappings)/(?P<name>[^/]+)",
    "iot": r"/(?P<kind>domainConfigurations|policies|rules)/(?P<name>[^/]+)",
}
_KINDS: Final = {
    "domainConfigurations": "domainconfiguration/{}",
    "event-source-mappings": "event-source-mapping:{}",
    "functions": "function:{}",
    "policies": "policy/{}",
    "rules": "rule/{}",
}
# Actions with a name parameter but without a resource type.
_WITHOUT_RESOURCE: Final = {"lambda:CreateEventSourceMapping"}
_ARN_SERVICES: Final = {"monitoring": "cloudwatch"}
_ROUTE53: Final = "2013-04-01"
"""The version before the resource kind in a path; directly before a kind that is created."""


def calls(request: ApiRequest, account: str) -> Iterator[Call]:
    """Return everything that IAM authorizes for a request to an account."""
    asked, said = action(request), parameters_of(request)
    resource = "*" if asked in _WITHOUT_RESOURCE else _resource(request, said, account)
    place = f"arn:aws:{request.service}:{request.region}:{account}"
    context = {"aws:RequestedRegion": request.region, **_said(asked, said)}
    yield Call(asked, resource, context)
    if asked in _TAGGING and any(key.startswith("aws:RequestTag/") for key in context):
        made = f"{place}:{_MADE[asked]}" if resource == "*" else resource
        yield Call(_TAGGING[asked], made, context)
    if asked == "kms:CreateKey" and "Policy" in said:
        yield Call("kms:PutKeyPolicy", f"{place}:{_MADE[asked]}", context)
    if asked in _PASSING:
        where, service = _PASSING[asked]
        if result := _ARN.search(str(_at(said, where))):
            passed = {"iam:PassedToService": f"{service}.amazonaws.com"}
            yield Call("iam:PassRole", result[0], {**context, **passed})


def _said(asked: str, said: dict[str, Any]) -> dict[str, str | tuple[str, ...]]:
    document: dict[str, str | tuple[str, ...]] = {
        f"aws:RequestTag/{key}": value for key, value in _tags(said)
    }
    xml = said.get("xml", "")
    if asked == "route53:ChangeResourceRecordSets":
        prefix = "route53:ChangeResourceRecordSets"
        names = tuple(name.rstrip(".").lower() for name in re.findall(r"<Name>(.*?)</Name>", xml))
        document[f"{prefix}NormalizedRecordNames"] = names
        document[f"{prefix}RecordTypes"] = tuple(re.findall(r"<Type>(.*?)</Type>", xml))
    if asked == "acm:RequestCertificate":
        document["acm:DomainNames"] = tuple(said["SubjectAlternativeNames"])
    if asked.endswith("EventSourceMapping") and "FunctionName" in said:
        document["lambda:FunctionArn"] = said["FunctionName"]
    if boundary := said.get("PermissionsBoundary"):
        document["iam:PermissionsBoundary"] = boundary
    return document


def _tags(said: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in said.items():
        if match := re.fullmatch(r"Tags\.member\.(\d+)\.Key", key):
            yield value, said[f"Tags.member.{match[1]}.Value"]
    tags: Any = said.get("Tags") or said.get("tags") or {}
    if isinstance(tags, dict):
        yield from cast("dict[str, str]", tags).items()
        return
    for tag in cast("list[dict[str, str]]", tags):
        # Key or TagKey, in upper or lower case, and likewise its value; the key comes first.
        key, value = (tag[kind] for kind in sorted(tag, key=lambda kind: "alue" in kind))
        yield key, value


def _resource(request: ApiRequest, said: dict[str, Any], account: str) -> str:
    path = unquote(urlsplit(request.path).path)
    match request.service:
        case "s3":
            return f"arn:aws:s3:::{path.strip('/')}"
        case "route53":
            *_, kind, name = re.sub(r"/rrset/?$", "", path).split("/")
            return "*" if kind == _ROUTE53 else f"arn:aws:route53:::{kind}/{name}"
        case "apigateway":
            return f"arn:aws:apigateway:{request.region}::{path.removeprefix('/v2')}"
        case "monitoring" if name := said.get("DashboardName", said.get("DashboardNames.member.1")):
            return f"arn:aws:cloudwatch::{account}:dashboard/{name}"
        case "iam":
            return said.get("PolicyArn") or f"arn:aws:iam::{account}:{_iam_name(said)}"
        case _:
            service = _ARN_SERVICES.get(request.service, request.service)
            place = f"arn:aws:{service}:{request.region}:{account}"
            return _in_path(request, path, place) or _in_body(request, said, place) or "*"


def _in_path(request: ApiRequest, path: str, place: str) -> str | None:
    if named := re.search(r"arn:aws:.+", path) or re.search(r"arn%3Aaws[^&]+", request.path):
        return unquote(named[0])
    result = re.search(_IN_PATH.get(request.service, "$^"), path)
    return f"{place}:{_KINDS[result['kind']].format(result['name'])}" if result else None


def _in_body(request: ApiRequest, said: dict[str, Any], place: str) -> str | None:
    for key, kind in _NAMED[request.service].items():
        if value := _at(said, key):
            name = str(cast("list[str]", value)[0] if isinstance(value, list) else value)
            name = name.rpartition("/")[2] if key == "QueueUrl" else name
            return name if name.startswith("arn:") else f"{place}:{kind.format(name)}"
    return None


def _iam_name(said: dict[str, Any]) -> str:
    if "RoleName" not in said:
        return f"policy{said['Path']}{said['PolicyName']}"
    # A request names a role without its path; the path is a pipeline's, or there is none.
    role = said["RoleName"]
    is_pipeline = re.search(r"-dev-(apply|pipeline|plan|synth|verify)-", role)
    return f"role/iot-dr/{role}" if is_pipeline else f"role/{role}"


def _at(said: Mapping[str, Any], where: str) -> Any:
    if where in said:
        return said[where]
    first, _, rest = where.partition(".")
    below = said.get(first)
    return _at(cast("Mapping[str, Any]", below), rest) if isinstance(below, dict) else None
