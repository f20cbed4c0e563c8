"""The zone as another stack knows it."""

from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.route53_record import Route53Record

from stacks.hosted_zone_reference import HostedZoneReference
from tests.support.synthesis import empty_stack, template


def test_a_lookup_finds_the_public_zone_and_the_issued_certificate_by_name() -> None:
    stack = empty_stack()
    provider = AwsProvider(stack, "aws", alias="eu_west_1", region="eu-west-1")
    zone = HostedZoneReference.from_lookup(stack, "iot-dev.example.com", provider)
    Route53Record(
        stack, "record", provider=provider, zone_id=zone.zone_id, name="a", type="CNAME",
        ttl=60, records=[zone.certificate_arn],
    )  # fmt: skip
    found = template(stack)
    assert found.data("aws_route53_zone")["zone"]["name"] == "iot-dev.example.com"
    assert found.data("aws_route53_zone")["zone"]["private_zone"] is False
    certificate = found.data("aws_acm_certificate")["certificate"]
    assert certificate["domain"] == "*.iot-dev.example.com"
    assert certificate["statuses"] == ["ISSUED"]
    record = found.resources("aws_route53_record")["record"]
    assert record["zone_id"] == "${data.aws_route53_zone.zone.zone_id}"
    assert record["records"] == ["${data.aws_acm_certificate.certificate.arn}"]
    assert {block.body["provider"] for block in found.blocks("data")} == {"aws.eu_west_1"}
