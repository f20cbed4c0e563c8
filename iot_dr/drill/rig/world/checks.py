"""Reader of the health checks that records use and of the alarms behind them."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Final, get_args

from iot_dr.drill.rig.world.design import DEEPEST, Design, error_at
from iot_dr.drill.rig.world.world import Alarm
from iot_dr.route53.check import HealthCheck, InsufficientDataStatus
from iot_dr.route53.terraform_checks import DeclaredCheck, declared_checks
from iot_dr.route53.terraform_records import DeclaredRecord, Destination
from iot_dr.terraform_json.argument import is_resolved_name, known_dns_name
from iot_dr.terraform_json.expression import literal, references, texts
from iot_dr.terraform_json.json_value import mapping
from iot_dr.terraform_json.resource import Resource
from modules.checker_regions import CHECKER_REGIONS
from modules.switch_metric import SWITCH_METRIC, switch_namespace

_HTTPS_PORT: Final = 443
_ENDPOINTS: Final = ("TCP", "HTTPS", "HTTPS_STR_MATCH", "HTTP", "HTTP_STR_MATCH")
_HEALTHY: Final = "it is not rehearsed and counts as healthy"
_ALARM: Final = "aws_cloudwatch_metric_alarm"
_AS_SWITCHES_ARE: Final = {
    "comparison_operator": "GreaterThanOrEqualToThreshold",
    "evaluation_periods": "1",
}


class CheckReader:
    """Reads health checks to `checks` and the alarms of switches to `alarms`, both by id.

    `names` are the regional names by region, `apis` the regions with a health API.
    """

    def __init__(
        self, design: Design, environment: str, names: Mapping[str, str], apis: Collection[str]
    ) -> None:
        self._design, self._names, self._apis = design, names, apis
        self._namespace = switch_namespace(environment)
        self.checks: dict[str, HealthCheck] = {}
        self.alarms: dict[str, Alarm] = {}

    def read(self, check: DeclaredCheck, above: tuple[str, ...] = ()) -> None:
        """Read a check and its children.

        Raises WorldError for a reference without a target, for a cycle or too many levels of
        children, for a number that is unknown or not whole, and for an alarm in another region than
        `cloudwatch_alarm_region`.
        """
        if check.id in above or len(above) > DEEPEST:
            message = f"child_healthchecks: a cycle, or more than {DEEPEST} levels; remove a child"
            raise error_at(check.resource, message)
        if check.id not in self.checks:
            common = HealthCheck(
                id=check.id, type="TCP", inverted=check.inverted, disabled=check.disabled
            )
            self.checks[check.id] = self._of_type(check, common, (*above, check.id))

    def _of_type(
        self, check: DeclaredCheck, common: HealthCheck, above: tuple[str, ...]
    ) -> HealthCheck:
        resource, type_ = check.resource, check.type
        if type_ == "CALCULATED":
            return self._calculated(check, common, above)
        if type_ == "CLOUDWATCH_METRIC":
            return self._following(resource, replace(common, type="CLOUDWATCH_METRIC"))
        if type_ in _ENDPOINTS:
            return self._endpoint(type_, resource, common)
        reason = f"type {type_ or 'unknown'}: {_HEALTHY}"
        self._design.leave_out(resource, reason)
        return common

    def _calculated(
        self, check: DeclaredCheck, common: HealthCheck, above: tuple[str, ...]
    ) -> HealthCheck:
        declared = declared_checks(self._design.resources)
        for child in check.children:
            if child not in declared:
                message = f"child_healthchecks: {child} is not a health check of these stacks"
                raise error_at(check.resource, message)
            self.read(declared[child], above)
        return replace(
            common,
            type="CALCULATED",
            children=check.children,
            child_threshold=self._design.argument_number(
                check.resource, "child_health_threshold", 0
            ),
        )

    def _endpoint(self, kind: str, check: Resource, common: HealthCheck) -> HealthCheck:
        design = self._design
        asking = replace(
            common,
            type="TCP" if kind == "TCP" else "HTTPS",
            port=design.argument_number(check, "port", _HTTPS_PORT),
            interval=design.argument_number(check, "request_interval", common.interval),
            threshold=design.argument_number(check, "failure_threshold", common.threshold),
        )
        end = self._end(check)
        problem = self._problem(kind, check, end)
        if problem or end is None or end.region is None:
            design.leave_out(check, f"{problem}: {_HEALTHY}")
            return asking
        self._note(kind, check)
        host = self._host(check, end.region) if end.is_iot else None
        return replace(asking, region=end.region, host=host)

    def _end(self, check: Resource) -> Destination | None:
        """Return the one endpoint that a check probes, or None."""
        value = check.values.get("fqdn")
        if check.values.get("ip_address") or value is None:
            return None
        steps = self._design.names.steps(check, "fqdn", value)
        if not steps:
            raise error_at(check, f"fqdn: {value} does not resolve in these stacks")
        if any(isinstance(step, DeclaredRecord) and step.is_failover for step in steps):
            return None
        ends = [step for step in steps if isinstance(step, Destination)]
        return ends[0] if len(ends) == 1 else None

    def _problem(self, kind: str, check: Resource, end: Destination | None) -> str | None:
        if check.values.get("ip_address"):
            return "this check probes an IP address"
        if end is None:
            return "this check probes a name that does not resolve to a single region"
        if end.region not in self._names:
            return f"this check probes {end.name}, which is not in a region of the environment"
        if not end.is_iot and (not kind.startswith("HTTPS") or end.region not in self._apis):
            return f"this {kind} check probes {end.name}, which is not a health API with a canary"
        return None

    def _note(self, kind: str, check: Resource) -> None:
        if not kind.startswith(("HTTPS", "TCP")):
            reason = (
                "plain HTTP is rehearsed as HTTPS; AWS IoT answers neither as this check expects"
            )
            self._design.leave_out(check, reason)
        if kind.endswith("_STR_MATCH"):
            self._design.leave_out(check, "the response's text is not compared, only its status")
        asking = texts(check.values.get("regions"))
        if asking and len(set(asking)) < len(CHECKER_REGIONS):
            reason = (
                f"configured for checkers of {len(asking)} regions, rehearsed with those of all"
            )
            self._design.leave_out(check, reason)

    def _host(self, check: Resource, region: str) -> str:
        name = known_dns_name(self._design.resources, check, "fqdn", check.values.get("fqdn"))
        return name if name and is_resolved_name(name) else self._names[region]

    def _following(self, check: Resource, common: HealthCheck) -> HealthCheck:
        """Return a check that follows an alarm."""
        status = self._design.argument_text(check, "insufficient_data_health_status")
        missing = next(
            (each for each in get_args(InsufficientDataStatus) if each == status),
            common.insufficient_data_status,
        )
        value = check.values.get("cloudwatch_alarm_name")
        alarm = self._design.resources.referenced(check, value)
        if alarm is None and (references(value) or value is None):
            raise error_at(check, f"cloudwatch_alarm_name: {value} is not an alarm of these stacks")
        if alarm is not None:
            self._refuse_other_region(check, alarm)
        if alarm is None or not self._is_switch(alarm):
            followed = alarm.id if alarm else value
            reason = f"its alarm {followed} is not a switch: {_HEALTHY}"
            self._design.leave_out(check, reason)
            return replace(common, insufficient_data_status=missing)
        self._note_alarm(alarm)
        return replace(common, insufficient_data_status=missing, alarm=alarm.id)

    def _refuse_other_region(self, check: Resource, alarm: Resource) -> None:
        region = self._design.argument_text(check, "cloudwatch_alarm_region")
        if region and alarm.region and region != alarm.region:
            message = f"cloudwatch_alarm_region is {region}, but {alarm.id} is in {alarm.region}"
            raise error_at(check, message)

    def _is_switch(self, alarm: Resource) -> bool:
        word = self._design.argument_text
        return (
            alarm.type == _ALARM
            and alarm.region is not None
            # `argument_text` refuses slashes, which a namespace has.
            and self._design.resources.resolve(alarm, alarm.values.get("namespace"))
            == self._namespace
            and word(alarm, "metric_name") == SWITCH_METRIC
        )

    def _note_alarm(self, alarm: Resource) -> None:
        for key, wanted in _AS_SWITCHES_ARE.items():
            value = alarm.values.get(key)
            if value is not None and str(value) != wanted:
                self._design.leave_out(alarm, f"{key} is {value}, but rehearsed as {wanted}")
        resolve = self._design.resources.resolve
        dimensions = {
            key: literal(resolve(alarm, value)) or str(value)
            for key, value in mapping(alarm.values.get("dimensions")).items()
        }
        self.alarms[alarm.id] = Alarm(
            id=alarm.id,
            name=literal(resolve(alarm, alarm.values.get("alarm_name"))) or alarm.address,
            region=alarm.region or "",
            namespace=self._namespace,
            metric=SWITCH_METRIC,
            dimensions=dimensions,
            threshold=self._design.argument_number(alarm, "threshold", 1),
            period=self._design.argument_number(alarm, "period", 60),
            missing_data=self._design.argument_text(alarm, "treat_missing_data") or "missing",
        )
