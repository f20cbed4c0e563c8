"""How a change in a region's AWS IoT reaches a function: events, topic rules, a trail, queues."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from iot_dr.design.data_declared import Package
from iot_dr.design.data_functions import DataFunctions
from iot_dr.design.data_links import (
    QUEUE,
    STREAM,
    Assumer,
    DataStore,
    Link,
    Wanted,
    argument_links,
    at,
    best,
    key_calls,
    place_of,
    role_links,
)
from iot_dr.design.event_pattern import matches
from iot_dr.design.permissions import statements_of
from iot_dr.design.policy import ApiCall
from iot_dr.design.service_access import is_refused, key_problem
from iot_dr.design.topic_rules import RULE, rule_links, topic_rules
from iot_dr.terraform_json.argument import resolved_template
from iot_dr.terraform_json.block import blocks
from iot_dr.terraform_json.json_value import Json, json_in
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet
from modules.registry_sources import (
    CALL_EVENT,
    CALLS,
    EVENTS,
    SHADOW_FIELDS,
    SHADOWS,
    event_topics,
)

# Substitution templates that each message has a value for.
_PARTITION: Final = re.compile(r"\$\$\{(topic|clientid|timestamp|newuuid)\(\d*\)\}")
_MODE: Final = (Wanted("stream_mode_details", "stream_mode", ("ON_DEMAND",), "PROVISIONED"),)
_EVENTS: Final = "aws_iot_event_configurations"
_TRAIL: Final = "aws_cloudtrail"
_CALLS: Final = "aws_cloudwatch_event_rule"
_SENDER: Final = "events.amazonaws.com"
# docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
_LOGS: Final = (
    Wanted("", "enable_logging"),
    Wanted("event_selector", "include_management_events"),
    Wanted("event_selector", "read_write_type", ("All", "WriteOnly"), "All"),
)
# `is_enabled` is the older form of `state`; calls arrive on the default bus alone.
_TAKES: Final = (
    Wanted("", "state", ("ENABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"), "ENABLED"),
    Wanted("", "is_enabled"),
    Wanted("", "event_bus_name", ("default",), "default"),
)


class ChangeSource(NamedTuple):
    """A kind of change: the event type that must be on, its topic and fields, or its API calls."""

    what: str
    event: str = ""
    topic: str = ""
    fields: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()


def _is_of_policy(call: str) -> bool:
    return "Policy" in call and not call.startswith(("Attach", "Detach"))


SOURCES: Final = (
    *(
        ChangeSource(suffix.replace("-", " "), type_, event_topics(level), ("*",))
        for type_, (suffix, level) in EVENTS.items()
    ),
    ChangeSource("certificates", calls=tuple(call for call in CALLS if not _is_of_policy(call))),
    ChangeSource("policies", calls=tuple(filter(_is_of_policy, CALLS))),
    *(
        ChangeSource(suffix.replace("-", " "), topic=topic, fields=SHADOW_FIELDS)
        for suffix, topic in SHADOWS.items()
    ),
)
"""Every kind of change of a registry that is captured."""


def capture_links(functions: DataFunctions, source: ChangeSource, region: str) -> Iterator[Link]:
    """Yield why a kind of change in a region does not reach the table."""
    if source.calls:
        yield from _calls(functions, source, region)
        return
    resources = functions.resources
    if source.event:
        # docs.aws.amazon.com/iot/latest/developerguide/registry-events.html: off by default.
        wanted = [Wanted("event_configurations", source.event, default="false")]
        options = (
            argument_links(resources, events, wanted)
            for events in resources.of_type(_EVENTS)
            if events.region == region
        )
        yield from functions.best(options, _EVENTS, region, f"turns on {source.event}")
    options = (
        [*rule_links(resources, rule, source.fields), *_to_queue(functions, rule, action)]
        for rule in topic_rules(resources, source.topic, region)
        for action in blocks(rule.values, "sqs")
    )
    yield from functions.best(options, RULE, region, f"sends {source.topic} to a queue")


def _to_queue(
    functions: DataFunctions, rule: Resource, action: Mapping[str, Json]
) -> Iterator[Link]:
    resources = functions.resources
    if str(resources.resolve(rule, action.get("use_base64"))).lower() == "true":
        yield at(rule, "encodes what it sends in base64")
    place = place_of(resources, rule, action.get("queue_url"), QUEUE)
    calls = [("sqs:SendMessage", place.arn(QUEUE))] if place else []
    yield from sender_links(functions, rule, action, calls)
    if place and _is_refused(functions, place, ""):
        yield Link(f"the policy of {place.name} lets nobody send", functions.queues[place])
    yield from functions.readers(place, QUEUE, Package.CAPTURE)


def stream_links(
    functions: DataFunctions, rule: Resource, action: Mapping[str, Json]
) -> Iterator[Link]:
    """Yield why what a topic rule sends to a stream does not reach the function of telemetry."""
    resources = functions.resources
    place = place_of(resources, rule, action.get("stream_name"), STREAM)
    calls = [("kinesis:PutRecord", place.arn(STREAM))] if place else []
    stream = functions.streams.get(place) if place else None
    calls += key_calls(resources, stream, "kms:GenerateDataKey")
    yield from sender_links(functions, rule, action, calls)
    key = str(action.get("partition_key"))
    if not _PARTITION.fullmatch(key) and "kinesis" not in rule.inferred:
        yield at(rule, f"has the partition key {key}, of which no message has one")
    if stream and not stream.values.get("shard_count"):
        yield from argument_links(resources, stream, _MODE)
    yield from functions.readers(place, STREAM, Package.TELEMETRY)


def sender_links(
    functions: DataFunctions,
    rule: Resource,
    action: Mapping[str, Json],
    calls: Sequence[tuple[str, str]],
) -> Iterator[Link]:
    """Yield why AWS IoT may not do what an action of a topic rule wants.

    docs.aws.amazon.com/iot/latest/developerguide/iot-create-role.html,
    cross-service-confused-deputy-prevention.html.
    """
    resources = functions.resources
    name, account = _text(resources, rule, "name"), functions.environment.account
    assumer = Assumer(f"arn:aws:iot:{rule.region}:{account}:rule/{name}", account)
    yield from role_links(resources, rule, action.get("role_arn"), assumer, calls)


def _calls(functions: DataFunctions, source: ChangeSource, region: str) -> Iterator[Link]:
    resources = functions.resources
    if not functions.environment.is_logged:
        yield from _not_logged(functions, region)
    rules = [
        [*_rule_of_calls(functions, rule, pattern, source.calls)]
        for rule in resources.of_type(_CALLS)
        if rule.region == region and (pattern := json_in(_text(resources, rule, "event_pattern")))
    ]
    yield from functions.best(rules, _CALLS, region, "takes calls")


def _not_logged(functions: DataFunctions, region: str) -> Iterator[Link]:
    resources = functions.resources
    trails = (
        [
            *argument_links(resources, trail, _LOGS),
            *(
                Link(f"what {trail.address} logs", trail, is_known=False)
                for _ in blocks(trail.values, "advanced_event_selector")
            ),
        ]
        for trail in resources.of_type(_TRAIL)
        if trail.region == region or str(trail.values.get("is_multi_region_trail")) == "True"
    )
    yield from functions.best(trails, _TRAIL, region, "logs calls")


def _text(resources: ResourceSet, resource: Resource, argument: str) -> str:
    return resolved_template(resources, resource, resource.values.get(argument))


def _rule_of_calls(
    functions: DataFunctions, rule: Resource, pattern: Json, calls: Sequence[str]
) -> Iterator[Link]:
    resources = functions.resources
    yield from argument_links(resources, rule, _TAKES)
    for call in calls:
        detail = {"eventSource": CALL_EVENT["eventSource"], "eventName": call, "errorCode": None}
        event = {key: CALL_EVENT[key] for key in ("source", "detail-type")} | {"detail": detail}
        if (is_taken := matches(pattern, event)) is not True:
            yield at(rule, f"does not match {call}", is_known=is_taken is False)
    options = (
        _to_target(functions, target)
        for target in resources.of_type("aws_cloudwatch_event_target")
        if target.region == rule.region and _is_of(resources, target, rule)
    )
    yield from best(options, at(rule, "has no target"))


def _is_of(resources: ResourceSet, target: Resource, rule: Resource) -> bool:
    value = target.values.get("rule")
    if referred := resources.referenced(target, value, _CALLS):
        return referred.id == rule.id
    return _text(resources, target, "rule") == _text(resources, rule, "name")


def _to_target(functions: DataFunctions, target: Resource) -> Iterator[Link]:
    resources = functions.resources
    if any(target.values.get(each) for each in ("input", "input_path", "input_transformer")):
        yield at(target, "passes on another text than the event")
    place = place_of(resources, target, target.values.get("arn"), QUEUE)
    queue = functions.queues.get(place) if place else None
    if place and is_refused_to_send(functions, place, target):
        yield Link(f"the policy of {place.name} does not let {_SENDER} send", queue)
    source = {"aws:SourceArn": _rule_arn(functions, target)}
    if queue and (problem := key_problem(resources, queue, _SENDER, source)):
        yield at(queue, f"is encrypted, and {problem}")
    yield from functions.readers(place, QUEUE, Package.CAPTURE)


def is_refused_to_send(functions: DataFunctions, place: DataStore, target: Resource) -> bool:
    """Whether a queue's policy keeps the rule of a target from sending."""
    arn = _rule_arn(functions, target)
    return bool(arn) and _is_refused(functions, place, arn)


def _rule_arn(functions: DataFunctions, target: Resource) -> str:
    """Return the ARN of a target's rule, of any account; empty if the rule is not declared."""
    resources = functions.resources
    rules = (each for each in resources.of_type(_CALLS) if each.region == target.region)
    rule = next((each for each in rules if _is_of(resources, target, each)), None)
    if rule is None:
        return ""
    # The account is not known without settings.
    name = _text(resources, rule, "name") if rule.values.get("name") else "${name}"
    return f"arn:aws:events:{rule.region}:${{account}}:rule/{name}"


def _is_refused(functions: DataFunctions, place: DataStore, source: str) -> bool:
    """Whether a queue's policy keeps roles from sending, or a rule of EventBridge, by its ARN."""
    queue, resources = functions.queues.get(place), functions.resources
    if queue is None:
        return False
    policy = statements_of(resources, queue, queue.values.get("policy"))
    is_open = "policy" in queue.inferred or any(resources.of_type("aws_sqs_queue_policy"))
    if policy is None and (is_open or queue.change):
        return False
    call = ApiCall("sqs:SendMessage", place.arn(QUEUE), {"aws:SourceArn": source})
    return is_refused(policy, call, _SENDER if source else "")
