"""Designs that others have published, written again as small as they are judged.

What is right was decided by AWS's documentation before the tools were asked. What is `certain`
is declared wrong, and is blocked or disproved. What is `open` is wrong, or not known, by parts that
are not declared: it is not proved. Nothing right is blocked or disproved.
"""

from collections.abc import Mapping
from typing import Any, Final

import pytest

from iot_dr.prover.proofs import proofs
from iot_dr.rules.engine import judge
from iot_dr.rules.rule import Verdict
from iot_dr.terraform_json.configuration import read_configuration
from iot_dr.terraform_json.resource_set import ResourceSet

Body = Mapping[str, Any]
RIGHT, CERTAIN, OPEN = "right", "certain", "open"
NAME: Final = "app.example.com"
REGIONS: Final = {"west": "us-west-2", "east": "us-east-1"}
SIDES: Final = {"west": "PRIMARY", "east": "SECONDARY"}
ADDRESSES: Final = {"west": "54.70.10.1", "east": "54.80.10.1"}


def lb(side: str, **more: Any) -> Body:
    """An alias to the load balancer of a side."""
    target = {"name": f"${{aws_lb.{side}.dns_name}}", "zone_id": f"${{aws_lb.{side}.zone_id}}"}
    return {"type": "A", "alias": {**target, "evaluate_target_health": True, **more}}


def address(side: str) -> Body:
    return {"type": "A", "ttl": 60, "records": [ADDRESSES[side]]}


def cname(target: str) -> Body:
    return {"type": "CNAME", "ttl": 60, "records": [target]}


def alias(name: str, *, evaluate: bool = True) -> Body:
    zone = name.replace(".domain_name", ".hosted_zone_id").replace(
        "website_domain", "hosted_zone_id"
    )
    return {
        "type": "A",
        "alias": {"name": name, "zone_id": zone, "evaluate_target_health": evaluate},
    }


def check(fqdn: str = "", **more: Any) -> Body:
    """An HTTPS check of a host at /health, unless `more` says otherwise."""
    common = {"type": "HTTPS", "port": 443, "resource_path": "/health"}
    asked = {"fqdn": fqdn} if fqdn else {}
    return {**common, "failure_threshold": 3, "request_interval": 30, **asked, **more}


def checked(body: Body, name: str) -> Body:
    return {**body, "health_check_id": f"${{aws_route53_health_check.{name}.id}}"}


def balancers(**more: Any) -> dict[str, Any]:
    return {
        "aws_lb": {
            side: {"provider": f"aws.{side}", "load_balancer_type": "application", **more}
            for side in REGIONS
        }
    }


def design(
    west: Body | None, east: Body | None, checks: Mapping[str, Body] | None = None, **types: Any
) -> dict[str, Any]:
    """A zone with the records of a name, PRIMARY in us-west-2 and SECONDARY in us-east-1."""
    records = {
        side: {
            "zone_id": "${aws_route53_zone.main.zone_id}",
            "name": NAME,
            "set_identifier": side,
            "failover_routing_policy": {"type": SIDES[side]},
            "provider": "aws.east",
            **body,
        }
        for side, body in (("west", west), ("east", east))
        if body is not None
    }
    more = types.pop("records", {})
    zone = {"name": "example.com", "provider": "aws.east"}
    resource = {"aws_route53_zone": {"main": zone}, "aws_route53_record": {**records, **more}}
    if checks:
        of_type = {name: {"provider": "aws.east", **each} for name, each in checks.items()}
        resource["aws_route53_health_check"] = of_type
    aliases = [{"alias": alias, "region": region} for alias, region in REGIONS.items()]
    return {
        "provider": {"aws": aliases},
        "data": types.pop("data", {}),
        "resource": {**resource, **types},
    }


def pair(kind: Any, **more: Any) -> tuple[Body, Body]:
    """Both sides, each with the check of its name."""
    return checked({**kind("west"), **more}, "west"), checked({**kind("east"), **more}, "east")


def both(**more: Any) -> dict[str, Body]:
    """A check of the load balancer of each side."""
    return {side: check(f"${{aws_lb.{side}.dns_name}}", **more) for side in REGIONS}


def distributions(*aliases: str) -> dict[str, Any]:
    made = {"enabled": True, "aliases": list(aliases), "provider": "aws.east"}
    return {"aws_cloudfront_distribution": dict.fromkeys(REGIONS, made)}


def page(name: str) -> Body:
    return alias(f"${{aws_cloudfront_distribution.{name}.domain_name}}", evaluate=False)


