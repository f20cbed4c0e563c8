"""An environment in a made-up AWS account, created from the synthesized JSON by AWS's APIs.

It has the zone, records, health checks, alarms, topics, certificates, domain configurations, and
the states with their outputs; nothing else. moto evaluates no check and no alarm.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from environments.settings import Settings
from environments.zone import CreatedZone
from iot_dr.drill.play.account import client
from iot_dr.drill.play.creation import Attributes, ResourceCreator
from iot_dr.drill.play.faults import ApiRequest, Reply
from iot_dr.drill.play.references import Found, LinkedStacks, Stack
from modules.global_region import GLOBAL_REGION
from stacks.platform_graph import platform_graph
from stacks.state_location import copied_stacks, copy_location, copy_regions, state_location

_STATUS: Final = re.compile(r"/healthcheck/([^/]+)/status$")
_TYPES: Final = (
    *("aws_route53_zone", "aws_acm_certificate", "aws_iot_domain_configuration"),
    *("aws_route53_health_check", "aws_cloudwatch_metric_alarm", "aws_route53_record"),
    "aws_sns_topic",
)


@dataclass
class Applied:
    """The environment in the account at `endpoint`.

    `checks` are the ids of its health checks by region and kind (`deep`, `tcp`, `switch`,
    `calculated_deep`, `calculated_tcp`).
    """

    settings: Settings
    endpoint: str
    zone_id: str
    checks: Mapping[str, Mapping[str, str]]

    @property
    def endpoint_checks(self) -> Mapping[str, str]:
        """Kind and region of each check of an endpoint, such as `deep eu-west-1`, by its id."""
        return {
            id_: f"{kind} {region}"
            for region, ids in self.checks.items()
            for kind in ("deep", "tcp")
            if (id_ := ids.get(kind))
        }

    def check_status(
        self, request: ApiRequest, reports: Callable[[str], Iterable[tuple[str, str]]]
    ) -> Reply | None:
        """Answer GetHealthCheckStatus as Route 53 does, None for another request.

        `reports` returns each checker's region and status, for a value of `endpoint_checks`.
        """
        asked = _STATUS.search(request.path) if request.service == "route53" else None
        if asked is None:
            return None
        if (check := self.endpoint_checks.get(asked[1])) is None:
            return Reply(
                HTTPStatus.BAD_REQUEST,
                b"<ErrorResponse><Error><Code>InvalidInput</Code><Message>no endpoint</Message>"
                b"</Error></ErrorResponse>",
            )
        seen = "".join(
            f"<HealthCheckObservation><Region>{region}</Region><IPAddress>192.0.2.{place}"
            f"</IPAddress><StatusReport><Status>{status}</Status>"
            "<CheckedTime>2026-11-25T12:00:00.000Z</CheckedTime></StatusReport>"
            "</HealthCheckObservation>"
            for place, (region, status) in enumerate(reports(check))
        )
        text = (
            '<GetHealthCheckStatusResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/">'
            f"<HealthCheckObservations>{seen}</HealthCheckObservations>"
            "</GetHealthCheckStatusResponse>"
        )
        return Reply(HTTPStatus.OK, text.encode())


def apply_stacks(settings: Settings, stacks: Mapping[str, Stack], endpoint: str) -> Applied:
    """Create an environment in an empty account from its synthesized stacks by name."""
    creator = ResourceCreator(settings, LinkedStacks(stacks), endpoint)
    if isinstance(settings.zone, CreatedZone) and settings.zone.delegation != "manual":
        creator.zone(settings.domain, settings.zone.delegation)
    for stack in stacks.values():
        for type_ in _TYPES:
            for body in stack.resources(type_).values():
                creator.made(Found(stack, type_, body))
    outputs: dict[str, Attributes] = {
        name: creator.value(stack, stack.outputs) if "output" in stack.document else {}
        for name, stack in stacks.items()
    }
    _keep_states(settings, outputs, endpoint)
    # moto loads a service at its first request, which takes longer than the commands' timeouts.
    client("sts", GLOBAL_REGION, endpoint).get_caller_identity()
    client("ssm", GLOBAL_REGION, endpoint).describe_parameters()
    entry_point = outputs[f"iot-{settings.environment}-entry-point"]
    zone = creator.zone(settings.zone_name)
    return Applied(settings, endpoint, zone["zone_id"], entry_point["health_check_ids"])


def _keep_states(settings: Settings, outputs: Mapping[str, Attributes], endpoint: str) -> None:
    """Store a state of each stack in its bucket, with only its outputs."""
    for region in settings.regions:
        placed = {"LocationConstraint": region}
        client("s3", region, endpoint).create_bucket(
            Bucket=settings.state_bucket(region),
            **({} if region == "us-east-1" else {"CreateBucketConfiguration": placed}),
        )
    copied = copied_stacks(settings)
    for node in platform_graph(settings).nodes:
        places = [state_location(settings, node)]
        if node in copied:
            places += [copy_location(settings, node, each) for each in copy_regions(settings)]
        state = _state(node.name, outputs[node.name])
        for place in places:
            client("s3", place.region, endpoint).put_object(
                Bucket=place.bucket, Key=place.key, Body=state
            )


def _state(stack: str, outputs: Mapping[str, Any]) -> bytes:
    content = {
        "version": 4,
        "serial": 1,
        "lineage": f"lineage-of-{stack}",
        "outputs": {name: {"value": value} for name, value in outputs.items()},
        "resources": list[object](),
    }
    return json.dumps(content).encode()
