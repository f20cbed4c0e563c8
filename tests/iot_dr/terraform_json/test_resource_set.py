"""Values followed through a set of stacks."""

from typing import Any

import pytest

from iot_dr.terraform_json.resource_set import ResourceSet
from tests.iot_dr.terraform_json.designs import ZONE, backend, find, remote_state, resource_set

OUTPUTS = {
    "zone_id": {"value": "${aws_route53_zone.zone.id}"},
    "zone_name": {"value": "${aws_route53_zone.zone.name}"},
}
OWNER = {"terraform": backend("iot-zone"), "resource": ZONE, "output": OUTPUTS}
HANDED_OVER = "${data.terraform_remote_state.iot_zone.outputs.%s}"


def reader(bucket: str = "states-eu-west-1", **values: Any) -> dict[str, Any]:
    return {
        "data": remote_state("iot-zone", bucket),
        "resource": {"aws_route53_record": {"r": values}},
    }


def value(resources: ResourceSet, argument: str, address: str = "aws_route53_record.r") -> Any:
    resource = find(resources, address)
    return resources.resolve(resource, resource.values[argument])


def test_a_hand_over_leads_to_the_owners_resource_and_two_readers_agree() -> None:
    first = reader(zone_id=HANDED_OVER % "zone_id")
    resources = resource_set(iot_zone=OWNER, one=first, other=first)
    result = {
        resources.resolve(record, record.values["zone_id"])
        for record in resources.of_type("aws_route53_record")
    }
    assert result == {"iot-zone/aws_route53_zone.zone.zone_id"}
    own = find(resources, "aws_route53_zone.zone")
    assert resources.resolve(own, "${aws_route53_zone.zone.zone_id}") in result


def test_a_hand_over_that_is_literal_in_the_end_resolves_to_it() -> None:
    resources = resource_set(iot_zone=OWNER, one=reader(name="mqtt." + HANDED_OVER % "zone_name"))
    assert value(resources, "name") == "mqtt.iot.example.com"


def test_the_copy_of_a_state_in_another_bucket_is_the_same_hand_over() -> None:
    resources = resource_set(
        iot_zone=OWNER, one=reader("states-b", zone_id=HANDED_OVER % "zone_id")
    )
    assert value(resources, "zone_id") == "iot-zone/aws_route53_zone.zone.zone_id"


def test_a_key_in_another_bucket_is_not_that_of_a_stack_of_another_name() -> None:
    resources = resource_set(foreign=OWNER, one=reader("states-b", zone_id=HANDED_OVER % "zone_id"))
    assert value(resources, "zone_id") == "states-b/dev/iot-zone.tfstate/output.zone_id"


def test_a_hand_over_of_a_stack_that_is_not_there_compares_across_readers() -> None:
    first = reader(zone_id=HANDED_OVER % "zone_id")
    resources = resource_set(one=first, other=first)
    assert len({
        resources.resolve(record, record.values["zone_id"])
        for record in resources.of_type("aws_route53_record")
    }) == 1  # fmt: skip


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("${local.name}", "mqtt.iot.example.com"),
        ("${var.label}", "mqtt"),
        ("${var.absent}", "design/var.absent"),
        ("x-${var.label}-${aws_route53_zone.zone.zone_id}",
         "x-mqtt-${design/aws_route53_zone.zone.zone_id}"),
        ('${join(".", [var.label, aws_route53_zone.zone.zone_id])}',
         '${join(".", ["mqtt", design/aws_route53_zone.zone.zone_id])}'),
        ("${aws_route53_zone.zone.id}", "design/aws_route53_zone.zone.zone_id"),
        ("${aws_route53_record.relative.fqdn}", "mqtt.iot.example.com"),
        ("${aws_route53_record.whole.fqdn}", "a.iot.example.com"),
        ("${aws_dynamodb_table.t.id}", "devices"),
        ("${aws_x.nested.tls[0].policy}", "P"),
        ("${aws_x.nested.tls.policy}", "P"),
        ("${aws_x.nested.ports[1]}", 2),
        ("${aws_x.gone.id}", "design/aws_x.gone.id"),
        ("${local.circle}", "design/local.back"),
        ("${unknown(local.circle)}", "${unknown(design/local.back)}"),
        ("$${literal}", "$${literal}"),
        ("plain", "plain"),
        (3, 3),
        (None, None),
    ],
)  # fmt: skip
def test_a_value_is_followed_as_far_as_the_set_allows(text: Any, meaning: Any) -> None:
    document = {
        "variable": {"label": {"default": "mqtt"}, "absent": {}},
        "locals": {
            "name": "${var.label}.${aws_route53_zone.zone.name}",
            "circle": "${local.back}",
            "back": "${local.circle}",
        },
        "resource": {
            **ZONE,
            "aws_route53_record": {
                "relative": {"name": "${var.label}", "zone_id": "${aws_route53_zone.zone.id}"},
                "whole": {"name": "a.iot.example.com.", "zone_id": "${aws_route53_zone.zone.id}"},
            },
            "aws_dynamodb_table": {"t": {"name": "devices"}},
            "aws_x": {"nested": {"tls": {"policy": "P"}, "ports": [1, 2]}},
        },
    }
    resources = resource_set(design=document)
    asking = find(resources, "aws_route53_zone.zone")
    result = resources.resolve(asking, text)
    assert (result.rstrip(".") if isinstance(result, str) else result) == meaning


