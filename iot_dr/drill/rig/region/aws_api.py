"""The APIs of CloudWatch and Parameter Store by moto, and what roles may call."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from http import HTTPStatus
from threading import Lock
from typing import Any, Final
from wsgiref.types import StartResponse, WSGIEnvironment

from moto.cloudwatch.models import CloudWatchBackend, MetricDatum, cloudwatch_backends
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.core.request import Request
from moto.core.responses import BaseResponse
from moto.core.utils import utcnow
from moto.ssm.models import ssm_backends
from moto.ssm.responses import SimpleSystemManagerResponse
from werkzeug.serving import WSGIRequestHandler
from werkzeug.wrappers import Response

from functions.contract import (
    SEEN_HEALTHY,
    WatchedRegionVariable,
    WatcherVariable,
    healthy_dimensions,
    switch_namespace,
)
from iot_dr.design.metric_alarms import MetricAlarm
from iot_dr.design.permissions import metric_call, parameter_call
from iot_dr.design.policy import ApiCall
from iot_dr.drill.rig.region.region_config import Role
from modules.policy_document import REQUESTED_REGION
from modules.watcher_calls import alarm_arn

_CREDENTIAL: Final = re.compile(r"Credential=(?P<key>[^/,]+)/\d+/[^/,]+/(?P<service>[^/,]+)/")
_DEPLOYED_BEFORE: Final = timedelta(days=1)


def backend_of(alarm: MetricAlarm) -> CloudWatchBackend:
    """Return moto's model of CloudWatch in the region of an alarm."""
    return cloudwatch_backends[DEFAULT_ACCOUNT_ID][alarm.region]


def create_alarm(alarm: MetricAlarm) -> None:
    """Let moto describe an alarm, in the state that it has had since the deployment."""
    created = backend_of(alarm).put_metric_alarm(
        name=alarm.name,
        namespace=alarm.namespace,
        metric_name=alarm.metric,
        comparison_operator=alarm.comparison,
        evaluation_periods=alarm.evaluation_periods or 1,
        period=alarm.period,
        threshold=alarm.threshold or 0,
        statistic=alarm.statistic,
        description="",
        dimensions=[{"Name": name, "Value": value} for name, value in alarm.dimensions.items()],
        alarm_actions=[],
    )
    created.state_value = "INSUFFICIENT_DATA"
    created.state_updated_timestamp -= _DEPLOYED_BEFORE


def record_history(environment: str, variables: Mapping[str, str]) -> None:
    """Record that each region of a watcher with these variables was healthy before the drill.

    An environment that is rehearsed has been deployed for a day: its watcher is not new.
    """
    regions = variables.get(WatcherVariable.REGIONS, "").split(",")
    for index, region in enumerate(regions, 1):
        alarm_region = next((other for other in regions if other != region), region)
        check_id = variables.get(f"{WatchedRegionVariable.CHECK}{index}", "")
        dimensions = healthy_dimensions(environment, region, check_id)
        point = {
            "MetricName": SEEN_HEALTHY,
            "Value": 1.0,
            "Timestamp": utcnow() - _DEPLOYED_BEFORE,
            "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
        }
        backend = cloudwatch_backends[DEFAULT_ACCOUNT_ID][alarm_region]
        backend.put_metric_data(switch_namespace(environment), [point])


