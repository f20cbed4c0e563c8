"""Reader of the health checks that records use and of the alarms behind them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from functions.contract import HTTPS_PORT
from iot_dr.design.api_reply import UNKNOWN_SOURCE, ApiRoute
from iot_dr.design.check_request import CheckedEndpoint, endpoint_of, request_of
from iot_dr.design.http_api import read_http_api
from iot_dr.design.metric_alarms import MetricAlarm, metric_alarms
from iot_dr.drill.rig.world.design import RigDesign, WorldError, error_at
from iot_dr.drill.rig.world.functions import RegionFunctions
from iot_dr.route53.check import CALCULATED, CLOUDWATCH_METRIC, ENDPOINT_TYPES, HealthCheck
from iot_dr.route53.evaluation import DEEPEST
from iot_dr.route53.terraform_checks import DeclaredCheck, declared_checks
from iot_dr.terraform_json.argument import is_resolved_name, known_dns_name
from iot_dr.terraform_json.expression import references, texts
from iot_dr.terraform_json.resource import Resource
from modules.checker_regions import CHECKER_REGIONS

_HEALTHY: Final = "it counts as healthy"


class CheckReader:
    """Reads health checks to `checks` and the alarms of switches to `alarms`, both by id.

    `names` are the regional names by region.
    """

    def __init__(
        self,
        design: RigDesign,
        environment: str,
        *,
        names: Mapping[str, str],
        functions: RegionFunctions,
    ) -> None:
        self._design, self._names, self._functions = design, names, functions
        self._environment = environment
        self.checks: dict[str, HealthCheck] = {}
        self.alarms: dict[str, MetricAlarm] = {}

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
                id=check.id,
                type="TCP",
                inverted=check.inverted,
                disabled=check.disabled,
                insufficient_data_status=check.insufficient_data_status,
            )
            self.checks[check.id] = self._of_type(check, common, (*above, check.id))

    def _of_type(
        self, check: DeclaredCheck, common: HealthCheck, above: tuple[str, ...]
    ) -> HealthCheck:
        resource, type_ = check.resource, check.type
        if type_ == CALCULATED:
            return self._calculated(check, common, above)
        if type_ == CLOUDWATCH_METRIC:
            return self._following(resource, replace(common, type=CLOUDWATCH_METRIC))
        if type_ in ENDPOINT_TYPES:
            return self._endpoint(check, common)
        reason = f"{resource.id}: the type {type_ or 'unknown'}; {_HEALTHY}"
        self._design.not_understood.add(reason)
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
            type=CALCULATED,
            children=check.children,
            child_threshold=self._design.argument_number(
                check.resource, "child_health_threshold", 0
            ),
        )

    def _endpoint(self, check: DeclaredCheck, common: HealthCheck) -> HealthCheck:
        design, resource = self._design, check.resource
        request = request_of(design.resources, check)
        if check.unknown:
            raise error_at(resource, f"{' and '.join(check.unknown)}: must be a whole number")
        asking = replace(
            common,
            type=request.type.removesuffix("_STR_MATCH"),
            port=request.port or design.argument_number(resource, "port", HTTPS_PORT),
            path=request.path,
            has_sni=request.has_sni,
            searched=request.searched,
            interval=check.interval,
            threshold=check.threshold,
        )
        self._note(resource)
        endpoint = endpoint_of(design.resources, check)
        if endpoint.api:
            return self._of_api(check, asking, endpoint.api)
        value = resource.values.get("fqdn")
        if value is not None and not design.names.steps(resource, "fqdn", value):
            raise error_at(resource, f"fqdn: {value} does not resolve in these stacks")
        end = endpoint.end
        if problem := self._problem(resource, endpoint):
            design.not_understood.add(f"{resource.id}: {problem}")
        elif end and end.region:
            return replace(asking, region=end.region, host=self._host(resource, end.region))
        return asking

    def _of_api(self, check: DeclaredCheck, asking: HealthCheck, api: Resource) -> HealthCheck:
        """Return a check that requests an API, and note what of the API is not understood."""
        understood, region = self._design.not_understood, api.region or ""
        if self._functions.apis.get(region) != api or region not in self._names:
            understood.add(f"{check.id}: {api.id} is not the API of a region that is rehearsed")
            return asking
        model = read_http_api(self._design.resources, api)
        if not model.is_known:
            understood.add(f"{api.id}: the routes of an OpenAPI document are not read")
        for sentence in model.unread:
            understood.add(sentence)
        reply = model.reply("GET", asking.path)
        if reply.status is None and reply.route:
            self._note_route(region, reply.route)
        return replace(asking, region=region)

    def _note_route(self, region: str, route: ApiRoute) -> None:
        canary = self._functions.canary(region)
        if canary is None or route.function != canary.id:
            reason = f"{route.address} leads to {route.function or 'an unknown target'}"
            self._design.not_understood.add(f"{reason}, which is not a canary in {region}")
        if UNKNOWN_SOURCE in route.sources:
            reason = f"{route.address}: who may invoke {route.function} is not known"
            self._design.not_understood.add(reason)

    def _problem(self, check: Resource, endpoint: CheckedEndpoint) -> str:
        if check.values.get("ip_address"):
            return f"this check probes an IP address; {_HEALTHY}"
        if endpoint.end is None:
            return f"this check probes a name that does not resolve to a single region; {_HEALTHY}"
        name = endpoint.end.name
        if endpoint.end.region not in self._names:
            return (
                f"this check probes {name}, which is not in a region of the environment; {_HEALTHY}"
            )
        if not endpoint.end.is_iot:
            return f"this check probes {name}, which is not an API of these stacks; {_HEALTHY}"
        return ""

    def _note(self, check: Resource) -> None:
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
        resources, value = self._design.resources, check.values.get("cloudwatch_alarm_name")
        referred = resources.referenced(check, value)
        if referred is None and (references(value) or value is None):
            raise error_at(check, f"cloudwatch_alarm_name: {value} is not an alarm of these stacks")
        alarm = metric_alarms(resources).get(referred.id) if referred else None
        if alarm is not None:
            self._refuse_other_region(check, alarm)
        if alarm is None or not alarm.region or not alarm.is_of_switch(self._environment):
            followed = referred.id if referred else value
            reason = f"{check.id}: its alarm {followed} is not a switch; {_HEALTHY}"
            self._design.not_understood.add(reason)
            return common
        self._note_alarm(alarm)
        return replace(common, alarm=alarm.id)

    def _refuse_other_region(self, check: Resource, alarm: MetricAlarm) -> None:
        region = self._design.argument_text(check, "cloudwatch_alarm_region")
        if region and alarm.region and region != alarm.region:
            message = f"cloudwatch_alarm_region is {region}, but {alarm.id} is in {alarm.region}"
            raise error_at(check, message)

    def _note_alarm(self, alarm: MetricAlarm) -> None:
        if alarm.threshold is None or not alarm.period:
            raise WorldError(f"{alarm.id}: threshold and period must be known numbers")
        for key, value, wanted in (
            ("comparison_operator", alarm.comparison, "GreaterThanOrEqualToThreshold"),
            ("evaluation_periods", alarm.evaluation_periods, 1),
        ):
            if value != wanted:
                reason = f"{alarm.id}: {key} is {value}, but rehearsed as {wanted}"
                self._design.not_understood.add(reason)
        self.alarms[alarm.id] = alarm
