"""IAM: roles, inline policies and managed policies."""

from collections.abc import Mapping

from iot_dr.terraform.standin.behaviour import Behaviour
from iot_dr.terraform.standin.checks import (
    arn,
    between,
    both,
    json_document,
    length,
    matches,
)
from iot_dr.terraform.standin.identity import Origin, fresh
from iot_dr.terraform.standin.normal import json_text, policy_text
from iot_dr.terraform.standin.services.naming import generated_name, name_and_prefix
from iot_dr.terraform.standin.values import Value
from iot_dr.terraform_json.defaults import PLANNED

_letters = matches(r"[\w+=,.@-]+", "letters, digits and + = , . @ -")
_path = matches(r"/(.*/)?", "a path that begins and ends with /")


def _role(values: Mapping[str, Value], origin: Origin) -> Mapping[str, Value]:
    named = name_and_prefix(values)
    name = named["name"]
    return {
        **named,
        "id": name,
        "arn": origin.global_arn("iam", f"role{values['path']}{name}"),
        "unique_id": f"AROA{fresh(17).upper()}",
        "create_date": "1970-01-01T00:00:00Z",
    }


def _role_policy(values: Mapping[str, Value], _origin: Origin) -> Mapping[str, Value]:
    named = name_and_prefix(values)
    return {**named, "id": f"{values['role']}:{named['name']}"}


def _managed_policy(values: Mapping[str, Value], origin: Origin) -> Mapping[str, Value]:
    named = name_and_prefix(values)
    policy_arn = origin.global_arn("iam", f"policy{values['path']}{named['name']}")
    return {
        **named,
        "id": policy_arn,
        "arn": policy_arn,
        "policy_id": f"ANPA{fresh(17).upper()}",
    }


def _attachment(values: Mapping[str, Value], _origin: Origin) -> Mapping[str, Value]:
    return {"id": generated_name(f"{values['role']}-")}


RESOURCES: Mapping[str, Behaviour] = {
    "aws_iam_role": Behaviour(
        source="provider documentation, iam_role; IAM API: CreateRole",
        replace=("name", "name_prefix", "path"),
        defaults=PLANNED["aws_iam_role"],
        checks={
            "assume_role_policy": json_document,
            "description": length(0, 1000),
            "max_session_duration": between(3600, 43200),
            "name": both(length(1, 64), _letters),
            "name_prefix": both(length(1, 38), _letters),
            "path": _path,
            "permissions_boundary": arn,
        },
        normal={"assume_role_policy": json_text},
        conflicts=(("name", "name_prefix"),),
        filled_blocks=("inline_policy",),
        computed_on_apply=_role,
    ),
    "aws_iam_role_policy": Behaviour(
        source="provider documentation, iam_role_policy; IAM API: PutRolePolicy",
        replace=("name", "name_prefix", "role"),
        checks={
            "name": both(length(1, 128), _letters),
            "policy": json_document,
            "role": length(1, 64),
        },
        normal={"policy": policy_text},
        conflicts=(("name", "name_prefix"),),
        computed_on_apply=_role_policy,
    ),
    "aws_iam_policy": Behaviour(
        source="provider documentation, iam_policy; IAM API: CreatePolicy",
        replace=("description", "name", "name_prefix", "path"),
        defaults={"path": "/"},
        defaults_from_aws={"attachment_count": 0},
        checks={
            "description": length(0, 1000),
            "name": both(length(1, 128), _letters),
            "path": _path,
            "policy": json_document,
        },
        # Unlike in a role's policy, `Version` does not come first: provider source, iam/policy.go.
        normal={"policy": json_text},
        conflicts=(("name", "name_prefix"),),
        computed_on_apply=_managed_policy,
    ),
    "aws_iam_role_policy_attachment": Behaviour(
        source="provider documentation, iam_role_policy_attachment",
        replace=("policy_arn", "role"),
        checks={"policy_arn": arn},
        computed_on_apply=_attachment,
    ),
}
DATA_SOURCES: Mapping[str, Behaviour] = {}
