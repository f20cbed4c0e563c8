"""CloudWatch: log groups, alarms and dashboards."""

import re
from collections.abc import Mapping
from typing import Final

from iot_dr.terraform.standin.behaviour import Behaviour
from iot_dr.terraform.standin.checks import (
    Check,
    arn,
    between,
    both,
    each_member,
    json_document,
    length,
    matches,
    one_of,
)
from iot_dr.terraform.standin.identity import Origin
from iot_dr.terraform.standin.normal import json_text
from iot_dr.terraform.standin.services.limits import at_most
from iot_dr.terraform.standin.services.naming import name_and_prefix
from iot_dr.terraform.standin.values import UNKNOWN, Value, has_unknown, is_object
from iot_dr.terraform_json.defaults import PLANNED

_RETENTIONS = (
    *(0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192),
    *(2557, 2922, 3288, 3653),
)
_MINUTE = 60
_MOST = 2_147_483_647
_VOLUMES = ("Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes")
_SIZES = (*_VOLUMES, "Bits", "Kilobits", "Megabits", "Gigabits", "Terabits")
_UNITS: Final = (
    *("Seconds", "Microseconds", "Milliseconds", *_SIZES, "Percent", "Count"),
    *(f"{size}/Second" for size in (*_SIZES, "Count")),
    "None",
)
_STATISTICS = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
# CloudWatch user guide, "CloudWatch statistics definitions".
_RANGE = r"\((\d+(\.\d+)?%?)?:(\d+(\.\d+)?%?)?\)"
_PERCENTILE = rf"(p|tm|wm|tc|ts)(\d{{1,2}}(\.\d{{1,2}})?|100)|IQM|(TM|WM|PR|TC|TS){_RANGE}"
_AUTOMATE = re.compile(r"arn:[\w-]+:automate:[\w-]+:ec2:(reboot|recover|stop|terminate)")

_group = matches(r"[0-9A-Za-z_./#-]+", "letters, digits and _ . / # -")
_namespace = both(length(1, 255), matches(r"[^:].*", "a namespace that begins with no colon"))


def _seconds(*short: int) -> Check:
    """Allow periods of whole minutes, and the listed shorter ones."""
    wrong = f"be one of {', '.join(map(str, short))} or a multiple of {_MINUTE}, got "

    def check(value: Value) -> str | None:
        is_right = value in short or (value > 0 and value % _MINUTE == 0)
        return None if is_right else f"{wrong}{value}"

    return check


_period, _query_period = _seconds(10, 20, 30), _seconds(1, 5, 10, 20, 30)


def _action(value: Value) -> str | None:
    return None if _AUTOMATE.fullmatch(value) else arn(value)


_actions = both(at_most(5), each_member(_action))


def _log_group(values: Mapping[str, Value], origin: Origin) -> Mapping[str, Value]:
    named = name_and_prefix(values)
    name = named["name"]
    return {"id": name, "arn": origin.arn("logs", f"log-group:{name}"), **named}


def _alarm_planned(values: Mapping[str, Value], _origin: Origin) -> Mapping[str, Value]:
    """Plan dimensions as unknown as a whole if one is, as the provider's SDK does with maps."""
    dimensions = values["dimensions"]
    is_partly = is_object(dimensions) and has_unknown(dimensions)
    return {"dimensions": UNKNOWN} if is_partly else {}


def _alarm(values: Mapping[str, Value], origin: Origin) -> Mapping[str, Value]:
    name = values["alarm_name"]
    return {"id": name, "arn": origin.arn("cloudwatch", f"alarm:{name}")}


def _dashboard(values: Mapping[str, Value], origin: Origin) -> Mapping[str, Value]:
    name = values["dashboard_name"]
    return {"id": name, "dashboard_arn": f"arn:aws:cloudwatch::{origin.account}:dashboard/{name}"}


RESOURCES: Mapping[str, Behaviour] = {
    "aws_cloudwatch_dashboard": Behaviour(
        source="provider documentation, cloudwatch_dashboard; CloudWatch API: PutDashboard",
        replace=("dashboard_name",),
        checks={
            "dashboard_body": json_document,
            "dashboard_name": matches(r"[0-9A-Za-z_-]{1,255}", "1 to 255 letters, digits and _ -"),
        },
        normal={"dashboard_body": json_text},
        computed_on_apply=_dashboard,
    ),
    "aws_cloudwatch_log_group": Behaviour(
        source="provider documentation, cloudwatch_log_group; CloudWatch Logs API: "
        "CreateLogGroup, PutRetentionPolicy",
        replace=("log_group_class", "name", "name_prefix"),
        defaults={"retention_in_days": 0, "skip_destroy": False},
        defaults_from_aws={"deletion_protection_enabled": False, "log_group_class": "STANDARD"},
        checks={
            "log_group_class": one_of("STANDARD", "INFREQUENT_ACCESS", "DELIVERY"),
            "name": both(length(1, 512), _group),
            "name_prefix": both(length(1, 483), _group),
            "retention_in_days": one_of(*_RETENTIONS),
        },
        conflicts=(("name", "name_prefix"),),
        computed_on_apply=_log_group,
    ),
    "aws_cloudwatch_metric_alarm": Behaviour(
        source="provider documentation, cloudwatch_metric_alarm; CloudWatch API: PutMetricAlarm",
        replace=("alarm_name",),
        defaults=PLANNED["aws_cloudwatch_metric_alarm"],
        defaults_from_aws={"evaluate_low_sample_count_percentiles": ""},
        checks={
            "alarm_actions": _actions,
            "alarm_description": length(0, 1024),
            "alarm_name": length(1, 255),
            "comparison_operator": one_of(
                *("GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold"),
                *("LessThanOrEqualToThreshold", "LessThanLowerOrGreaterThanUpperThreshold"),
                *("LessThanLowerThreshold", "GreaterThanUpperThreshold"),
            ),
            "datapoints_to_alarm": between(1, _MOST),
            "evaluate_low_sample_count_percentiles": one_of("evaluate", "ignore"),
            "evaluation_periods": between(1, _MOST),
            "extended_statistic": matches(_PERCENTILE, "a percentile or a trimmed statistic"),
            "insufficient_data_actions": _actions,
            "metric_name": length(1, 255),
            "metric_query.expression": length(1, 1024),
            "metric_query.id": length(1, 255),
            "metric_query.metric.metric_name": length(1, 255),
            "metric_query.metric.namespace": _namespace,
            "metric_query.metric.period": _query_period,
            "metric_query.metric.stat": matches(
                f"{'|'.join(_STATISTICS)}|{_PERCENTILE}", "a statistic"
            ),
            "metric_query.period": _query_period,
            "namespace": _namespace,
            "ok_actions": _actions,
            "period": _period,
            "statistic": one_of(*_STATISTICS),
            "threshold_metric_id": length(1, 255),
            "treat_missing_data": one_of("missing", "ignore", "breaching", "notBreaching"),
            "unit": one_of(*_UNITS),
        },
        conflicts=(
            *(
                ("metric_query", single)
                for single in ("dimensions", "metric_name", "namespace", "period")
            ),
            ("threshold", "threshold_metric_id"),
        ),
        exactly_one=(
            ("metric_name", "metric_query"),
            ("statistic", "extended_statistic", "metric_query"),
        ),
        planned=_alarm_planned,
        computed_on_apply=_alarm,
    ),
}
DATA_SOURCES: Mapping[str, Behaviour] = {}
