"""Resources under a condition, and what refers to them."""

from typing import Any

import pytest

from iot_dr.emit.optional import Optional, with_optional

DOCUMENT: dict[str, Any] = {
    "locals": {
        "id": "${aws_route53_zone.zone.zone_id}",
        "text": "zone ${aws_route53_zone.zone.name} of $${aws_route53_zone.zone.name}",
        "deep": "${tolist(aws_route53_zone.zone.servers)[0]}",
        "other": "${aws_route53_zone.zones.zone_id}",
    },
    "data": {"aws_route53_zone": {"zone": {"name": "${aws_route53_zone.zone.name}"}}},
    "resource": {
        "aws_route53_zone": {"zone": {"name": "a"}},
        "aws_route53_record": {
            "inside": {
                "zone_id": "${aws_route53_zone.zone.zone_id}",
                "depends_on": ["aws_route53_zone.zone"],
            },
            "outside": {"zone_id": "${data.aws_route53_zone.zone.zone_id}"},
        },
    },
}
ZONE = Optional(
    addresses=("aws_route53_zone.zone", "aws_route53_record.inside"), condition="var.create"
)


def test_resources_get_a_count_and_refer_to_each_other_by_it() -> None:
    resources = with_optional(DOCUMENT, ZONE)["resource"]
    assert resources["aws_route53_zone"]["zone"] == {"count": "${var.create ? 1 : 0}", "name": "a"}
    assert resources["aws_route53_record"]["inside"] == {
        "count": "${var.create ? 1 : 0}",
        "zone_id": "${aws_route53_zone.zone[0].zone_id}",
        "depends_on": ["aws_route53_zone.zone"],
    }


def test_what_refers_to_them_from_elsewhere_is_null_without_them() -> None:
    document = with_optional(DOCUMENT, ZONE)
    name = "one(aws_route53_zone.zone[*].name)"
    assert document["locals"] == {
        "id": "${one(aws_route53_zone.zone[*].zone_id)}",
        "text": f"zone ${{{name}}} of $${{aws_route53_zone.zone.name}}",
        "deep": "${tolist(one(aws_route53_zone.zone[*].servers))[0]}",
        "other": "${aws_route53_zone.zones.zone_id}",
    }
    assert document["data"]["aws_route53_zone"]["zone"] == {"name": f"${{{name}}}"}


def test_a_data_source_is_reported_from_a_resource_of_its_name() -> None:
    source = Optional(addresses=("data.aws_route53_zone.zone",), condition="var.create")
    document = with_optional(DOCUMENT, source)
    assert "count" not in document["resource"]["aws_route53_zone"]["zone"]
    outside = document["resource"]["aws_route53_record"]["outside"]
    assert outside == {"zone_id": "${one(data.aws_route53_zone.zone[*].zone_id)}"}


def test_a_name_represents_every_resource_that_has_it() -> None:
    document = with_optional(DOCUMENT, Optional(addresses=("*.zone",), condition="var.create"))
    assert "count" in document["resource"]["aws_route53_zone"]["zone"]
    assert "count" not in document["data"]["aws_route53_zone"]["zone"]


def test_the_document_itself_stays_as_it_is_and_an_unknown_address_is_refused() -> None:
    with pytest.raises(KeyError):
        with_optional(DOCUMENT, Optional(addresses=("aws_route53_zone.no",), condition="true"))
    with_optional(DOCUMENT, ZONE)
    assert DOCUMENT["resource"]["aws_route53_zone"]["zone"] == {"name": "a"}