class AwsApi:
    """The APIs, with the data of alarms that has not been evaluated; moto parses the requests.

    A call with the credentials of one of `roles` is refused unless the role allows it. There are no
    parameters at first.
    """

    def __init__(self, alarms: Iterable[MetricAlarm], roles: Mapping[str, Role]) -> None:
        self._alarms, self._responses = tuple(alarms), _responses(roles)
        ssm_backends[DEFAULT_ACCOUNT_ID].reset()
        self._values: dict[str, list[float]] = {each.id: [] for each in self._alarms}
        # Each request has its own thread.
        self._lock = Lock()

    def answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request; a WSGI application."""
        request = Request(environ)
        credential = _CREDENTIAL.search(request.headers.get("Authorization", ""))
        responses = self._responses.get(credential["service"] if credential else "")
        if responses is None:
            status, headers, body = _refused(HTTPStatus.NOT_FOUND, "UnknownOperationException", "")
            return Response(body, status, headers)(environ, start_response)
        with self._lock:
            status, headers, body = responses.dispatch(
                request, request.raw_url, dict(request.headers)
            )
            self._collect()
        return Response(body, status, headers)(environ, start_response)

    def take(self, alarm_id: str) -> list[float]:
        """Return and clear the values of an alarm."""
        with self._lock:
            values = self._values[alarm_id]
            self._values[alarm_id] = []
        return values

    def _collect(self) -> None:
        regions = cloudwatch_backends[DEFAULT_ACCOUNT_ID]
        for region in {each.region for each in self._alarms}:
            data = [each for each in regions[region].metric_data if isinstance(each, MetricDatum)]
            regions[region].metric_data = []
            for datum in data:
                followers = [each for each in self._alarms if _is_of(datum, each, region)]
                for alarm in followers:
                    self._values[alarm.id].append(datum.value)
                if not followers:
                    regions[region].metric_data.append(datum)


def _refused(status: HTTPStatus, error: str, message: str) -> tuple[int, dict[str, Any], str]:
    """Return an error of AWS, for the SDK's protocol of JSON.

    docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CommonErrors.html
    """
    body = json.dumps({"__type": error, "message": message})
    return status, {"content-type": "application/x-amz-json-1.0"}, body


def _responses(roles: Mapping[str, Role]) -> Mapping[str, type[BaseResponse]]:
    """Return moto's services by their name in signatures, with the roles' authorization."""
    return {
        "monitoring": _authorized(CloudWatchResponse, _metric_calls, roles),
        "ssm": _authorized(SimpleSystemManagerResponse, _parameter_calls, roles),
    }


def _authorized(
    service: type[BaseResponse],
    calls: Callable[[str, str, Callable[[str], Any]], Iterable[ApiCall]],
    roles: Mapping[str, Role],
) -> type[BaseResponse]:
    """Return a service that refuses a request whose role may not make one of its calls.

    `calls` returns them for an action, a region and a function that returns a parameter by name.
    """

    class Authorized(service):
        def call_action(self) -> tuple[int, dict[str, Any], str | bytes]:
            """Answer a request, with AWS's error if the caller's role does not allow it."""
            credential = _CREDENTIAL.search(str(self.headers.get("Authorization")))
            role = roles.get(credential["key"]) if credential else None
            for call in calls(self._get_action(), self.region, self._get_param):
                if role is not None and role.grants.access(call) != "allowed":
                    message = f"User is not authorized to perform: {call.action}"
                    return _refused(HTTPStatus.FORBIDDEN, "AccessDeniedException", message)
            return super().call_action()

    return Authorized


def _metric_calls(action: str, region: str, param: Callable[[str], Any]) -> Iterator[ApiCall]:
    """Yield what a request to CloudWatch needs to be allowed.

    docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html.
    """
    if action == "PutMetricData":
        yield metric_call(region, str(param("Namespace")))
        return
    arns = [alarm_arn(region, "", name) for name in param("AlarmNames") or ()]
    for arn in arns or ["*"]:
        yield ApiCall(f"cloudwatch:{action}", arn, {REQUESTED_REGION: region})


def _parameter_calls(action: str, region: str, param: Callable[[str], Any]) -> Iterator[ApiCall]:
    """Yield what a request to Parameter Store needs to be allowed: an action on each parameter.

    docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html.
    """
    for name in param("Names") or [param("Name")]:
        yield parameter_call(f"ssm:{action}", region, str(name))


def _is_of(datum: MetricDatum, alarm: MetricAlarm, region: str) -> bool:
    return (
        region == alarm.region
        and (datum.namespace, datum.name) == (alarm.namespace, alarm.metric)
        and {each.name: each.value for each in datum.dimensions} == dict(alarm.dimensions)
    )


class QuietHandler(WSGIRequestHandler):
    """A handler of requests without a log."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """Log nothing: the client reports errors."""
