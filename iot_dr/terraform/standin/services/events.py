"""EventBridge: rules and their targets."""

import json
from collections.abc import Mapping

from iot_dr.terraform.standin.behaviour import Behaviour
from iot_dr.terraform.standin.checks import (
    arn,
    between,
    both,
    json_document,
    length,
    matches,
    one_of,
)
from iot_dr.terraform.standin.identity import Origin
from iot_dr.terraform.standin.services.naming import generated_name, name_and_prefix
from iot_dr.terraform.standin.values import Value
from iot_dr.terraform_json.defaults import PLANNED

_DEFAULT_BUS = "default"
_name = both(length(1, 64), matches(r"[0-9A-Za-z_.-]+", "letters, digits and _ . -"))
_bus = both(
    length(1, 1600),
    matches(
        r"(arn:aws[\w-]*:events:[\w-]+:\d{12}:event-bus/)?[0-9A-Za-z_./-]+",
        "a bus's name of letters, digits and _ . / -, or its ARN",
    ),
)
_LONGEST_PATTERN = 4096
_schedule = matches(
    r"rate\((1 (minute|hour|day)|(?!1 )[1-9]\d* (minutes|hours|days))\)|cron\(\S+( \S+){5}\)",
    "rate(1 minute), rate(5 minutes) or cron() with six fields",
)


def _pattern(text: str) -> str:
    """Return a pattern as the provider does: compact, with sorted keys, unescaped.

    Text that is not JSON is returned unchanged.
    """
    try:
        document = json.loads(text)
    except ValueError:
        return text
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _pattern_of_events(value: Value) -> str | None:
    return json_document(value) or length(0, _LONGEST_PATTERN)(_pattern(value))


def _of_bus(values: Mapping[str, Value], *parts: str) -> list[str]:
    bus = values["event_bus_name"]
    return [*([] if bus == _DEFAULT_BUS else [bus]), *parts]


def _rule(values: Mapping[str, Value], origin: Origin) -> Mapping[str, Value]:
    named = name_and_prefix(values)
    identifier = "/".join(_of_bus(values, named["name"]))
    return {"id": identifier, "arn": origin.arn("events", f"rule/{identifier}"), **named}


def _target(values: Mapping[str, Value], _origin: Origin) -> Mapping[str, Value]:
    given = values["target_id"]
    name = given if isinstance(given, str) else generated_name()
    return {"id": "-".join(_of_bus(values, str(values["rule"]), name)), "target_id": name}


RESOURCES: Mapping[str, Behaviour] = {
    "aws_cloudwatch_event_rule": Behaviour(
        source="provider documentation, cloudwatch_event_rule; EventBridge API: PutRule; "
        "EventBridge user guide: schedule expressions",
        replace=("event_bus_name", "name", "name_prefix"),
        defaults=PLANNED["aws_cloudwatch_event_rule"],
        checks={
            "description": length(0, 512),
            "event_bus_name": _bus,
            "event_pattern": _pattern_of_events,
            "name": _name,
            "name_prefix": _name,
            "role_arn": arn,
            "schedule_expression": _schedule,
            "state": one_of("ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"),
        },
        normal={"event_pattern": _pattern},
        conflicts=(("is_enabled", "state"), ("name", "name_prefix")),
        computed_on_apply=_rule,
    ),
    "aws_cloudwatch_event_target": Behaviour(
        source="provider documentation, cloudwatch_event_target; EventBridge API: PutTargets",
        replace=("event_bus_name", "rule", "target_id"),
        defaults=PLANNED["aws_cloudwatch_event_target"],
        checks={
            "arn": arn,
            "dead_letter_config.arn": arn,
            "event_bus_name": _bus,
            "input": both(length(0, 8192), json_document),
            "input_path": length(0, 256),
            "input_transformer.input_template": length(1, 8192),
            "retry_policy.maximum_event_age_in_seconds": between(0, 86_400),
            "retry_policy.maximum_retry_attempts": between(0, 185),
            "role_arn": arn,
            "rule": _name,
            "target_id": _name,
        },
        conflicts=(("input", "input_path", "input_transformer"),),
        limits={
            "ecs_target.ordered_placement_strategy": (0, 5),
            "ecs_target.placement_constraint": (0, 10),
            "run_command_targets": (0, 5),
            "sagemaker_pipeline_target.pipeline_parameter_list": (0, 200),
        },
        computed_on_apply=_target,
    ),
}
DATA_SOURCES: Mapping[str, Behaviour] = {}