def api_domains() -> dict[str, Any]:
    """An HTTP API with a custom domain name in each region."""
    return {
        "aws_apigatewayv2_api": {
            side: {"name": "app", "protocol_type": "HTTP", "provider": f"aws.{side}"}
            for side in REGIONS
        },
        "aws_apigatewayv2_domain_name": {
            side: {"domain_name": NAME, "provider": f"aws.{side}"} for side in REGIONS
        },
        "aws_apigatewayv2_api_mapping": {
            side: {
                "api_id": f"${{aws_apigatewayv2_api.{side}.id}}",
                "domain_name": f"${{aws_apigatewayv2_domain_name.{side}.id}}",
                "stage": "$default",
                "provider": f"aws.{side}",
            }
            for side in REGIONS
        },
    }


def api(side: str) -> Body:
    target = f"aws_apigatewayv2_domain_name.{side}.domain_name_configuration[0]"
    alias = {
        "name": f"${{{target}.target_domain_name}}",
        "zone_id": f"${{{target}.hosted_zone_id}}",
    }
    return {"type": "A", "alias": {**alias, "evaluate_target_health": True}}


def alarm(side: str, **more: Any) -> dict[str, Any]:
    """An alarm on the healthy hosts of a load balancer."""
    return {
        "aws_cloudwatch_metric_alarm": {
            side: {
                "alarm_name": f"hosts-{side}",
                "namespace": "AWS/ApplicationELB",
                "metric_name": "HealthyHostCount",
                "comparison_operator": "LessThanThreshold",
                "threshold": 1,
                "period": 60,
                "evaluation_periods": 2,
                "statistic": "Minimum",
                "provider": f"aws.{side}",
                **more,
            }
        }
    }


def alarm_check(**more: Any) -> Body:
    return {
        "type": "CLOUDWATCH_METRIC",
        "cloudwatch_alarm_name": "hosts-west",
        "cloudwatch_alarm_region": REGIONS["west"],
        **more,
    }


def iot(**more: Any) -> dict[str, Any]:
    """Domain configurations of AWS IoT in both regions, and their endpoints."""
    return {
        "aws_iot_domain_configuration": {
            side: {
                "name": "app",
                "domain_name": NAME,
                "server_certificate_arns": [f"arn:aws:acm:{region}:111111111111:certificate/1"],
                "provider": f"aws.{side}",
                **more,
            }
            for side, region in REGIONS.items()
        },
        "data": {
            "aws_iot_endpoint": {
                side: {"endpoint_type": "iot:Data-ATS", "provider": f"aws.{side}"}
                for side in REGIONS
            }
        },
    }


def endpoint(side: str) -> Body:
    return cname(f"${{data.aws_iot_endpoint.{side}.endpoint_address}}")


HOSTS: Final = {
    "west": check("a1b2c3d4e5.execute-api.us-west-2.amazonaws.com"),
    "east": check("b1b2c3d4e5.execute-api.us-east-1.amazonaws.com"),
}
ROUTED: Final = "latency_routing_policy"
CONTROL: Final = "aws_route53recoverycontrolconfig_routing_control"


def routed(policy: str, **values: Mapping[str, Any]) -> dict[str, Any]:
    """Records of another routing than failover."""
    return {
        f"routed_{side}": {
            "zone_id": "${aws_route53_zone.main.zone_id}",
            "name": "other.example.com",
            "set_identifier": side,
            policy: values[side],
            "provider": "aws.east",
            **lb(side),
        }
        for side in REGIONS
    }


