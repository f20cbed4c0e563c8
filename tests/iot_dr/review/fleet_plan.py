"""The plan of a small third-party IoT platform, which tests change."""

import json
from collections.abc import Mapping
from typing import Any, Final

from environments.settings import Settings
from iot_dr.generate.expectation import design_expectation
from iot_dr.review.impact.plan_review import review
from iot_dr.review.impact.review import DeviceChange, Review
from iot_dr.review.read.plan_source import PlanSource, StackSource
from tests.support.plan_parts import Json, entry

Changes = Mapping[str, Json | None]
"""The changed arguments by address; None for a destroyed resource."""

ZONE: Final = "aws_route53_zone.fleet"
DELEGATION: Final = "aws_route53_record.delegation"
VALIDATION: Final = "aws_route53_record.validation"
PRIMARY: Final = "aws_route53_record.primary"
SECONDARY: Final = "aws_route53_record.secondary"
IRELAND: Final = "aws_route53_record.ireland"
OHIO: Final = "aws_route53_record.ohio"
NOTE: Final = "aws_route53_record.note"
BOTH_CHECK: Final = "aws_route53_health_check.both"
TCP_CHECK: Final = "aws_route53_health_check.tcp"
OHIO_CHECK: Final = "aws_route53_health_check.ohio"
SPARE_CHECK: Final = "aws_route53_health_check.spare"
SWITCH_CHECK: Final = "aws_route53_health_check.switch"
SWITCH: Final = "aws_cloudwatch_metric_alarm.switch"
PAGE: Final = "aws_cloudwatch_metric_alarm.page"
LOAD: Final = "aws_cloudwatch_metric_alarm.load"
DOMAIN: Final = "aws_iot_domain_configuration.fleet"
CERTIFICATE: Final = "aws_acm_certificate.fleet"
POLICY: Final = "aws_iot_policy.device"
TABLE: Final = "aws_dynamodb_table.state"
DATABASE: Final = "aws_db_instance.archive"
ROLE: Final = "aws_iam_role.worker"

NAME: Final = "mqtt.fleet.example.com"


def _record(name: str, *records: str, type_: str = "CNAME", **more: Any) -> Json:
    return {
        "id": f"Z1_{name}",
        "zone_id": "Z1",
        "name": name,
        "fqdn": name,
        "type": type_,
        "ttl": 60,
        "records": list(records),
        **more,
    }


def _side(side: str, target: str, check: str) -> Json:
    policy: Json = {"failover_routing_policy": [{"type": side}], "set_identifier": side.lower()}
    return _record(NAME, target, health_check_id=check, **policy)


def _check(name: str, type_: str, **more: Any) -> Json:
    return {"id": f"check-{name}", "type": type_, "tags": {"Name": name}, **more}


def _tcp(name: str, fqdn: str) -> Json:
    arguments = {"fqdn": fqdn, "port": 8883, "request_interval": 30, "failure_threshold": 3}
    return _check(name, "TCP", **arguments)


def _alarm(name: str, namespace: str, metric: str, **dimensions: str) -> Json:
    return {
        "id": name,
        "alarm_name": name,
        "alarm_description": f"{name} goes off",
        "namespace": namespace,
        "metric_name": metric,
        "dimensions": dimensions,
        "threshold": 1,
        "alarm_actions": ["arn:aws:sns:eu-west-1:111111111111:people"],
    }


