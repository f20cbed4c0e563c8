"""Designs with very many records, checks or alarms of one shape, as configuration."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from iot_dr.terraform_json.json_value import Json

_Blocks = dict[str, dict[str, dict[str, Any]]]

_ZONE: Final = "iot.example.com"
REGIONS: Final = {"west": "eu-west-1", "central": "eu-central-1"}
_SIDES: Final = {"west": "PRIMARY", "central": "SECONDARY"}
RECORD: Final = "aws_route53_record"
_CHECK: Final = "aws_route53_health_check"
# Route 53 accepts no weight above 255.
_WEIGHTS: Final = 256
_SHARED: Final = 300


def design(shape: str, records: int) -> dict[str, Any]:
    """Return the configuration of a design of a shape with about so many records."""
    blocks: _Blocks = {
        "aws_route53_zone": {"zone": {"name": _ZONE}},
        "aws_iot_domain_configuration": {
            key: {"name": "devices", "domain_name": f"mqtt.{_ZONE}", "provider": f"aws.{key}"}
            for key in REGIONS
        },
        _CHECK: {key: _check(f"{key}.{_ZONE}") for key in REGIONS},
        RECORD: {
            f"regional_{key}": _record(
                f"{key}.{_ZONE}", f"${{data.aws_iot_endpoint.{key}.endpoint_address}}"
            )
            for key in REGIONS
        },
    }
    blocks[RECORD] |= _pair(f"mqtt.{_ZONE}", "mqtt")
    for type_, label, body in SHAPES[shape](records):
        blocks.setdefault(type_, {})[label] = body
    endpoints = {
        key: {"endpoint_type": "iot:Data-ATS", "provider": f"aws.{key}"} for key in REGIONS
    }
    for typed in blocks.values():
        for body in typed.values():
            body.setdefault("provider", "aws.west")
    return {
        "provider": {"aws": [{"alias": key, "region": name} for key, name in REGIONS.items()]},
        "data": {"aws_iot_endpoint": endpoints},
        "resource": blocks,
    }


def _record(name: str, *targets: str, **more: Json) -> dict[str, Any]:
    zone = "${aws_route53_zone.zone.zone_id}"
    record = {"zone_id": zone, "name": name, "type": "CNAME", "ttl": 60}
    return {**record, "records": list(targets), **more}


def _alias(name: str, target: str, **more: Json) -> dict[str, Any]:
    zone = "${aws_route53_zone.zone.zone_id}"
    alias = [{"name": target, "zone_id": zone, "evaluate_target_health": True}]
    return {"zone_id": zone, "name": name, "type": "CNAME", "alias": alias, **more}


def _side(side: str, identifier: str) -> dict[str, Any]:
    return {"failover_routing_policy": [{"type": side}], "set_identifier": identifier}


def _check(fqdn: str) -> dict[str, Any]:
    numbers = {"port": 8883, "failure_threshold": 3, "request_interval": 10}
    return {"type": "TCP", "fqdn": fqdn, **numbers}


def _asks(check: str) -> dict[str, str]:
    return {"health_check_id": f"${{{_CHECK}.{check}.id}}"}


def _pair(
    name: str, label: str, checks: Mapping[str, str] | None = None
) -> dict[str, dict[str, Any]]:
    return {
        f"{label}_{key}": _record(
            name, f"{key}.{_ZONE}", **_side(side, key), **_asks((checks or {}).get(key, key))
        )
        for key, side in _SIDES.items()
    }


_Entries = Iterator[tuple[str, str, dict[str, Any]]]


def _many_names(records: int) -> _Entries:
    for number in range(records // 2):
        for label, body in _pair(f"device{number}.{_ZONE}", f"n{number}").items():
            yield RECORD, label, body


def _own_checks(records: int) -> _Entries:
    for number in range(records // 2):
        checks = {key: f"{key}_{number}" for key in REGIONS}
        for key, label in checks.items():
            yield _CHECK, label, _check(f"{key}.{_ZONE}")
        for label, body in _pair(f"device{number}.{_ZONE}", f"n{number}", checks).items():
            yield RECORD, label, body


def _calculated_names(records: int) -> _Entries:
    for number in range(records // 2):
        checks = {key: f"both_{key}_{number}" for key in REGIONS}
        for key, label in checks.items():
            children = [f"${{{_CHECK}.{each}.id}}" for each in (key, *REGIONS)]
            numbers = {"child_health_threshold": 1, "child_healthchecks": children}
            yield _CHECK, label, {"type": "CALCULATED", **numbers}
        for label, body in _pair(f"device{number}.{_ZONE}", f"n{number}", checks).items():
            yield RECORD, label, body


def _calculated_children(records: int) -> _Entries:
    """Yield one calculated check of very many children, which one name uses."""
    children = [f"child{number}" for number in range(records)]
    for child in children:
        yield _CHECK, child, _check(f"west.{_ZONE}")
    ids = [f"${{{_CHECK}.{child}.id}}" for child in children]
    body = {"type": "CALCULATED", "child_health_threshold": 1, "child_healthchecks": ids}
    yield _CHECK, "all", body
    for label, body in _pair(f"all.{_ZONE}", "all", {"west": "all"}).items():
        yield RECORD, label, body


def _many_alarms(records: int) -> _Entries:
    for number in range(records // 2):
        alarm, check = f"alarm{number}", f"by_alarm{number}"
        body = {
            "alarm_name": alarm,
            "dimensions": {"ApiId": alarm},
            "namespace": "AWS/ApiGateway",
            "metric_name": "5xx",
            "statistic": "Sum",
            "comparison_operator": "GreaterThanOrEqualToThreshold",
            "threshold": 1,
            "evaluation_periods": 1,
            "period": 60,
            **{f"{when}_actions": list[str]() for when in ("alarm", "insufficient_data", "ok")},
        }
        yield "aws_cloudwatch_metric_alarm", alarm, body
        named = {"cloudwatch_alarm_name": alarm, "cloudwatch_alarm_region": REGIONS["west"]}
        yield _CHECK, check, {"type": "CLOUDWATCH_METRIC", **named}
        name = f"device{number}.{_ZONE}"
        for label, body in _pair(name, f"n{number}", {"west": check}).items():
            yield RECORD, label, body


def _routed(policy: str, argument: Callable[[int], Mapping[str, Any]]) -> Callable[[int], _Entries]:
    def entries(records: int) -> _Entries:
        for number in range(records):
            routing = {f"{policy}_routing_policy": [{**argument(number)}]}
            key = "west" if number % 2 else "central"
            body = _record(f"one.{_ZONE}", f"{key}.{_ZONE}", set_identifier=f"s{number}", **routing)
            yield RECORD, f"one{number}", {**body, **_asks(key)}
        alias = _alias(f"top.{_ZONE}", f"one.{_ZONE}")
        yield RECORD, "top", {**alias, **_side("PRIMARY", "one")}
        yield RECORD, "rest", _record(f"top.{_ZONE}", f"west.{_ZONE}", **_side("SECONDARY", "w"))

    return entries


def _multivalue(records: int) -> _Entries:
    for number in range(records):
        body = _record(
            f"one.{_ZONE}",
            f"{'west' if number % 2 else 'central'}.{_ZONE}",
            set_identifier=f"s{number}",
            multivalue_answer_routing_policy=True,
            **_asks("west"),
        )
        yield RECORD, f"one{number}", body


def _failover_of_one_name(records: int) -> _Entries:
    for number in range(records):
        key = "west" if number % 2 else "central"
        side = _side(_SIDES[key], f"s{number}")
        body = _record(f"one.{_ZONE}", f"{key}.{_ZONE}", **side, **_asks(key))
        yield RECORD, f"one{number}", body


def _alias_chains(records: int) -> _Entries:
    """Yield chains of eight aliases, each a failover name."""
    for number in range(records // 2):
        last, name = number % 8 == 7, f"c{number}.{_ZONE}"  # noqa: PLR2004 - of a chain
        target = f"west.{_ZONE}" if last else f"c{number + 1}.{_ZONE}"
        yield RECORD, f"c{number}", {**_alias(name, target), **_side("PRIMARY", "p")}
        second = _record(name, f"central.{_ZONE}", **_side("SECONDARY", "s"), **_asks("central"))
        yield RECORD, f"d{number}", second


def _one_chain(records: int) -> _Entries:
    for number in range(records):
        target = f"west.{_ZONE}" if number == records - 1 else f"c{number + 1}.{_ZONE}"
        yield RECORD, f"c{number}", {**_alias(f"c{number}.{_ZONE}", target)}
    yield RECORD, "top", {**_alias(f"top.{_ZONE}", f"c0.{_ZONE}"), **_side("PRIMARY", "p")}
    yield RECORD, "low", _record(f"top.{_ZONE}", f"central.{_ZONE}", **_side("SECONDARY", "s"))


def _bipartite(records: int) -> _Entries:
    """Yield names that alias to the same hundreds of weighted records."""
    for number in range(_SHARED):
        key = "west" if number % 2 else "central"
        routing = {"weighted_routing_policy": [{"weight": number % _WEIGHTS}]}
        body = _record(f"shared.{_ZONE}", f"{key}.{_ZONE}", set_identifier=f"s{number}", **routing)
        yield RECORD, f"shared{number}", {**body, **_asks(key)}
    for number in range(records // 2):
        name = f"b{number}.{_ZONE}"
        yield RECORD, f"b{number}", {**_alias(name, f"shared.{_ZONE}"), **_side("PRIMARY", "p")}
        second = _record(name, f"central.{_ZONE}", **_side("SECONDARY", "s"), **_asks("central"))
        yield RECORD, f"e{number}", second


def _bipartite_records(records: int) -> _Entries:
    """Yield a name of half the records, each an alias to a name of the other half."""
    half = records // 2
    for number in range(half):
        key = "west" if number % 2 else "central"
        routing = {"weighted_routing_policy": [{"weight": number % _WEIGHTS}]}
        body = _record(f"low.{_ZONE}", f"{key}.{_ZONE}", set_identifier=f"s{number}", **routing)
        yield RECORD, f"low{number}", {**body, **_asks(key)}
        top = _alias(f"high.{_ZONE}", f"low.{_ZONE}", set_identifier=f"t{number}", **routing)
        yield RECORD, f"high{number}", {**top, **_asks(key)}


def _mixture(records: int) -> _Entries:
    """Yield names with their own checks, and as many that are aliases to them."""
    for number in range(records // 4):
        checks = {key: f"{key}_{number}" for key in REGIONS}
        for key, label in checks.items():
            yield _CHECK, label, _check(f"{key}.{_ZONE}")
        name = f"device{number}.{_ZONE}"
        for label, body in _pair(name, f"n{number}", checks).items():
            yield RECORD, label, body
        above = f"fleet{number}.{_ZONE}"
        yield RECORD, f"a{number}", {**_alias(above, name), **_side("PRIMARY", "p")}
        yield RECORD, f"b{number}", _record(above, f"central.{_ZONE}", **_side("SECONDARY", "s"))


def _many_zones(records: int) -> _Entries:
    for number in range(records // 2):
        zone = f"z{number}.example.com"
        yield "aws_route53_zone", f"z{number}", {"name": zone}
        for label, body in _pair(f"mqtt.{zone}", f"n{number}").items():
            yield RECORD, label, {**body, "zone_id": f"${{aws_route53_zone.z{number}.zone_id}}"}


def _nested_zones(records: int) -> _Entries:
    for number in range(records // 2):
        zone = f"z{number}.{_ZONE}"
        yield "aws_route53_zone", f"z{number}", {"name": zone}
        delegation = {**_record(zone, f"ns-{number}.awsdns-01.com"), "type": "NS"}
        yield RECORD, f"ns{number}", delegation
        for label, body in _pair(f"mqtt.{zone}", f"n{number}").items():
            yield RECORD, label, {**body, "zone_id": f"${{aws_route53_zone.z{number}.zone_id}}"}


def _simple(records: int) -> _Entries:
    for number in range(records):
        yield RECORD, f"s{number}", _record(f"s{number}.{_ZONE}", f"west.{_ZONE}")


def _same_simple(records: int) -> _Entries:
    for number in range(records):
        yield RECORD, f"s{number}", _record(f"s.{_ZONE}", f"west.{_ZONE}")


def _one_zone_only(records: int) -> _Entries:
    for number in range(records):
        yield RECORD, f"s{number}", _record(f"s{number}.{_ZONE}", f"{number}.example.net")


SHAPES: Final[Mapping[str, Callable[[int], _Entries]]] = {
    "many failover names": _many_names,
    "many names with their own checks": _own_checks,
    "many names with calculated checks": _calculated_names,
    "one calculated check": _calculated_children,
    "many alarms": _many_alarms,
    "one weighted name": _routed("weighted", lambda number: {"weight": number % _WEIGHTS}),
    "one latency name": _routed("latency", lambda number: {"region": f"r{number}"}),
    "one geolocation name": _routed("geolocation", lambda number: {"country": f"c{number}"}),
    "one multivalue name": _multivalue,
    "one failover name": _failover_of_one_name,
    "chains of aliases": _alias_chains,
    "one chain of aliases": _one_chain,
    "bipartite aliases": _bipartite,
    "bipartite records": _bipartite_records,
    "names, checks and aliases": _mixture,
    "many zones": _many_zones,
    "many delegated zones": _nested_zones,
    "simple names": _simple,
    "one simple name": _same_simple,
    "simple foreign": _one_zone_only,
}
"""What the records, checks or alarms of a design are, by the shape's name."""
