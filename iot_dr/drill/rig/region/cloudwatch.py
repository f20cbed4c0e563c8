"""CloudWatch of all regions: the metrics of switches and their alarms."""

import asyncio
import json
import re
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from http import HTTPStatus
from threading import Lock, Thread
from types import MappingProxyType
from typing import Any, Final, cast
from wsgiref.types import StartResponse, WSGIEnvironment

import boto3.session
from botocore.config import Config
from moto.cloudwatch.models import CloudWatchBackend, MetricDatum, cloudwatch_backends
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.core.request import Request
from moto.core.utils import utcnow
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wrappers import Response

from environments.settings import Settings
from iot_dr.design.permissions import metric_call
from iot_dr.design.policy import Call
from iot_dr.drill.rig.clock import Clock
from iot_dr.drill.rig.region.region_config import Role
from iot_dr.drill.rig.world.world import Alarm
from iot_dr.forecast.detection import EVALUATION_DELAY
from iot_dr.observe.switch.metric import Action, data_point
from iot_dr.route53.check import AlarmState
from modules.switch_metric import switch_namespace

_EMPTY_PERIODS: Final = 3
"""Periods without data before an alarm treats them as missing.

Assumed: CloudWatch looks at more periods than it evaluates, AWS does not document how many.
docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

_WITHOUT_DATA: Final[Mapping[str, AlarmState]] = {
    "missing": "INSUFFICIENT_DATA",
    "breaching": "ALARM",
    "notBreaching": "OK",
}
"""States without data; with `ignore` an alarm keeps its state."""

_KEY: Final = re.compile(r"Credential=([^/,]+)/")
_POLL: Final = 0.05
_DEPLOYED_BEFORE: Final = timedelta(days=1)


class CloudWatch:
    """CloudWatch API at `endpoint`, with alarms on the metrics of switches.

    Timestamps of data are in real time, so a datum counts for the rehearsed period in which it
    arrived. After each period an alarm evaluates the maximum; without data it treats
    `missing_data` as documented. `on_change` receives an alarm's id and its new state. After
    `stop` every connection is refused, until `start`. A call with the credentials of one of `roles`
    (by access key id) is refused unless the role allows it.
    """

    def __init__(  # noqa: PLR0913 - the roles are optional
        self,
        settings: Settings,
        alarms: Mapping[str, Alarm],
        clock: Clock,
        host: str,
        on_change: Callable[[str, AlarmState], None],
        *,
        roles: Mapping[str, Role] = MappingProxyType({}),
    ) -> None:
        self.states: dict[str, AlarmState] = dict.fromkeys(alarms, "INSUFFICIENT_DATA")
        self._settings = settings
        self._alarms = alarms
        self._clock = clock
        self._host = host
        self._on_change = on_change
        self._came = _Data(alarms.values(), _responses(roles))
        for alarm in alarms.values():
            _create(alarm)
        self._server: BaseWSGIServer | None = None
        self._thread: Thread | None = None
        self._port = 0

    @property
    def endpoint(self) -> str:
        """The URL, which is valid and constant after the first `start`."""
        return f"http://{self._host}:{self._port}"

    async def start(self) -> None:
        """Listen, unless it does; raises OSError if the port is in use."""
        if self._server is not None:
            return
        # Bound here: werkzeug would print and exit if the port is in use.
        with socket.create_server((self._host, self._port)) as bound:
            server = make_server(
                self._host,
                bound.getsockname()[1],
                self._came.answer,
                threaded=True,
                request_handler=_Quiet,
                fd=bound.fileno(),
            )
        self._server, self._port = server, server.port
        self._thread = Thread(target=server.serve_forever, args=(_POLL,), daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        """Refuse every connection; alarms keep their states."""
        server, self._server = self._server, None
        if server is not None and self._thread is not None:
            await asyncio.to_thread(server.shutdown)
            server.server_close()
            await asyncio.to_thread(self._thread.join)

    def is_in_alarm(self, alarms: Iterable[Alarm]) -> bool:
        """Whether any of these alarms is in ALARM."""
        return any(self.states[alarm.id] == "ALARM" for alarm in alarms)

    async def put(self, alarm_id: str, action: Action) -> None:
        """Put the metric of an alarm's switch as `iot-dr switch` does.

        Raises botocore's error if the endpoint does not answer.
        """
        await asyncio.to_thread(self._put, self._alarms[alarm_id], action)

    async def run(self) -> None:
        """Evaluate the alarms until cancelled."""
        async with asyncio.TaskGroup() as group:
            for alarm in self._alarms.values():
                group.create_task(self._follow(alarm))
            # Runs until cancelled also without alarms.
            await asyncio.Event().wait()

    async def _follow(self, alarm: Alarm) -> None:
        empty = 0
        while True:
            await self._clock.sleep(alarm.period - self._clock.now() % alarm.period)
            values = self._came.take(alarm.id)
            await self._clock.sleep(EVALUATION_DELAY)
            empty = 0 if values else empty + 1
            if values:
                self._set(alarm.id, "ALARM" if max(values) >= alarm.threshold else "OK")
            elif empty >= _EMPTY_PERIODS and alarm.missing_data in _WITHOUT_DATA:
                self._set(alarm.id, _WITHOUT_DATA[alarm.missing_data])

    def _set(self, alarm_id: str, state: AlarmState) -> None:
        if self.states[alarm_id] != state:
            self.states[alarm_id] = state
            _backend(self._alarms[alarm_id]).set_alarm_state(
                self._alarms[alarm_id].name, "", "{}", state
            )
            self._on_change(alarm_id, state)

    def _put(self, alarm: Alarm, action: Action) -> None:
        client = cast("Any", boto3.session.Session()).client(
            "cloudwatch",
            region_name=alarm.region,
            endpoint_url=self.endpoint,
            aws_access_key_id="drill",
            aws_secret_access_key="drill",  # noqa: S106 - a placeholder
            config=Config(
                connect_timeout=1, read_timeout=5, proxies={}, retries={"total_max_attempts": 1}
            ),
        )
        point = data_point(self._settings, alarm.dimensions["Region"], action)
        client.put_metric_data(Namespace=alarm.namespace, MetricData=[point])


def _backend(alarm: Alarm) -> CloudWatchBackend:
    return cloudwatch_backends[DEFAULT_ACCOUNT_ID][alarm.region]


def _create(alarm: Alarm) -> None:
    """Let moto describe an alarm, in the state that it has had since the deployment."""
    created = _backend(alarm).put_metric_alarm(
        name=alarm.name,
        namespace=alarm.namespace,
        metric_name=alarm.metric,
        comparison_operator="GreaterThanOrEqualToThreshold",
        evaluation_periods=1,
        period=alarm.period,
        threshold=alarm.threshold,
        statistic="Maximum",
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
    regions = variables.get("WATCHER_REGIONS", "").split(",")
    for index, region in enumerate(regions, 1):
        keeper = next((other for other in regions if other != region), region)
        dimensions = {
            "Environment": environment,
            "Region": region,
            "HealthCheckId": variables.get(f"WATCHER_CHECK_{index}", ""),
        }
        point = {
            "MetricName": "SeenHealthy",
            "Value": 1.0,
            "Timestamp": utcnow() - _DEPLOYED_BEFORE,
            "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
        }
        backend = cloudwatch_backends[DEFAULT_ACCOUNT_ID][keeper]
        backend.put_metric_data(switch_namespace(environment), [point])


class _Data:
    """Data of alarms that have not been evaluated; moto parses the requests."""

    def __init__(self, alarms: Iterable[Alarm], responses: type[CloudWatchResponse]) -> None:
        self._alarms, self._responses = tuple(alarms), responses
        self._values: dict[str, list[float]] = {each.id: [] for each in self._alarms}
        # Each request has its own thread.
        self._lock = Lock()

    def answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request; a WSGI application."""
        request = Request(environ)
        with self._lock:
            status, headers, body = self._responses.dispatch(
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


def _denied(call: Call) -> tuple[int, dict[str, Any], str]:
    """Return AWS's refusal of a call, for the SDK's protocol of JSON.

    docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CommonErrors.html
    """
    message = f"User is not authorized to perform: {call.action}"
    body = json.dumps({"__type": "AccessDeniedException", "message": message})
    return HTTPStatus.FORBIDDEN, {"content-type": "application/x-amz-json-1.0"}, body


def _responses(roles: Mapping[str, Role]) -> type[CloudWatchResponse]:
    """Return moto's CloudWatch, with the authorization of the roles' calls."""

    class Authorized(CloudWatchResponse):
        def call_action(self) -> tuple[int, dict[str, Any], str | bytes]:
            """Answer a request, with AWS's error if the caller's role does not allow it."""
            key = _KEY.search(str(self.headers.get("Authorization")))
            role = roles.get(key[1]) if key else None
            for call in self._calls():
                if role is not None and role.grants.access(call) != "allowed":
                    return _denied(call)
            return super().call_action()

        def _calls(self) -> Iterator[Call]:
            """Yield what a request needs to be allowed.

            docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html.
            """
            action, region = self._get_action(), self.region
            if action == "PutMetricData":
                yield metric_call(region, str(self._get_param("Namespace")))
                return
            arns = [
                f"arn:aws:cloudwatch:{region}::alarm:{name}"
                for name in self._get_param("AlarmNames") or ()
            ]
            for arn in arns or ["*"]:
                yield Call(f"cloudwatch:{action}", arn, {"aws:RequestedRegion": region})

    return Authorized


def _is_of(datum: MetricDatum, alarm: Alarm, region: str) -> bool:
    return (
        region == alarm.region
        and (datum.namespace, datum.name) == (alarm.namespace, alarm.metric)
        and {each.name: each.value for each in datum.dimensions} == dict(alarm.dimensions)
    )


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """Log nothing: the client reports errors."""