FLEET: Final[Mapping[str, Json]] = {
    ZONE: {"id": "Z1", "zone_id": "Z1", "name": "fleet.example.com", "comment": "ours"},
    DELEGATION: _record("fleet.example.com", "ns-1.example.net", type_="NS", zone_id="Z0"),
    VALIDATION: _record("_token.fleet.example.com", "_x.acm-validations.aws."),
    PRIMARY: _side("PRIMARY", "ireland.fleet.example.com", "check-both"),
    SECONDARY: _side("SECONDARY", "ohio.fleet.example.com", "check-ohio"),
    IRELAND: _record("ireland.fleet.example.com", "a1-ats.iot.eu-west-1.amazonaws.com"),
    OHIO: _record("ohio.fleet.example.com", "a1-ats.iot.us-east-2.amazonaws.com"),
    NOTE: _record("note.fleet.example.com", "hello", type_="TXT"),
    BOTH_CHECK: _check(
        "both",
        "CALCULATED",
        child_healthchecks=["check-tcp", "check-switch"],
        child_health_threshold=2,
    ),
    TCP_CHECK: _tcp("tcp", "ireland.fleet.example.com"),
    OHIO_CHECK: _tcp("ohio", "ohio.fleet.example.com"),
    SPARE_CHECK: _tcp("spare", "ireland.fleet.example.com"),
    SWITCH_CHECK: _check(
        "switch",
        "CLOUDWATCH_METRIC",
        cloudwatch_alarm_name="switch-ireland",
        cloudwatch_alarm_region="eu-west-1",
        insufficient_data_health_status="LastKnownStatus",
        triggers={"threshold": "1"},
    ),
    SWITCH: _alarm("switch-ireland", "Fleet", "SwitchedAway", Region="eu-west-1"),
    PAGE: _alarm("page", "AWS/Route53", "HealthCheckStatus", HealthCheckId="check-tcp"),
    LOAD: _alarm("load", "AWS/EC2", "CPUUtilization"),
    DOMAIN: {
        "id": "fleet",
        "name": "fleet",
        "domain_name": NAME,
        "status": "ENABLED",
        "tls_config": [{"security_policy": "IoTSecurityPolicy_TLS13_1_2_2022_10"}],
        "tags": {"Owner": "a"},
    },
    CERTIFICATE: {"id": "arn:c", "domain_name": "*.fleet.example.com", "tags": {"Owner": "a"}},
    POLICY: {"id": "device", "name": "device", "policy": '{"Statement":[]}', "tags": {}},
    TABLE: {"id": "state", "name": "state", "read_capacity": 1},
    DATABASE: {"id": "archive", "identifier": "archive", "instance_class": "db.t3.small"},
    ROLE: {"id": "worker", "name": "worker", "description": "works"},
}
"""The existing resources, by address."""


def plan(
    changes: Changes,
    *,
    replaced: Mapping[str, str] | None = None,
    forgotten: str = "",
    standing: Mapping[str, Json] = FLEET,
) -> Json:
    """Return a plan that makes these changes to existing resources.

    `replaced` are the arguments that force a replacement, by address; `forgotten` is an address.
    """
    forced = replaced or {}
    addresses = list({**standing, **changes, **forced})
    entries = [
        _entry(each, standing.get(each), changes, forced, forgotten=forgotten) for each in addresses
    ]
    blocks = [{**each, "provider_config_key": "aws.eu_west_1"} for each in map(entry, addresses)]
    region = {"expressions": {"region": {"constant_value": "eu-west-1"}}}
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": {}},
        "resource_changes": entries,
        "prior_state": {
            "format_version": "1.0",
            "values": {"root_module": {"resources": [{**entry(ZONE), "values": FLEET[ZONE]}]}},
        },
        "configuration": {
            "provider_config": {
                "aws.eu_west_1": {"name": "aws", "alias": "eu_west_1", **region},
            },
            "root_module": {"resources": blocks},
        },
    }


def with_entry(document: Json, address: str, change: Json) -> Json:
    """Return a plan with an additional or a different change."""
    rest = [each for each in document["resource_changes"] if each["address"] != address]
    more: Json = {**entry(address), "change": {"after_unknown": {}, **change}}
    return {**document, "resource_changes": [*rest, more]}


def reviewed(document: Json, settings: Settings | None = None, name: str = "fleet") -> Review:
    """Review one plan."""
    expected = design_expectation(settings) if settings else None
    return review(source(**{name: document}), expected)


def source(**documents: Json) -> PlanSource:
    """Return the source of several plans, by stack name."""
    stacks = tuple(planned(name, document) for name, document in documents.items())
    return PlanSource(environment=None, provider=None, base=None, stacks=stacks)


def planned(name: str, document: Json, region: str | None = None) -> StackSource:
    """Return a planned stack."""
    return StackSource(
        name=name,
        region=region,
        role=None,
        status="planned",
        file=None,
        content=json.dumps(document).encode(),
    )


def device_changes(document: Json) -> tuple[DeviceChange, ...]:
    """Return the device changes of a plan."""
    return reviewed(document).device_changes


def _entry(
    address: str,
    before: Json | None,
    changes: Changes,
    forced: Mapping[str, str],
    *,
    forgotten: str,
) -> Json:
    change: Json = {"before": before, "after_unknown": {}}
    if address == forgotten:
        change |= {"actions": ["forget"], "after": None}
    elif address not in changes and address not in forced:
        change |= {"actions": ["no-op"], "after": before}
    elif address in changes and changes[address] is None:
        change |= {"actions": ["delete"], "after": None}
    elif before is None:
        change |= {"actions": ["create"], "after": changes[address]}
    else:
        actions = ["delete", "create"] if address in forced else ["update"]
        change |= {"actions": actions, "after": {**before, **(changes.get(address) or {})}}
    if address in forced:
        change["replace_paths"] = [[forced[address]]]
    return {
        **entry(address),
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": change,
    }
