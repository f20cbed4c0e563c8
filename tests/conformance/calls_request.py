"""The IAM action of a request to AWS, derived from the models of its services."""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final, cast
from urllib.parse import parse_qs, urlsplit

from botocore.loaders import create_loader

from iot_dr.drill.play.faults import ApiRequest

_MODELS: Final = {"monitoring": "cloudwatch", "apigateway": "apigatewayv2"}
# Actions whose name differs from the operation's, or whose service differs from the model's:
# docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
_ACTIONS: Final = {
    "s3:DeleteBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:DeleteBucketLifecycle": "s3:PutLifecycleConfiguration",
    "s3:DeleteBucketOwnershipControls": "s3:PutBucketOwnershipControls",
    "s3:DeleteBucketReplication": "s3:PutReplicationConfiguration",
    "s3:DeleteBucketTagging": "s3:PutBucketTagging",
    "s3:DeletePublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3:GetBucketAccelerateConfiguration": "s3:GetAccelerateConfiguration",
    "s3:GetBucketCors": "s3:GetBucketCORS",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "s3:GetBucketReplication": "s3:GetReplicationConfiguration",
    "s3:GetObjectLockConfiguration": "s3:GetBucketObjectLockConfiguration",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
    "s3:PutBucketReplication": "s3:PutReplicationConfiguration",
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
}
# Operations with the same method and path as another one, and their additional required parameter.
_PLAIN: Final = {"DeleteObject", "GetObject", "HeadObject", "PutObject"}


def operation(request: ApiRequest) -> str:
    """Return the operation of a request, as named in the service's model."""
    target = {key.lower(): value for key, value in request.headers.items()}.get("x-amz-target")
    if target:
        return target.rpartition(".")[2]
    form = parse_qs(request.body.decode("utf-8", "replace"))
    if request.service in {"iam", "monitoring", "sns", "sts"}:
        return form["Action"][0]
    return _by_path(_MODELS.get(request.service, request.service), request.method, request.path)


def action(request: ApiRequest) -> str:
    """Return the IAM action of a request."""
    if request.service == "apigateway":
        return f"apigateway:{request.method}"
    service = _MODELS.get(request.service, request.service)
    named = f"{service}:{operation(request)}"
    return _ACTIONS.get(named, named)


def parameters_of(request: ApiRequest) -> dict[str, Any]:
    """Parse the body of a request: its JSON, its form, or the text of its XML."""
    text = request.body.decode("utf-8", "replace")
    if text.startswith("{"):
        return json.loads(text)
    if "Action=" in text and "<" not in text:
        return {key: values[0] for key, values in parse_qs(text).items()}
    return {"xml": text}


@cache
def _operations(service: str) -> Mapping[str, tuple[str, str]]:
    """Return the method and the path of each operation by its name."""
    # Read again, because a used S3 client changes the paths in the model that sessions share.
    model = cast("Any", create_loader()).load_service_model(service, "service-2")
    named: dict[str, Any] = model["operations"]
    return {
        name: (each["http"]["method"], each["http"]["requestUri"]) for name, each in named.items()
    }


def _by_path(service: str, method: str, path: str) -> str:
    asked = urlsplit(path)
    keys = set(parse_qs(asked.query, keep_blank_values=True))
    results: list[tuple[int, int, str]] = []
    for name, (wanted_method, template) in _operations(service).items():
        wanted = urlsplit(template)
        wanted_keys = set(parse_qs(wanted.query, keep_blank_values=True))
        if wanted_method != method or not wanted_keys <= keys:
            continue
        # A name in braces matches one part of the path, or the whole rest if it has a plus.
        parts = re.split(r"(\{[^{}]+\})", wanted.path.rstrip("/") or "/")
        pattern = "".join(
            (".+" if part.endswith("+}") else "[^/]+") if part.startswith("{") else re.escape(part)
            for part in parts
        )
        if re.fullmatch(f"{pattern}/?", asked.path):
            results.append((len(wanted_keys), len(re.sub(r"\{.*?\}", "", wanted.path)), name))
    if not results:
        raise LookupError(f"{service}: {method} {path}")
    *_, best = sorted(results, key=lambda each: (*each[:2], each[2] in _PLAIN))
    return best[2]
