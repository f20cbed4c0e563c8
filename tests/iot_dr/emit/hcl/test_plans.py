import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest

from iot_dr.delivery.session import RunLimits, Session, offline_session
from iot_dr.emit.hcl.document import to_hcl
from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.terraform import Terraform
from iot_dr.terraform_json.json_value import is_mapping, is_sequence
from tests.support.settings import settings, with_data
from tests.support.synthesis import Synthesis

# They hold policies, nested blocks, lifecycles and dependencies, and read no other's state.
STACKS = (
    "iot-dev-device-registry-eu-west-1",
    *(
        pytest.param(name, marks=pytest.mark.exhaustive)
        for name in ("iot-dev-hosted-zone", "iot-dev-state")
    ),
)

INNER: dict[str, Any] = {
    "terraform": {"required_providers": {"aws": {"source": "aws"}}},
    "variable": {"names": {"type": "set(string)"}, "port": {"type": "number", "default": 1}},
    "resource": {"terraform_data": {"each": {"for_each": "${var.names}", "input": "${var.port}"}}},
    "output": {"ids": {"value": "${keys(terraform_data.each)}"}},
}
EVERYTHING: dict[str, Any] = {
    "terraform": {
        "required_version": ">= 1.9",
        "required_providers": {"aws": {"source": "aws"}},
    },
    "provider": {
        "aws": [
            {"alias": "eu", "region": "eu-west-1", "allowed_account_ids": ["111111111111"]},
            {"region": "us-east-1", "default_tags": {"tags": {"made": "${var.by}"}}},
        ]
    },
    "variable": {
        "by": {
            "type": "string",
            "default": "$${hand}",
            "validation": {"condition": '${var.by!=""}', "error_message": "${var.by} is empty"},
        },
        "values": {
            "type": "list(object({n=string,w=optional(number,3)}))",
            "default": [{"n": "a"}],
        },
    },
    "locals": {"name": "${var.by}-name", "numbers": [1, "${length(var.values)}", "2"]},
    "data": {"aws_region": {"here": {"provider": "aws.eu"}}},
    "resource": {
        "terraform_data": {
            "some": {
                "count": "${length(local.numbers)}",
                "input": {"a": ["${count.index}", "x${local.name}"], "b": '{"c": "${local.name}"}'},
                "lifecycle": {
                    "replace_triggered_by": ["terraform_data.other"],
                    "precondition": {"condition": '${var.by!=""}', "error_message": "x"},
                },
            },
            "other": {"depends_on": ["aws_route53_zone.zone"]},
        },
        "aws_route53_zone": {
            "zone": {
                "provider": "aws.eu",
                "name": "example.com",
                "lifecycle": {"ignore_changes": ['tags["a"]'], "prevent_destroy": True},
            }
        },
        "aws_route53_record": {
            "record": {
                "zone_id": "${aws_route53_zone.zone.zone_id}",
                "name": "${local.name}",
                "type": "TXT",
                "ttl": 60,
                "records": ["${data.aws_region.here.region}"],
                "set_identifier": "s",
                "dynamic": {
                    "weighted_routing_policy": {
                        "for_each": "${var.values}",
                        "iterator": "each_value",
                        "content": {"weight": "${each_value.value.w}"},
                    }
                },
            }
        },
        "aws_sns_topic": {
            "topic": {"policy": '{"Statement": [{"Resource": "${aws_route53_zone.zone.arn}"}]}'}
        },
    },
    "module": {
        "inner": {
            "source": "./inner",
            "names": ["a", "b"],
            "providers": {"aws": "aws.eu"},
            "depends_on": ["terraform_data.other"],
        }
    },
    "output": {
        "name": {"description": "${not}", "value": "${local.name}", "sensitive": True},
        "ids": {"value": "${module.inner.ids}", "depends_on": ["aws_sns_topic.topic"]},
    },
    "moved": {"from": "terraform_data.old", "to": "terraform_data.other"},
}


@dataclass(frozen=True)
class Planner:
    """Plans documents with the stand-in, in folders of its own."""

    session: Session
    schema: SchemaCache
    numbers: Iterator[int]

    def both(self, document: Mapping[str, Any], inner: Mapping[str, Any]) -> tuple[Any, Any]:
        """Return what a document means as JSON and as HCL, with a module that it calls."""
        folder = self.session.work / str(next(self.numbers))
        (folder / "inner").mkdir(parents=True)
        (folder / "inner" / "main.tf.json").write_text(json.dumps(inner), encoding="utf-8")
        given = folder / "main.tf.json"
        given.write_text(json.dumps(document), encoding="utf-8")
        with self.session.pool.lent() as commands:
            terraform = Terraform(folder, commands)
            terraform.init(backend=False)
            as_json = _planned(terraform)
            given.unlink()
            for name, part in (("main.tf", document), ("inner/main.tf", inner)):
                hcl = to_hcl(part, self.schema.block)
                (folder / name).write_text(hcl, encoding="utf-8")
            (folder / "inner" / "main.tf.json").unlink()
            assert terraform.validate() == []
            return as_json, _planned(terraform)


@pytest.fixture(scope="module")
def planner(
    tmp_path_factory: pytest.TempPathFactory,
    lent: None,  # noqa: ARG001 - patches
) -> Iterator[Planner]:
    folder = tmp_path_factory.mktemp("plans")
    with offline_session(folder, folder, RunLimits(jobs=1, timeout=100)) as session:
        yield Planner(session, SchemaCache.default(), count())


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_plans_the_same(stack: str, synthesis: Synthesis, planner: Planner) -> None:
    document = synthesis(with_data(settings()))[stack].document
    # Its place is in S3, of which a plan shows nothing.
    del document["terraform"]["backend"]

    as_json, as_hcl = planner.both(document, {})

    assert as_hcl == as_json


def test_all_that_can_be_said_plans_the_same(planner: Planner) -> None:
    as_json, as_hcl = planner.both(EVERYTHING, INNER)

    assert as_json["planned_values"]["outputs"].keys() == {"ids", "name"}
    assert as_hcl == as_json


def _planned(terraform: Terraform) -> Any:
    plan = terraform.folder / "plan.tfplan"
    terraform.plan(plan)
    shown = terraform.show(plan)
    parts = ("planned_values", "resource_changes", "output_changes", "configuration")
    return {part: _meant(shown.get(part)) for part in parts}


def _meant(value: Any) -> Any:
    """Read strings that are JSON, and leave out what Terraform takes for constant in them.

    In Terraform's JSON it takes an expression, too, for a constant string.
    """
    if is_mapping(value):
        is_json = _is_json(value.get("constant_value"))
        left_out = {"constant_value"} if "references" in value or is_json else set[str]()
        return {key: _meant(each) for key, each in value.items() if key not in left_out}
    if is_sequence(value):
        return [_meant(each) for each in value]
    return ("JSON", json.loads(value)) if _is_json(value) else value


def _is_json(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("{", "["))