def test_referring_stops_at_the_first_resource_in_whatever_stack() -> None:
    owner: dict[str, Any] = {
        "terraform": backend("iot-zone"),
        "resource": {
            "aws_route53_record": {
                "regional": {"name": "${data.aws_iot_endpoint.e.endpoint_address}"}
            }
        },
        "data": {"aws_iot_endpoint": {"e": {}}},
        "output": {"regional_name": {"value": "${aws_route53_record.regional.fqdn}"}},
    }  # fmt: skip
    resources = resource_set(iot_zone=owner, one=reader(records=[HANDED_OVER % "regional_name"]))
    record = find(resources, "aws_route53_record.r")
    regional = resources.referenced(record, record.values["records"][0])
    assert regional is not None
    assert (regional.stack, regional.address) == ("iot-zone", "aws_route53_record.regional")
    endpoint = resources.referenced(regional, regional.values["name"])
    assert endpoint is not None
    assert endpoint.mode == "data"
    assert resources.referenced(record, "mqtt.example.com") is None
    assert resources.referenced(record, record.values["records"]) is None


def test_instances_of_one_resource_are_several_and_so_none_is_referred() -> None:
    changes = [
        {"address": f"aws_x.y[{n}]", "mode": "managed", "type": "aws_x", "name": "y", "index": n,
         "change": {"actions": ["create"], "before": None, "after": {"name": str(n)}}}
        for n in (0, 1)
    ]  # fmt: skip
    resources = resource_set(plan={"format_version": "1.2", "resource_changes": changes})
    first = find(resources, "aws_x.y[0]")
    assert len(resources.candidates(first, "${aws_x.y[*].id}")) == 2
    assert resources.referenced(first, "${aws_x.y[*].id}") is None
    assert resources.resolve(first, "${aws_x.y[1].name}") == "1"
    assert resources.resolve(first, "${aws_x.y[count.index].name}") == "0"


def test_texts_that_double_at_each_step_end_soon() -> None:
    names = {f"l{n}": f"${{local.l{n + 1}}}-${{local.l{n + 1}}}" for n in range(40)}
    document = {"locals": {**names, "l40": "x"}, "resource": ZONE}
    resources = resource_set(design=document)
    assert isinstance(
        resources.resolve(find(resources, "aws_route53_zone.zone"), "${local.l0}"), str
    )


def test_ten_thousand_references_in_a_row_are_followed_to_the_end() -> None:
    names = {f"l{n}": f"${{local.l{n + 1}}}" for n in range(10_000)}
    document = {"locals": {**names, "l10000": "end"}, "resource": ZONE}
    resources = resource_set(design=document)
    zone = find(resources, "aws_route53_zone.zone")
    assert resources.resolve(zone, "${local.l0}") == "end"
