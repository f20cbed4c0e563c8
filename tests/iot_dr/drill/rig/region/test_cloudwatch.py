import asyncio
import socket
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any, cast

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from iot_dr.design.policy import Grants
from iot_dr.drill.rig.clock import RigClock
from iot_dr.drill.rig.region.cloudwatch import CloudWatch
from iot_dr.drill.rig.region.region_config import Role
from iot_dr.route53.check import AlarmState
from tests.support.drill import in_loop
from tests.support.drill_cloud import switch_alarms, until
from tests.support.settings import settings

# A period takes a tenth of a second.
_SPEED = 600
_AWAY, _OTHER = switch_alarms().keys()


@dataclass
class _Watched:
    """A CloudWatch, and the alarm states that it sent."""

    cloudwatch: CloudWatch
    notified: list[tuple[str, AlarmState]] = field(default_factory=list[tuple[str, AlarmState]])

    @asynccontextmanager
    async def following(self) -> AsyncGenerator[None]:
        """Let the alarms follow: the first look is at all that has come before."""
        task = asyncio.ensure_future(self.cloudwatch.run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def until_notified(self, *expected: tuple[str, AlarmState]) -> None:
        async def notified() -> bool:
            return len(self.notified) >= len(expected)

        await until(notified)
        assert self.notified == list(expected)


@asynccontextmanager
async def _watched(
    roles: Mapping[str, Role] | None = None, **changes: Any
) -> AsyncGenerator[_Watched]:
    results: list[tuple[str, AlarmState]] = []
    alarms = {id_: replace(alarm, **changes) for id_, alarm in switch_alarms().items()}
    cloudwatch = CloudWatch(
        settings(),
        alarms,
        RigClock(_SPEED),
        "127.0.0.1",
        lambda alarm, state: results.append((alarm, state)),
        roles=roles or {},
    )
    await cloudwatch.start()
    try:
        yield _Watched(cloudwatch, results)
    finally:
        await cloudwatch.stop()


@in_loop
async def test_the_alarm_of_a_switch_follows_away_and_back() -> None:
    async with _watched() as watched, watched.following():
        await watched.cloudwatch.put(_AWAY, "away")
        await watched.until_notified((_AWAY, "ALARM"))
        await watched.cloudwatch.put(_AWAY, "back")
        await watched.until_notified((_AWAY, "ALARM"), (_AWAY, "OK"))
        assert watched.cloudwatch.states == {_AWAY: "OK", _OTHER: "INSUFFICIENT_DATA"}


@in_loop
async def test_an_alarm_keeps_its_state_while_nothing_comes() -> None:
    async with _watched() as watched, watched.following():
        await watched.cloudwatch.put(_OTHER, "away")
        await watched.until_notified((_OTHER, "ALARM"))
        # Some more periods.
        await watched.cloudwatch.put(_AWAY, "away")
        await watched.until_notified((_OTHER, "ALARM"), (_AWAY, "ALARM"))
        await watched.cloudwatch.put(_AWAY, "back")
        await watched.until_notified((_OTHER, "ALARM"), (_AWAY, "ALARM"), (_AWAY, "OK"))
        assert watched.cloudwatch.states == {_AWAY: "OK", _OTHER: "ALARM"}


@pytest.mark.parametrize(
    ("treated", "then"), [("notBreaching", "OK"), ("missing", "INSUFFICIENT_DATA")]
)
def test_an_alarm_that_does_not_ignore_missing_data_changes_without_any(
    treated: str, then: AlarmState
) -> None:
    @in_loop
    async def switched_away() -> None:
        async with _watched(missing_data=treated) as watched, watched.following():
            await watched.cloudwatch.put(_AWAY, "away")

            async def changed() -> bool:
                return (_AWAY, "ALARM") in watched.notified and watched.notified[-1] == (
                    _AWAY,
                    then,
                )

            await until(changed)
            assert watched.cloudwatch.states[_AWAY] == then

    switched_away()


@in_loop
async def test_back_in_the_minute_of_an_away_changes_nothing() -> None:
    async with _watched() as watched:
        await watched.cloudwatch.put(_AWAY, "away")
        await watched.cloudwatch.put(_AWAY, "back")
        async with watched.following():
            await watched.until_notified((_AWAY, "ALARM"))


@in_loop
async def test_a_metric_that_no_alarm_follows_is_given_back() -> None:
    async with _watched() as watched, watched.following():
        client = cast("Any", boto3.session.Session()).client(
            "cloudwatch",
            region_name=switch_alarms()[_AWAY].region,
            endpoint_url=watched.cloudwatch.endpoint,
            aws_access_key_id="drill",
            aws_secret_access_key="drill",
        )
        point = {"MetricName": "SeenHealthy", "Value": 1.0}
        await asyncio.to_thread(client.put_metric_data, Namespace="IotDr", MetricData=[point])
        await watched.cloudwatch.put(_AWAY, "away")
        await watched.until_notified((_AWAY, "ALARM"))
        result = await asyncio.to_thread(client.list_metrics, Namespace="IotDr")
        assert [each["MetricName"] for each in result["Metrics"]] == ["SeenHealthy"]


def _allow(action: str, condition: Mapping[str, Any]) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": "*", "Condition": condition}


@in_loop
async def test_a_role_may_call_what_its_policies_allow() -> None:
    region = switch_alarms()[_AWAY].region
    here = {"StringEquals": {"aws:RequestedRegion": region}}
    statements = (
        _allow("cloudwatch:PutMetricData", {"StringEquals": {"cloudwatch:namespace": "Mine"}}),
        _allow("cloudwatch:ListMetrics", here),
        {
            "Effect": "Allow",
            "Action": "cloudwatch:DescribeAlarms",
            "Resource": f"arn:aws:cloudwatch:{region}:111111111111:alarm:mine-*",
        },
        {
            "Effect": "Allow",
            "Action": "ssm:*Parameter*",
            "Resource": f"arn:aws:ssm:{region}:111111111111:parameter/mine/*",
        },
    )
    role = Role.generate(Grants((statements,)))
    async with _watched({role.key_id: role}) as watched:

        def access(
            method: str, region: str = region, service: str = "cloudwatch", **arguments: object
        ) -> str:
            client = cast("Any", boto3.session.Session()).client(
                service,
                region_name=region,
                endpoint_url=watched.cloudwatch.endpoint,
                aws_access_key_id=role.key_id,
                aws_secret_access_key=role.secret_key,
                aws_session_token=role.token,
            )
            try:
                getattr(client, method)(**arguments)
            except ClientError as error:
                return str(cast("Any", error).response["Error"]["Code"])
            return "allowed"

        point = {"MetricName": "A", "Value": 1.0}
        for namespace, expected in (("Mine", "allowed"), ("Other", "AccessDeniedException")):
            arguments = {"Namespace": namespace, "MetricData": [point]}
            assert await asyncio.to_thread(access, "put_metric_data", **arguments) == expected
        for name, expected in (("mine-1", "allowed"), ("other", "AccessDeniedException")):
            arguments = {"AlarmNames": [name]}
            assert await asyncio.to_thread(access, "describe_alarms", **arguments) == expected
        assert await asyncio.to_thread(access, "describe_alarms") == "AccessDeniedException"
        assert await asyncio.to_thread(access, "list_metrics") == "allowed"
        assert (
            await asyncio.to_thread(access, "list_metrics", "us-east-1") == "AccessDeniedException"
        )
        stored = {"Name": "/mine/1", "Value": "a", "Type": "String"}
        for method, arguments, expected in (
            ("put_parameter", stored, "allowed"),
            ("put_parameter", {**stored, "Name": "/other"}, "AccessDeniedException"),
            ("get_parameters", {"Names": ["/mine/1", "/mine/2"]}, "allowed"),
            ("get_parameters", {"Names": ["/mine/1", "/other"]}, "AccessDeniedException"),
        ):
            given: dict[str, Any] = {"service": "ssm", **arguments}
            assert await asyncio.to_thread(access, method, **given) == expected
        given = {"service": "sqs", "QueueName": "mine"}
        unknown = await asyncio.to_thread(access, "create_queue", **given)
        assert unknown == "UnknownOperationException"


@in_loop
async def test_without_a_control_plane_a_switch_cannot_be_put_and_alarms_stay() -> None:
    async with _watched() as watched, watched.following():
        await watched.cloudwatch.put(_AWAY, "away")
        await watched.until_notified((_AWAY, "ALARM"))
        endpoint = watched.cloudwatch.endpoint
        await watched.cloudwatch.stop()
        with pytest.raises(EndpointConnectionError):
            await watched.cloudwatch.put(_AWAY, "back")
        await watched.cloudwatch.start()
        assert watched.cloudwatch.endpoint == endpoint
        assert watched.cloudwatch.states[_AWAY] == "ALARM"
        await watched.cloudwatch.put(_AWAY, "back")
        await watched.until_notified((_AWAY, "ALARM"), (_AWAY, "OK"))


@in_loop
async def test_a_port_in_use_is_an_error() -> None:
    async with _watched() as watched:
        port = int(watched.cloudwatch.endpoint.rpartition(":")[2])
        await watched.cloudwatch.stop()
        with (
            socket.create_server(("127.0.0.1", port)),
            pytest.raises(OSError, match="in use"),
        ):
            await watched.cloudwatch.start()
