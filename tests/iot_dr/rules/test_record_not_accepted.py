import pytest

from iot_dr.rules.record_not_accepted import RULE
from tests.iot_dr.rules.designs import ZONE, judged, our_settings, ours

DISTRIBUTION = "${aws_cloudfront_distribution.site.domain_name}"


def messages(target: str, *, flag: object) -> list[str]:
    record = {
        "zone_id": "Z1",
        "name": "app.example.com",
        "type": "A",
        "alias": {"name": target, "zone_id": "Z2", "evaluate_target_health": flag},
    }
    site = {"site": {"enabled": True}}
    resource = {"aws_route53_record": {"app": record}, "aws_cloudfront_distribution": site}
    return [finding.message for finding in judged(RULE, {"dns": {"resource": resource}})]


@pytest.mark.parametrize("target", ["d111111abcdef8.cloudfront.net", DISTRIBUTION])
@pytest.mark.parametrize(("flag", "count"), [(True, 1), ("true", 1), (False, 0), ("${var.a}", 0)])
def test_the_health_of_cloudfront_cannot_be_evaluated(
    target: str, flag: object, count: int
) -> None:
    listed = messages(target, flag=flag)
    assert len(listed) == count
    assert all(message.startswith("Route 53 refuses") for message in listed)


@pytest.mark.parametrize("target", ["app.eu-west-1.elb.amazonaws.com", "other.example.com"])
def test_the_health_of_other_targets_can(target: str) -> None:
    assert messages(target, flag=True) == []


@pytest.mark.parametrize("target", ["app.example.com", "App.example.com."])
def test_an_alias_of_its_own_name_is_refused(target: str) -> None:
    (message,) = messages(target, flag=False)
    assert "points at its own name" in message


def several(*changes: dict[str, object]) -> list[str]:
    """Return the findings about records of one name."""
    records = {
        f"r{number}": {"zone_id": "Z1", "name": "app.example.com", "type": "A", **change}
        for number, change in enumerate(changes)
    }
    sites = {"one": {"enabled": True}, "two": {"enabled": True}}
    resource = {"aws_route53_record": records, "aws_cloudfront_distribution": sites}
    return [finding.message for finding in judged(RULE, {"dns": {"resource": resource}})]


def site(name: str, **more: object) -> dict[str, object]:
    target = f"${{aws_cloudfront_distribution.{name}.domain_name}}"
    return {"alias": {"name": target, "zone_id": "Z2", "evaluate_target_health": False}, **more}


LATENCY: dict[str, object] = {"latency_routing_policy": {"region": "eu-west-1"}}
ADDRESS: dict[str, object] = {"ttl": 60, "records": ["198.51.100.1"]}


def test_two_distributions_cannot_have_one_name() -> None:
    (message,) = several(site("one", **LATENCY), site("two", **LATENCY))
    assert "an alternate domain name on one distribution only" in message
    assert several(site("one", **LATENCY), site("one", **LATENCY)) == []
    assert several(site("one", **LATENCY), {**ADDRESS, **LATENCY}) == []


def test_a_simple_record_next_to_one_with_a_policy_is_refused() -> None:
    (message,) = several(ADDRESS, {**ADDRESS, **LATENCY})
    assert "has a simple A record (aws_route53_record.r0)" in message
    assert several(ADDRESS, {**ADDRESS, **LATENCY, "type": "AAAA"}) == []
    assert several(ADDRESS, {**ADDRESS, **LATENCY, "name": "other.example.com"}) == []


def test_a_record_has_one_routing_policy() -> None:
    (message,) = several({**ADDRESS, **LATENCY, "failover_routing_policy": {"type": "PRIMARY"}})
    assert message.startswith("it has failover_routing_policy and latency_routing_policy")
    assert several({**ADDRESS, **LATENCY, "weighted_routing_policy": []}) == []


@pytest.mark.parametrize(
    ("change", "count"),
    [
        ({}, 1),
        ({"set_identifier": "two"}, 0),
        ({"set_identifier": "${var.side}"}, 0),
        ({"name": "other.example.com"}, 0),
        ({"type": "AAAA"}, 0),
        ({"zone_id": "Z2"}, 0),
    ],
)
def test_a_set_identifier_is_that_of_one_record_of_a_name_and_type(
    change: dict[str, object], count: int
) -> None:
    one: dict[str, object] = {**ADDRESS, **LATENCY, "set_identifier": "one"}
    listed = several(one, {**one, **change})
    assert len(listed) == count
    assert all("its set_identifier one is also that of" in message for message in listed)


def test_no_record_is_accepted_next_to_a_cname() -> None:
    cname: dict[str, object] = {"type": "CNAME", "ttl": 60, "records": ["www.example.com"]}
    (message,) = several(cname, ADDRESS)
    assert "has a CNAME record, and aws_route53_record.r1 of type A" in message
    assert several(cname, {**ADDRESS, "name": "other.example.com"}) == []
    assert several(cname, {**ADDRESS, "zone_id": "Z2"}) == []
    assert several(ADDRESS, {**ADDRESS, "type": "AAAA"}) == []


