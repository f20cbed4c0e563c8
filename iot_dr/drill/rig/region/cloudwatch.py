"""CloudWatch of all regions: the metrics of switches and their alarms."""

import asyncio
import socket
from collections.abc import Callable, Iterable, Mapping
from threading import Thread
from types import MappingProxyType
from typing import Any, Final, cast

import boto3.session
from botocore.config import Config
from werkzeug.serving import BaseWSGIServer, make_server

from environments.settings import Settings
from iot_dr.design.metric_alarms import MetricAlarm
from iot_dr.drill.rig.clock import RigClock
from iot_dr.drill.rig.region.aws_api import (
    AwsApi,
    QuietHandler,
    backend_of,
    create_alarm,
)
from iot_dr.drill.rig.region.region_config import Role
from iot_dr.forecast.detection import EVALUATION_DELAY
from iot_dr.observe.switch.metric import Action, data_point
from iot_dr.route53.check import AlarmState

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
        alarms: Mapping[str, MetricAlarm],
        clock: RigClock,
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
        self._api = AwsApi(alarms.values(), roles)
        for alarm in alarms.values():
            create_alarm(alarm)
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
                self._api.answer,
                threaded=True,
                request_handler=QuietHandler,
                fd=bound.fileno(),
            )
        self._server, self._port = server, server.port
        self._thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        """Refuse every connection; alarms keep their states."""
        server, self._server = self._server, None
        if server is not None and self._thread is not None:
            await asyncio.to_thread(server.shutdown)
            server.server_close()
            await asyncio.to_thread(self._thread.join)

    def is_in_alarm(self, alarms: Iterable[MetricAlarm]) -> bool:
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

    async def _follow(self, alarm: MetricAlarm) -> None:
        empty = 0
        while True:
            await self._clock.sleep(alarm.period - self._clock.now() % alarm.period)
            values = self._api.take(alarm.id)
            await self._clock.sleep(EVALUATION_DELAY)
            empty = 0 if values else empty + 1
            if values:
                self._set(alarm.id, "ALARM" if alarm.breaches(max(values)) else "OK")
            elif empty >= _EMPTY_PERIODS and alarm.missing_data in _WITHOUT_DATA:
                self._set(alarm.id, _WITHOUT_DATA[alarm.missing_data])

    def _set(self, alarm_id: str, state: AlarmState) -> None:
        if self.states[alarm_id] != state:
            self.states[alarm_id] = state
            backend_of(self._alarms[alarm_id]).set_alarm_state(
                self._alarms[alarm_id].name, "", "{}", state
            )
            self._on_change(alarm_id, state)

    def _put(self, alarm: MetricAlarm, action: Action) -> None:
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
