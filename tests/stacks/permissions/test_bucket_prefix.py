"""A prefix of bucket names that holds the prefix of the environment's other names."""

import json
from collections.abc import Mapping

import pytest

from tests.stacks.permissions.walked import SETTINGS, WITH_DATA, stacks_of
from tests.support.settings import settings

USUAL = "example-iot"
Policies = Mapping[str, list[str]]


def policies(prefix: str, *, with_data: bool) -> Policies:
    """Return the sorted statements of every policy by its address; buckets have one prefix."""
    base = (WITH_DATA if with_data else SETTINGS).model_dump(exclude_unset=True, by_alias=True)
    stacks = stacks_of(settings(**{**base, "state": {"bucket_prefix": prefix}}))
    return {
        f"{name}.{type_}.{logical_id}": statements(body["policy"], prefix)
        for name, stack in stacks.items()
        for type_ in ("aws_iam_policy", "aws_iam_role_policy")
        for logical_id, body in stack.resources(type_).items()
    }


def statements(policy: str, prefix: str) -> list[str]:
    document = json.loads(policy.replace(f":::{prefix}-dev-", ":::BUCKETS-"))
    for statement in document["Statement"]:
        for key in ("Action", "Resource"):
            if isinstance(statement.get(key), list):
                statement[key].sort()
    return sorted(json.dumps(each, sort_keys=True) for each in document["Statement"])


@pytest.mark.parametrize(
    ("prefix", "with_data"),
    [
        ("example-dev", False),
        pytest.param("acme-example-dev-state", True, marks=pytest.mark.exhaustive),
    ],
)
def test_policies_are_those_of_any_other_prefix_of_buckets(prefix: str, with_data: bool) -> None:
    result = policies(prefix, with_data=with_data)
    assert result == policies(USUAL, with_data=with_data)
