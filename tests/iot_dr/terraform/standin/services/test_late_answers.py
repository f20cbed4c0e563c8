"""What AWS answers for an argument that was left out, but not before a later read."""

from typing import Any

import pytest

from iot_dr.terraform.standin.cache import SchemaCache
from modules.checker_regions import CHECKER_REGIONS
from tests.iot_dr.terraform.project import Project

_CHECK = {"type": "TCP", "fqdn": "a.example.com", "port": 8883}
_RULE = {"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}
_CALCULATED = {"type": "CALCULATED", "child_health_threshold": 1, "child_healthchecks": ["a"]}

CHECK, ENCRYPTION = (
    "aws_route53_health_check",
    "aws_s3_bucket_server_side_encryption_configuration",
)


@pytest.mark.parametrize(
    ("kind", "left_out", "named"),
    [
        (CHECK, _CHECK, {**_CHECK, "regions": [*CHECKER_REGIONS]}),
        (
            ENCRYPTION,
            {"bucket": "some-bucket", "rule": [_RULE]},
            {"bucket": "some-bucket", "rule": [{**_RULE, "blocked_encryption_types": ["SSE-C"]}]},
        ),
    ],
    ids=["regions of a health check", "blocked encryption types of a bucket"],
)
def test_an_argument_that_is_left_out_is_a_change_in_the_next_plan_unless_it_is_computed(
    project: Project,
    cache: SchemaCache,
    kind: str,
    left_out: dict[str, Any],
    named: dict[str, Any],
) -> None:
    project.write({kind: {"x": named}})
    project.apply()
    assert project.plans_nothing()
    project.write({kind: {"x": left_out}})
    project.apply()
    block = cache.block("resource", kind)
    rule = block.blocks["rule"].block if "rule" in block.blocks else block
    argument = {CHECK: "regions", ENCRYPTION: "blocked_encryption_types"}[kind]
    assert project.plans_nothing() == rule.attributes[argument].computed


def test_a_check_that_asks_no_endpoint_has_no_regions(project: Project) -> None:
    project.write({CHECK: {"x": _CALCULATED}})
    project.apply()
    assert project.plans_nothing()