def test_records_that_exist_one_instead_of_the_other_are_accepted() -> None:
    one, two = {"count": "${var.dr ? 0 : 1}"}, {"count": "${var.dr ? 1 : 0}"}
    assert several({**ADDRESS, **one}, {**ADDRESS, **LATENCY, **two}) == []
    assert several({**ADDRESS, **one}, {**ADDRESS, **two, "type": "CNAME"}) == []
    assert len(several({**ADDRESS, "count": 1}, {**ADDRESS, **LATENCY, "count": 1})) == 1


@pytest.mark.parametrize(
    "value", ["${aws_route53_zone.this.arn}", "arn:aws:route53:::hostedzone/Z1"]
)
def test_the_arn_of_a_zone_is_not_its_id(value: str) -> None:
    zone = {"aws_route53_zone": {"this": {"name": "example.com"}}}
    for argument, given in (("zone_id", value), ("zone_id", "${aws_route53_zone.this.zone_id}")):
        record = {"name": "app", "type": "A", **ADDRESS, argument: given}
        resource = {**zone, "aws_route53_record": {"app": record}}
        findings = judged(RULE, {"dns": {"resource": resource}})
        assert len(findings) == (given == value)


def test_the_zone_of_an_alias_is_given_by_its_id_too() -> None:
    arn = "arn:aws:route53:::hostedzone/Z2"
    alias = {"name": "other.example.com", "zone_id": arn, "evaluate_target_health": False}
    (message,) = several({"alias": alias})
    assert "its alias.zone_id is the ARN" in message
    assert several({"alias": {**alias, "zone_id": "Z2"}}) == []


def test_an_output_with_the_arn_of_our_zone_is_found() -> None:
    documents = ours()
    output = documents[ZONE]["output"]["zone_id"]
    assert judged(RULE, documents, our_settings()) == []
    output["value"] = output["value"].replace(".zone_id}", ".arn}")
    assert judged(RULE, documents, our_settings())


SIGNING_KEY = {"customer_master_key_spec": "ECC_NIST_P256", "key_usage": "SIGN_VERIFY"}


def signed(region: str, key: object = SIGNING_KEY, arn: str = "${aws_kms_key.this.arn}") -> str:
    """Return the findings about the key that signs a zone."""
    signing = {
        "hosted_zone_id": "Z1",
        "name": "ksk",
        "key_management_service_arn": arn,
    }
    document = {
        "provider": {"aws": {"region": region}},
        "resource": {
            "aws_kms_key": {"this": key},
            "aws_route53_key_signing_key": {"this": signing},
        },
    }
    return " ".join(finding.message for finding in judged(RULE, {"dns": document}))


def test_a_zone_is_signed_with_a_key_in_us_east_1() -> None:
    assert "its key is in eu-west-1" in signed("eu-west-1")
    assert signed("us-east-1") == signed("${var.region}") == ""
    arn = "arn:aws:kms:eu-north-1:111111111111:key/1"
    assert "its key is in eu-north-1" in signed("us-east-1", arn=arn)
    assert signed("eu-west-1", arn=arn.replace("eu-north-1", "us-east-1")) == ""


def test_a_zone_is_signed_with_a_key_for_signatures() -> None:
    message = signed("us-east-1", {"key_usage": "SIGN_VERIFY"})
    assert "customer_master_key_spec of AWS, and Route 53 accepts ECC_NIST_P256" in message
    assert signed("us-east-1", {**SIGNING_KEY, "key_usage": "${var.usage}"}) == ""


@pytest.mark.parametrize(
    ("target", "count"),
    [
        ("${aws_instance.web.public_dns}", 1),
        ("${aws_db_instance.main.address}", 1),
        ("${aws_lb.web.dns_name}", 0),
        ("${aws_api_gateway_rest_api.one.id}.execute-api.${var.region}.amazonaws.com", 1),
        ("a1b2c3.execute-api.eu-west-1.amazonaws.com", 1),
        ("d-a1b2c3.execute-api.eu-west-1.amazonaws.com", 0),
        ("${var.host}.execute-api.eu-west-1.amazonaws.com", 0),
        ("${aws_api_gateway_domain_name.one.regional_domain_name}", 0),
    ],
)
def test_an_alias_points_to_an_alias_target(target: str, count: int) -> None:
    listed = messages(target, flag=False)
    assert len(listed) == count
    assert all("an alias cannot point to" in message for message in listed)


def test_a_record_has_one_alias() -> None:
    alias = {"name": "${aws_lb.web.dns_name}", "zone_id": "Z2", "evaluate_target_health": True}
    (message,) = several({"alias": [alias, {**alias, "name": "${aws_lb.other.dns_name}"}]})
    assert "more than one `alias`" in message
    assert several({"alias": [alias]}) == []
