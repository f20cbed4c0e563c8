"""Route 53: hosted zones, records and health checks."""

import re
from collections.abc import Mapping

from iot_dr.terraform.standin.behaviour import Behaviour
from iot_dr.terraform.standin.checks import (
    arn,
    at_least,
    between,
    both,
    each_member,
    ip_address,
    length,
    one_of,
)
from iot_dr.terraform.standin.identity import Origin, fresh, fresh_uuid, stable
from iot_dr.terraform.standin.normal import dns_name
from iot_dr.terraform.standin.values import Value
from modules.checker_regions import CHECKER_REGIONS

_TYPES = (
    *("SOA", "A", "TXT", "NS", "CNAME", "MX", "NAPTR", "PTR", "SRV", "SPF", "AAAA", "CAA", "DS"),
    *("TLSA", "SSHFP", "SVCB", "HTTPS"),
)
_RECORD_ID = re.compile(
    rf"(?P<zone_id>[A-Z0-9]+)_(?P<name>.+?)_(?P<type>{'|'.join(_TYPES)})(?:_(?P<set_identifier>.+))?"
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
# Route 53 API, AlarmIdentifier: where alarms may be.
_ALARM_REGIONS = (
    *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "ca-west-1"),
    *("mx-central-1", "sa-east-1", "eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1"),
    *("eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3", "me-central-1", "me-south-1"),
    *("il-central-1", "af-south-1", "ap-east-1", "ap-east-2", "ap-south-1", "ap-south-2"),
    *("ap-northeast-1", "ap-northeast-2", "ap-northeast-3"),
    *(f"ap-southeast-{number}" for number in range(1, 8)),
    *("cn-north-1", "cn-northwest-1", "us-gov-east-1", "us-gov-west-1"),
    *("us-iso-east-1", "us-iso-west-1", "us-isob-east-1", "us-isof-east-1", "us-isof-south-1"),
    *("us-isob-west-1", "eu-isoe-west-1", "eusc-de-east-1"),
)
# These check no endpoint, so that `FailureThreshold` and `Regions` do not apply.
_INDIRECT = ("CALCULATED", "CLOUDWATCH_METRIC", "RECOVERY_CONTROL")
_FAILURE_THRESHOLD = 3
# A zone has one name server in each of these domains; the numbers follow AWS's own pattern.
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


def _of_record_id(id_: str) -> Mapping[str, Value]:
    # Provider documentation, route53_record, Import: a name may begin with an underscore.
    parts = _RECORD_ID.fullmatch(id_)
    return parts.groupdict() if parts else {}


def _health_check(values: Mapping[str, Value], _origin: Origin) -> Mapping[str, Value]:
    identifier, kind = fresh_uuid(), str(values["type"])
    return {
        "id": identifier,
        "arn": f"arn:aws:route53:::healthcheck/{identifier}",
        "enable_sni": kind.startswith("HTTPS"),
        "failure_threshold": 0 if kind in _INDIRECT else _FAILURE_THRESHOLD,
    }


def _health_check_later(values: Mapping[str, Value], _origin: Origin) -> Mapping[str, Value]:
    # hashicorp/terraform-provider-aws issue 45824: a check without `regions` has all of them later.
    return {} if values["type"] in _INDIRECT else {"regions": list(CHECKER_REGIONS)}


RESOURCES: Mapping[str, Behaviour] = {
    "aws_route53_zone": Behaviour(
        source="provider documentation, route53_zone",
        replace=("delegation_set_id", "name"),
        defaults={"comment": "Managed by Terraform", "force_destroy": False},
        defaults_from_aws={"enable_accelerated_recovery": False},
        checks={
            "comment": length(0, 256),
            "delegation_set_id": length(0, 32),
            "name": length(1, 1024),
        },
        normal={"name": dns_name},
        conflicts=(("delegation_set_id", "vpc"),),
        computed_on_apply=_zone,
    ),
    "aws_route53_record": Behaviour(
        source="provider documentation, route53_record; Route 53 API: ResourceRecordSet",
        replace=("name", "zone_id"),
        defaults_from_aws={"allow_overwrite": None},
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
        arguments_of_id=_of_record_id,
        computed_on_apply=_record,
    ),
    "aws_route53_health_check": Behaviour(
        source="provider documentation, route53_health_check; Route 53 API: HealthCheckConfig",
        replace=(
            *("measure_latency", "reference_name", "request_interval", "routing_control_arn"),
            "type",
        ),
        defaults={"disabled": False, "measure_latency": False},
        checks={
            "child_health_threshold": between(0, 256),
            "child_healthchecks": each_member(length(0, 64)),
            "cloudwatch_alarm_region": one_of(*_ALARM_REGIONS),
            "failure_threshold": between(1, 10),
            "fqdn": length(0, 255),
            "insufficient_data_health_status": one_of("Healthy", "Unhealthy", "LastKnownStatus"),
            "ip_address": ip_address,
            "port": between(1, 65535),
            "reference_name": length(0, 27),
            "regions": both(at_least(3), each_member(one_of(*CHECKER_REGIONS))),
            "request_interval": one_of(10, 30),
            "resource_path": length(0, 255),
            "routing_control_arn": arn,
            "search_string": length(0, 255),
            "type": one_of(
                *("HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH", "TCP", "CALCULATED"),
                *("CLOUDWATCH_METRIC", "RECOVERY_CONTROL"),
            ),
        },
        together={
            "cloudwatch_alarm_name": ("cloudwatch_alarm_region",),
            "cloudwatch_alarm_region": ("cloudwatch_alarm_name",),
        },
        computed_on_apply=_health_check,
        computed_later=_health_check_later,
    ),
}
DATA_SOURCES: Mapping[str, Behaviour] = {
    "aws_route53_zone": Behaviour(
        source="provider documentation, data route53_zone", computed_on_apply=_zone_found
    ),
}
