"""Reader of the functions of the regions, and of the HTTP APIs in front of them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from iot_dr.design.api_reply import HttpApi
from iot_dr.design.arguments import unread_arguments
from iot_dr.design.check_request import endpoint_of, request_of
from iot_dr.design.functions import function_problem, package_of, variables_of
from iot_dr.design.http_api import API, read_http_api
from iot_dr.design.permissions import grants
from iot_dr.design.schedule import schedule_of
from iot_dr.drill.rig.world.design import RigDesign
from iot_dr.drill.rig.world.world import Lambda
from iot_dr.route53.terraform_checks import declared_checks, declared_evaluation
from iot_dr.route53.terraform_records import CHECK
from iot_dr.terraform_json.argument import resolved_template
from iot_dr.terraform_json.expression import has_expression
from iot_dr.terraform_json.resource import Resource

_FUNCTION: Final = "aws_lambda_function"
# Lambda's default, in seconds: docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html
_TIMEOUT: Final = 3
# Seconds: a rehearsal waits for the watcher's first decision.
_LONGEST_PERIOD: Final = 600
# Arguments that are read, or do not change what an invocation does.
_ARGUMENTS: Final = frozenset(
    (
        *("function_name", "description", "role", "handler", "runtime", "architectures"),
        *("memory_size", "timeout", "reserved_concurrent_executions", "environment", "publish"),
        *("source_code_hash", "code_sha256", "source_code_size", "last_modified", "version"),
        *("invoke_arn", "qualified_arn", "qualified_invoke_arn", "response_streaming_invoke_arn"),
        *("tracing_config", "logging_config", "ephemeral_storage", "dead_letter_config"),
    )
)
_FIXED: Final = {"package_type": "Zip"}


def functions_of(design: RigDesign, package: str, region: str | None = None) -> Iterator[Resource]:
    """Yield the functions with the code of `functions/PACKAGE`, in a region or in any."""
    for resource in design.resources.of_type(_FUNCTION):
        is_there = resource.region and region in {None, resource.region}
        if is_there and package_of(design.resources, resource) == package:
            yield resource


class RegionFunctions:
    """The canary, the API and the watcher of each region.

    Of several APIs in a region it is the one that a check of `asked` requests, and of several
    canaries the one to which that leads.
    """

    def __init__(self, design: RigDesign, asked: Sequence[str]) -> None:
        self._design = design
        self.apis: dict[str, Resource] = {}
        self._routed = dict[str, str]()
        resources, declared = design.resources, declared_checks(design.resources)
        for id_ in declared_evaluation(resources).check_ids(*asked) if asked else ():
            api = endpoint_of(resources, declared[id_]).api if id_ in declared else None
            if api and api.region and api.region not in self.apis:
                self.apis[api.region] = api
                path = request_of(resources, declared[id_]).path
                route = read_http_api(resources, api).reply("GET", path).route
                self._routed[api.region] = route.function if route else ""
        for api in resources.of_type(API):
            if api.region:
                self.apis.setdefault(api.region, api)

    def api(self, region: str) -> HttpApi | None:
        """Return the API of a region, None without one."""
        api = self.apis.get(region)
        return read_http_api(self._design.resources, api) if api else None

    def canary(self, region: str) -> Lambda | None:
        """Return the canary of a region, None without one."""
        canaries = list(functions_of(self._design, "canary", region))
        canaries.sort(key=lambda canary: canary.id != self._routed.get(region))
        return self._lambda(canaries[0]) if canaries else None

    def watchers(self, order: Sequence[str]) -> Iterator[Lambda]:
        """Yield the watchers in the failover order of the regions; the first in a region alone."""
        watchers = list(functions_of(self._design, "watcher"))
        watchers.sort(key=lambda watcher: [*order, watcher.region].index(watcher.region))
        regions = set[str | None]()
        for watcher in watchers:
            if watcher.region in regions:
                self._design.not_understood.add(f"{watcher.id}: a second watcher is not rehearsed")
                continue
            regions.add(watcher.region)
            schedule = schedule_of(self._design.resources, watcher)
            period = schedule.period
            if schedule.expression and (period is None or period > _LONGEST_PERIOD):
                reason = f"{schedule.rule}: the schedule {schedule.expression} is not rehearsed"
                self._design.not_understood.add(reason)
                period = None
            yield replace(self._lambda(watcher), period=period)

    def _lambda(self, resource: Resource) -> Lambda:
        design, resources = self._design, self._design.resources
        for sentence in unread_arguments(resources, resource, _ARGUMENTS | {"filename"}, _FIXED):
            design.not_understood.add(sentence)
        package = package_of(resources, resource)
        file = str(resource.values.get("filename"))
        if not file.endswith(f"/{package}.zip"):
            design.not_understood.add(f"{resource.id}: the code in {file} is not known")
        policies = grants(resources, resource)
        if None in (*policies.identity, *policies.boundary):
            design.not_understood.add(f"{resource.id}: a policy of its role is not known")
        concurrency = design.argument_number(resource, "reserved_concurrent_executions", -1)
        return Lambda(
            id=resource.id,
            region=resource.region or "",
            handler=design.argument_text(resource, "handler") or "",
            variables=self._variables(resource),
            timeout=design.argument_number(resource, "timeout", _TIMEOUT),
            grants=policies,
            concurrency=None if concurrency < 0 else concurrency,
            problem=function_problem(resources, resource),
        )

    def _variables(self, resource: Resource) -> dict[str, str]:
        """Return the known variables; note those that are only known after apply."""
        design = self._design
        variables: dict[str, str] = {}
        for name, value in variables_of(resource).items():
            check = design.resources.referenced(resource, value, CHECK)
            if check:
                # In place of Route 53's generated id, the check's id in a World.
                variables[name] = check.id
                continue
            text = resolved_template(design.resources, resource, value)
            if has_expression(text):
                design.not_understood.add(
                    f"{resource.id}: the variable {name} is only known after apply"
                )
            else:
                variables[name] = text
        return variables
