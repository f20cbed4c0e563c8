"""Data sources on the account, region and partition."""

from collections.abc import Mapping

from iot_dr.terraform.standin.behaviour import Behaviour
from iot_dr.terraform.standin.identity import Origin
from iot_dr.terraform.standin.values import Value


def _caller(_values: Mapping[str, Value], origin: Origin) -> Mapping[str, Value]:
    return {
        "id": origin.account,
        "account_id": origin.account,
        "arn": origin.global_arn("iam", "user/standin"),
        "user_id": "AIDASTANDIN",
    }


def _region(values: Mapping[str, Value], origin: Origin) -> Mapping[str, Value]:
    asked = values.get("name")
    name = asked if isinstance(asked, str) else origin.region
    endpoint = f"ec2.{name}.amazonaws.com"
    return {
        "id": name,
        "region": name,
        "name": name,
        "description": name,
        "endpoint": endpoint,
    }


def _partition(_values: Mapping[str, Value], _origin: Origin) -> Mapping[str, Value]:
    suffix = {"dns_suffix": "amazonaws.com", "reverse_dns_prefix": "com.amazonaws"}
    return {"id": "aws", "partition": "aws", **suffix}


RESOURCES: Mapping[str, Behaviour] = {}
DATA_SOURCES: Mapping[str, Behaviour] = {
    "aws_caller_identity": Behaviour(
        source="provider documentation, data caller_identity", computed_on_apply=_caller
    ),
    "aws_region": Behaviour(
        source="provider documentation, data region", computed_on_apply=_region
    ),
    "aws_partition": Behaviour(
        source="provider documentation, data partition", computed_on_apply=_partition
    ),
}