DESIGNS: Final[Mapping[str, tuple[str, dict[str, Any]]]] = {
    # One check of the failover name, for both records: health-checks-creating-values.html.
    "JDTweddle/Multi-Region-Deployment": (
        CERTAIN,
        design(
            checked(address("west"), "app"),
            checked(address("east"), "app"),
            {"app": check(NAME, type="HTTP", port=80, resource_path="/")},
        ),
    ),
    "akupheaws/Warm-Standby-DR-Project": (
        RIGHT,
        design(*pair(lb), both(type="HTTP", port=80), **balancers()),
    ),
    # Evaluated aliases need no check: dns-failover-types.html (active-passive).
    "akoneru121/JPMC-Task": (RIGHT, design(lb("west"), lb("east"), **balancers())),
    # An instance is not an alias target: API_AliasTarget.html.
    "an alias to an instance": (
        CERTAIN,
        design(
            alias("${aws_instance.west.public_dns}"),
            alias("${aws_instance.east.public_dns}"),
            aws_instance={side: {"provider": f"aws.{side}"} for side in REGIONS},
        ),
    ),
    # The check asks the failover name itself.
    "two ingresses and a check of the record's name": (
        CERTAIN,
        design(
            checked(cname("a.example.net"), "app"), cname("b.example.net"), {"app": check(NAME)}
        ),
    ),
    "a balancer with a check, and one that is evaluated": (
        RIGHT,
        design(checked(lb("west"), "west"), lb("east"), both(), **balancers()),
    ),
    "serverlessland/route53-failover": (RIGHT, design(*pair(api), HOSTS, **api_domains())),
    # `d-...` answers 403: apigateway-regional-api-custom-domain-create.html.
    "checks of the target host of a custom domain": (
        CERTAIN,
        design(
            *pair(api),
            {
                side: check(
                    f"${{aws_apigatewayv2_domain_name.{side}.domain_name_configuration[0]"
                    ".target_domain_name}"
                )
                for side in REGIONS
            },
            **api_domains(),
        ),
    ),
    # An API's own host has no certificate of the name: how-to-custom-domains.html.
    "CNAME records to the APIs' own hosts": (
        CERTAIN,
        design(
            checked(cname("a1b2c3d4e5.execute-api.us-west-2.amazonaws.com"), "west"),
            checked(cname("b1b2c3d4e5.execute-api.us-east-1.amazonaws.com"), "east"),
            HOSTS,
        ),
    ),
    # AlarmIdentifier is only for checks of alarms; the provider leaves it out for others.
    "a check of an endpoint with the arguments of an alarm": (
        RIGHT,
        design(
            checked(lb("west"), "west"),
            lb("east"),
            both(cloudwatch_alarm_name="down", cloudwatch_alarm_region="us-west-2"),
            **balancers(),
        ),
    ),
    # A text in an answer of up to 5,120 bytes: API_HealthCheckConfig.html (SearchString).
    "a check that searches the answer": (
        RIGHT,
        design(
            *pair(api),
            {
                side: {**body, "type": "HTTPS_STR_MATCH", "search_string": "ok"}
                for side, body in HOSTS.items()
            },
            **api_domains(),
        ),
    ),
    # ICANN reserved `.internal` for private use: no checker resolves it.
    "a check of a name below .internal": (
        OPEN,
        design(
            checked(lb("west"), "west"),
            lb("east"),
            {"west": check("api.example.com.us-west-2.internal")},
            **balancers(),
        ),
    ),
    # A page of last resort; only the balancer is evaluated.
    "cds-snc/forms-terraform": (
        RIGHT,
        design(lb("west"), page("east"), **balancers(), **distributions()),
    ),
    "TCP checks of two network balancers": (
        RIGHT,
        design(*pair(lb), both(type="TCP"), **balancers(load_balancer_type="network")),
    ),
    "two clouds by address": (
        RIGHT,
        design(
            *pair(address),
            {
                side: check(type="HTTP", ip_address=host, port=3000)
                for side, host in ADDRESSES.items()
            },
        ),
    ),
    # An alternate domain name is on one distribution alone: CNAMEs.html.
    "one name on two distributions": (
        CERTAIN,
        design(
            checked(page("west"), "west"),
            page("east"),
            {"west": HOSTS["west"]},
            **distributions(NAME),
        ),
    ),
    "a check that no record uses": (
        RIGHT,
        design(lb("west"), lb("east"), {"west": both()["west"]}, **balancers()),
    ),
    # Route 53 refuses EvaluateTargetHealth for CloudFront: API_AliasTarget.html.
    "an evaluated alias to CloudFront": (
        CERTAIN,
        design(
            checked(alias("${aws_cloudfront_distribution.west.domain_name}"), "west"),
            lb("east"),
            {"west": HOSTS["west"]},
            **balancers(),
            **distributions(NAME),
        ),
    ),
    "terraform-aws-modules/route53": (
        RIGHT,
        design(
            checked(page("west"), "west"),
            alias("${aws_s3_bucket_website_configuration.east.website_domain}", evaluate=False),
            {"west": HOSTS["west"]},
            **distributions(NAME),
            aws_s3_bucket_website_configuration={"east": {"bucket": NAME, "provider": "aws.east"}},
        ),
    ),
    "an address without a check as the last one": (
        RIGHT,
        design(
            checked(address("west"), "west"),
            address("east"),
            {"west": check(type="HTTP", ip_address=ADDRESSES["west"], port=80)},
        ),
    ),
    # Without a SECONDARY there is nothing to fail over to.
    "mineiros-io/terraform-aws-route53": (
        OPEN,
        design(
            checked(address("west"), "west"),
            None,
            {"west": check("example.com", type="HTTP", port=80)},
        ),
    ),
    # A PRIMARY without a check and not evaluated is always healthy.
    "a PRIMARY that nothing checks": (CERTAIN, design(address("west"), address("east"))),
    # AWS IoT answers 403 to a request without credentials.
    "JussiLem/iot-demo": (
        CERTAIN,
        design(
            *pair(endpoint),
            {
                side: check(f"${{data.aws_iot_endpoint.{side}.endpoint_address}}")
                for side in REGIONS
            },
            **iot(),
        ),
    ),
    "awslabs/disaster-recovery-for-aws-iot": (RIGHT, design(*pair(endpoint), HOSTS, **iot())),
    # Devices get AWS's own certificate: iot-custom-endpoints-configurable-custom.html.
    "AWS IoT with the domain configurations disabled": (
        CERTAIN,
        design(*pair(endpoint), HOSTS, **iot(status="DISABLED")),
    ),
    "latency records of two balancers": (
        RIGHT,
        design(
            None,
            None,
            **balancers(),
            records=routed(ROUTED, west={"region": "us-west-2"}, east={"region": "us-east-1"}),
        ),
    ),
    # A manual switch: dns-failover-types.html; nothing fails over by itself.
    "weights 100 and 0": (
        OPEN,
        design(
            None,
            None,
            **balancers(),
            records=routed("weighted_routing_policy", west={"weight": 100}, east={"weight": 0}),
        ),
    ),
    "aws-ia/terraform-aws-route53-arc": (
        RIGHT,
        design(
            *pair(lb),
            {
                side: {
                    "type": "RECOVERY_CONTROL",
                    "routing_control_arn": f"${{{CONTROL}.{side}.arn}}",
                }
                for side in REGIONS
            },
            **balancers(),
            **{
                CONTROL: {
                    side: {"name": side, "cluster_arn": "arn:c", "provider": "aws.west"}
                    for side in REGIONS
                }
            },
        ),
    ),
    "both children of a calculated check": (
        RIGHT,
        design(
            checked(lb("west"), "all"),
            lb("east"),
            {
                **both(),
                "tcp": check("${aws_lb.west.dns_name}", type="TCP"),
                "all": {
                    "type": "CALCULATED",
                    "child_health_threshold": 2,
                    "child_healthchecks": [
                        "${aws_route53_health_check.west.id}",
                        "${aws_route53_health_check.tcp.id}",
                    ],
                },
            },
            **balancers(),
        ),
    ),
    "an alarm of the region, unhealthy without data": (
        RIGHT,
        design(
            checked(lb("west", evaluate_target_health=False), "west"),
            lb("east"),
            {"west": alarm_check(insufficient_data_health_status="Unhealthy")},
            **balancers(internal=False),
            **alarm("west"),
        ),
    ),
    # The alarm is lost with its region, and the check keeps its status: API_UpdateHealthCheck.html.
    "an alarm of the region, with its last status": (
        OPEN,
        design(
            checked(lb("west", evaluate_target_health=False), "west"),
            lb("east"),
            {"west": alarm_check(insufficient_data_health_status="LastKnownStatus")},
            **balancers(internal=False),
            **alarm("west"),
        ),
    ),
    # Checkers do not reach a private address: API_HealthCheckConfig.html (IPAddress).
    "checks of internal balancers": (
        CERTAIN,
        design(*pair(lb), both(), **balancers(internal=True)),
    ),
    "crossed checks": (
        CERTAIN,
        design(
            checked(lb("west", evaluate_target_health=False), "east"),
            checked(lb("east", evaluate_target_health=False), "west"),
            both(),
            **balancers(),
        ),
    ),
    "an inverted check": (
        CERTAIN,
        design(
            checked(lb("west", evaluate_target_health=False), "west"),
            lb("east"),
            both(invert_healthcheck=True),
            **balancers(),
        ),
    ),
    # RFC 2606, 8484: a URL is not a host name.
    "a URL as host name": (
        CERTAIN,
        design(
            checked(lb("west", evaluate_target_health=False), "west"),
            lb("east"),
            {"west": check("https://app-west.example.net")},
            **balancers(),
        ),
    ),
    # A website's bucket has the record's name, and only one bucket has it: RoutingToS3Bucket.html.
    "two websites of S3": (
        OPEN,
        design(
            checked(alias("${aws_s3_bucket_website_configuration.west.website_domain}"), "west"),
            alias("${aws_s3_bucket_website_configuration.east.website_domain}"),
            {"west": check("app-west.s3-website-us-west-2.amazonaws.com", type="HTTP", port=80)},
            aws_s3_bucket_website_configuration={
                side: {"bucket": f"app-{side}", "provider": f"aws.{side}"} for side in REGIONS
            },
        ),
    ),
}


@pytest.mark.parametrize("name", DESIGNS)
def test_a_public_design_is_judged_as_aws_documents(name: str) -> None:
    truth, document = DESIGNS[name]
    resources = ResourceSet([read_configuration("dns", document)])
    results = proofs(resources)
    blocked = [each.message for each in judge(resources).findings if each.verdict is Verdict.BLOCK]
    disproved = [str(each) for proof in results for each in proof.violations]
    is_proved = bool(results) and all(proof.is_proved for proof in results)
    if truth == RIGHT:
        assert blocked + disproved == []
    else:
        assert not is_proved
        assert truth == OPEN or blocked + disproved
