"""The IAM policy that a runbook shows, and the policy that a set of AWS requests needs."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from iot_dr.drill.play.faults import ApiRequest
from tests.support.runbook import PAGES

_SIGNED_AS: Final = {"monitoring": "cloudwatch"}
# The last part of these ARNs differs between calls, and so does the region.
_LAST_PART: Final = re.compile(r"[^:/]+$")


class Grant(NamedTuple):
    """One action on the resources of one ARN, in which `*` matches anything, with one condition."""

    action: str
    resource: str
    condition: str = "{}"


def allowed(page: str) -> set[Grant]:
    """Return the grants of the only policy on a page."""
    (policy,) = re.findall(r"```json\n(.+?)```", (PAGES / page).read_text("utf-8"), re.DOTALL)
    return {
        Grant(action, resource, _text(statement.get("Condition", {})))
        for statement in json.loads(policy)["Statement"]
        for action in _listed(statement["Action"])
        for resource in _listed(statement["Resource"])
    }


def needed(requests: Iterable[ApiRequest], account: str) -> set[Grant]:
    """Return the narrowest policy for requests: by kind, name and account, not region.

    `sts:GetCallerIdentity` needs none.
    """
    return {grant for each in requests if each.service != "sts" for grant in _grants(each, account)}


def action(request: ApiRequest) -> str:
    """Return the IAM action of a request."""
    if request.service == "route53":
        name = "GetHealthCheckStatus" if request.path.endswith("/status") else "ListHealthChecks"
        return f"route53:{name}"
    operation = request.headers["X-Amz-Target"].rpartition(".")[2]
    return f"{_SIGNED_AS.get(request.service, request.service)}:{operation}"


def _grants(request: ApiRequest, account: str) -> Iterator[Grant]:
    asked, result = action(request), _body(request)
    condition: dict[str, Any] = {}
    if asked == "cloudwatch:PutMetricData":
        condition = {"StringEquals": {"cloudwatch:namespace": result["Namespace"]}}
    for resource in _resources(request, result, account):
        yield Grant(asked, resource, _text(condition))


def _resources(request: ApiRequest, document: dict[str, Any], account: str) -> Iterator[str]:
    if "CertificateArn" in document:
        _, _, service, _, _, name = document["CertificateArn"].split(":")
        names = [name]
    elif request.service == "ssm":
        # A register is below the record of the switch's uses, which one resource covers.
        service, names = "ssm", [f"parameter{document['Name']}".replace("/register/", "/")]
    elif "AlarmNames" in document:
        service, names = "cloudwatch", [f"alarm:{each}" for each in document["AlarmNames"]]
    else:
        # An action without resource types.
        yield "*"
        return
    for name in names:
        yield f"arn:aws:{service}:*:{account}:{_LAST_PART.sub('*', name)}"


def _body(request: ApiRequest) -> dict[str, Any]:
    return {} if request.service == "route53" else json.loads(request.body)


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _text(condition: dict[str, Any]) -> str:
    return json.dumps(condition, sort_keys=True)
