"""Route 53: hosted zones, records and health checks."""

from collections.abc import Mapping

from iot_dr.terraform.standin.behaviour import Behaviour
from iot_dr.terraform.standin.checks import (
    arn,
    at_least,
    between,
    both,
    each,
    ip_address,
    length,
    matches,
    one_of,
)
from iot_dr.terraform.standin.identity import Origin, fresh, fresh_uuid, stable
from iot_dr.terraform.standin.normal import dns_name
from iot_dr.terraform.standin.values import Value

_TYPES = (
    *("SOA", "A", "TXT", "NS", "CNAME", "MX", "NAPTR", "PTR", "SRV", "SPF", "AAAA", "CAA", "DS"),
    *("TLSA", "SSHFP", "SVCB", "HTTPS"),
)
_POLICIES = (
    "failover_routing_policy",
    "weighted_routing_policy",
    "latency_routing_policy",
    "geolocation_routing_policy",
    "geoproximity_routing_policy",
    "cidr_routing_policy",
    "multivalue_answer_routing_policy",
)
# A zone has one name server under each; numbers and stripes follow AWS's own pattern.
_NAME_SERVER_DOMAINS = ("com", "net", "org", "co.uk")
_SERVERS_IN_DOMAIN = 512
_SERVERS_IN_STRIPE = 8
_LONGEST_TTL = 2_147_483_647


def _zone_attributes(zone_id: str) -> Mapping[str, Value]:
    servers: list[str] = []
    for number, domain in enumerate(_NAME_SERVER_DOMAINS):
        position = int(stable(8, zone_id, domain), 16) % _SERVERS_IN_DOMAIN
        stripe = position // _SERVERS_IN_STRIPE
        servers.append(f"ns-{number * _SERVERS_IN_DOMAIN + position}.awsdns-{stripe:02}.{domain}")
    return {
        "id": zone_id,
        "zone_id": zone_id,
        "arn": f"arn:aws:route53:::hostedzone/{zone_id}",
        "name_servers": sorted(servers),
        "primary_name_server": servers[0],
    }


def _zone(_values: Mapping[str, Value], _origin: Origin) -> Mapping[str, Value]:
    return _zone_attributes(f"Z{fresh(20).upper()}")


def _zone_found(values: Mapping[str, Value], origin: Origin) -> Mapping[str, Value]:
    named = values.get("zone_id")
    digits = stable(20, origin.account, str(values.get("name"))).upper()
    zone_id = named if isinstance(named, str) else f"Z{digits}"
    return {**_zone_attributes(zone_id), "comment": "", "linked_service_principal": None}


def _record(values: Mapping[str, Value], _origin: Origin) -> Mapping[str, Value]:
    parts = [values["zone_id"], values["name"], values["type"], values.get("set_identifier")]
    return {"id": "_".join(filter(None, parts)), "fqdn": values["name"]}


def _health_check(values: Mapping[str, Value], _origin: Origin) -> Mapping[str, Value]:
    identifier = fresh_uuid()
    return {
        "id": identifier,
        "arn": f"arn:aws:route53:::healthcheck/{identifier}",
        "enable_sni": str(values["type"]).startswith("HTTPS"),
    }


RESOURCES: Mapping[str, Behaviour] = {
    "aws_route53_zone": Behaviour(
        source="provider documentation, route53_zone",
        replace=("delegation_set_id", "name"),
        defaults={"comment": "Managed by Terraform", "force_destroy": False},
        answers={"enable_accelerated_recovery": False},
        checks={
            "comment": length(0, 256),
            "delegation_set_id": length(0, 32),
            "name": length(1, 1024),
        },
        normal={"name": dns_name},
        conflicts=(("delegation_set_id", "vpc"),),
        made=_zone,
    ),
    "aws_route53_record": Behaviour(
        source="provider documentation, route53_record; Route 53 API: ResourceRecordSet",
        replace=("name", "zone_id"),
        answers={"allow_overwrite": None},
        checks={
            "failover_routing_policy.type": one_of("PRIMARY", "SECONDARY"),
            "name": length(1, 1024),
            "records": at_least(1),
            "set_identifier": length(1, 128),
            "ttl": between(0, _LONGEST_TTL),
            "type": one_of(*_TYPES),
            "weighted_routing_policy.weight": between(0, 255),
            "zone_id": length(1, 32),
        },
        normal={"name": dns_name},
        conflicts=(_POLICIES, ("alias", "ttl")),
        exactly_one=(("alias", "records"),),
        together={
            "records": ("ttl",),
            "ttl": ("records",),
            **dict.fromkeys(_POLICIES, ("set_identifier",)),
        },
        made=_record,
    ),
    "aws_route53_health_check": Behaviour(
        source="provider documentation, route53_health_check",
        replace=(
            *("measure_latency", "reference_name", "request_interval", "routing_control_arn"),
            "type",
        ),
        defaults={"disabled": False, "measure_latency": False},
        answers={"failure_threshold": 3},
        checks={
            "child_health_threshold": between(0, 256),
            "child_healthchecks": each(length(0, 64)),
            "failure_threshold": between(1, 10),
            "fqdn": length(0, 255),
            "insufficient_data_health_status": one_of("Healthy", "Unhealthy", "LastKnownStatus"),
            "ip_address": ip_address,
            "port": between(1, 65535),
            "reference_name": length(0, 27),
            "regions": both(at_least(3), each(matches(r"[a-z]+-[a-z]+-\d", "AWS regions"))),
            "request_interval": one_of(10, 30),
            "resource_path": length(0, 255),
            "routing_control_arn": arn,
            "search_string": length(0, 255),
            "type": one_of(
                *("HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH", "TCP", "CALCULATED"),
                *("CLOUDWATCH_METRIC", "RECOVERY_CONTROL"),
            ),
        },
        made=_health_check,
    ),
}
DATA_SOURCES: Mapping[str, Behaviour] = {
    "aws_route53_zone": Behaviour(
        source="provider documentation, data route53_zone", made=_zone_found
    ),
}
