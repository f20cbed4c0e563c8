"""Names that a deploy needs and somebody has taken: they exist, and are in no state."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from iot_dr.observe.aws.errors import RequestRefusedError
from iot_dr.observe.doctor.account import Account, together
from iot_dr.observe.doctor.finding import Finding, missing, ok
from iot_dr.observe.switch.checks import ROUTE53_REGION
from iot_dr.terraform_json.json_value import text
from iot_dr.terraform_json.resource import Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """How to look for a resource by its name; `free` are the codes if there is none."""

    noun: str
    argument: str
    service: str
    method: str
    parameter: str
    free: frozenset[str]


_KINDS: Final = {
    "aws_s3_bucket": _Kind(
        noun="bucket",
        argument="bucket",
        service="s3",
        method="head_bucket",
        parameter="Bucket",
        free=frozenset(("404",)),
    ),
    "aws_dynamodb_table": _Kind(
        noun="table",
        argument="name",
        service="dynamodb",
        method="describe_table",
        parameter="TableName",
        free=frozenset(("ResourceNotFoundException",)),
    ),
    "aws_iam_role": _Kind(
        noun="role",
        argument="name",
        service="iam",
        method="get_role",
        parameter="RoleName",
        free=frozenset(("NoSuchEntity",)),
    ),
    "aws_lambda_function": _Kind(
        noun="function",
        argument="function_name",
        service="lambda",
        method="get_function_configuration",
        parameter="FunctionName",
        free=frozenset(("ResourceNotFoundException",)),
    ),
}
# S3's answer about a bucket of another account, or to a caller without s3:ListBucket.
_NOT_OURS: Final = "403"


def examine(account: Account) -> Iterator[Finding]:
    """Yield the names that are taken, of resources that a deploy would create."""
    states = set(account.settings.state_buckets.values())
    looks: dict[tuple[str, str], list[Resource]] = {}
    for type_ in _KINDS:
        for resource in account.of_type(type_):
            # Another check looks at the state buckets.
            if resource.values.get("bucket") not in states:
                key = resource.region or "", f"{resource.stack}, {_KINDS[type_].noun}s"
                looks.setdefault(key, []).append(resource)
    problems = list(
        together({key: partial(_taken, account, listed) for key, listed in looks.items()})
    )
    yield from problems or [ok("none is taken by a resource that is in no state")]


def _taken(account: Account, resources: list[Resource]) -> Iterator[Finding]:
    for resource in resources:
        kind = _KINDS[resource.type]
        name = text(resource.values.get(kind.argument))
        is_known = name and "${" not in name
        if is_known and not account.is_applied(resource) and _exists(account, resource, kind, name):
            yield missing(
                f"the {kind.noun} {name} exists, and is not in the state of {resource.stack}",
                "delete it if nothing uses it, import it into that state, or choose other names"
                " (project, state.bucket_prefix)",
                region=resource.region or "",
                blocks=True,
            )


def _exists(account: Account, resource: Resource, kind: _Kind, name: str) -> bool:
    # IAM has one list of roles.
    is_global = kind.service == "iam" or not resource.region
    region = ROUTE53_REGION if is_global else str(resource.region)
    try:
        account.clients.call(kind.service, region, kind.method, **{kind.parameter: name})
    except RequestRefusedError as error:
        if error.code in kind.free:
            return False
        if error.code == _NOT_OURS:
            return True
        raise
    return True
