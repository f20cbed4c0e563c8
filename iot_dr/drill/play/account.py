"""A made-up AWS account on this machine: moto answers for the services that our stacks use.

moto's own server needs Flask and seven more packages; its handlers need only werkzeug.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from functools import cache
from http import HTTPStatus
from importlib import import_module
from threading import Lock, Thread
from typing import IO, Any, Final, cast
from uuid import UUID
from wsgiref.types import StartResponse, WSGIEnvironment

import boto3.session
import botocore.session
from botocore.config import Config
from botocore.loaders import create_loader
from moto.cloudwatch.models import cloudwatch_backends
from moto.core.common_types import TYPE_RESPONSE
from moto.core.config import default_user_config
from moto.core.exceptions import ServiceException
from moto.core.request import Request
from moto.route53.models import HealthCheck, Route53Backend
from moto.route53.responses import Route53
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Response

from iot_dr.terraform.sandbox.loopback import ACCOUNT_VARIABLE, HOST
from modules.global_region import GLOBAL_REGION

_BACKEND: Final = cast("Any", Route53Backend)
_CREATE: Final = _BACKEND.create_hosted_zone
_ZONE_ID: Final = re.compile(r"Z[A-Z0-9]{1,31}")

_RESPONSE: Final = cast("Any", Route53)
_CREATE_CHECK: Final = _RESPONSE.create_health_check
_UPDATE_CHECK: Final = _RESPONSE.update_health_check
_CONFIG: Final = cast("Any", HealthCheck).health_check_config.fget


def _fix_zones() -> None:
    """Let this process's moto give a zone its reference as the id, if that is one.

    So an account can have a zone that the settings name by its id.
    """
    _BACKEND.create_hosted_zone = _create


def _create(backend: Any, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - moto's objects
    zone = _CREATE(backend, *arguments, **options)
    if _ZONE_ID.fullmatch(zone.caller_reference):
        backend.zones[zone.caller_reference] = backend.zones.pop(zone.resource_id)
        zone.resource_id = zone.caller_reference
    return zone


# Its overloads name every service of moto; the type checker would read all of them.
_get_backend: Any = import_module("moto.backends").get_backend
_SIGNED_FOR = re.compile(r"Credential=[^/]+/\d+/[\w-]+/([\w-]+)/aws4_request")
# moto finds a handler by any region; the handler reads the request's region from its signature.
# The services whose signing name differs from moto's name. moto's `apigateway`, which also serves
# version 2, needs more packages than version 2 alone.
_NAMES = {"apigateway": "apigatewayv2", "monitoring": "cloudwatch"}

_SESSION = cast("Any", boto3.session.Session())

_Handler = Callable[[Request, str, dict[str, str]], TYPE_RESPONSE]


def variables(endpoint: str) -> dict[str, str]:
    """Return the AWS variables that direct a command to an account, and to nothing else."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "made-up",
        "AWS_SECRET_ACCESS_KEY": "made-up",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": HOST,
        "no_proxy": HOST,
    }


@cache
def client(service: str, region: str, endpoint: str) -> Any:  # noqa: ANN401 - boto3's clients are untyped
    """Return boto3's client of an account, whatever this process's variables are."""
    return _SESSION.client(
        service,
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id="made-up",
        aws_secret_access_key="made-up",  # noqa: S106 - a placeholder
        config=Config(proxies={}),
    )


@contextmanager
def account(account_id: str, module: str = __name__) -> Generator[str]:
    """Serve an empty account for a `with` block; yields its endpoint on the loopback interface.

    `module` is what its process runs, which must call `main`.
    """
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-P", "-W", "ignore", "-m", module],
        env={**os.environ, ACCOUNT_VARIABLE: account_id, "MOTO_ACM_VALIDATION_WAIT": "0"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # Ctrl-C is for the parent, which closes standard input.
        start_new_session=True,
    ) as process:
        output = cast("IO[bytes]", process.stdout)
        try:
            yield f"http://{HOST}:{int(output.readline())}"
        finally:
            process.kill()


class Application:
    """Answers one request at a time; the request's signature names the service."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._iot_tags: dict[str, list[dict[str, str]]] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request; a WSGI application."""
        request = Request(environ)
        request.get_data()
        try:
            with self._lock:
                response = self._answer(request)
        except HTTPException as error:
            response = error.get_response(environ)
        except Exception as error:  # noqa: BLE001 - a 500 is tried again for minutes, a 400 is not
            response = Response(f"moto: {request.path}: {error!r}", HTTPStatus.BAD_REQUEST)
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        signed_for = _SIGNED_FOR.search(request.headers.get("Authorization", ""))
        service = signed_for[1] if signed_for else "s3"
        if service == "iot" and request.path == "/tags":
            tags = self._iot_tags.get(request.args["resourceArn"], [])
            return Response(json.dumps({"tags": tags}), mimetype="application/json")
        handler = _handler(service, request.path)
        status, headers, body = handler(request, request.raw_url, dict(request.headers))
        if service == "iot" and request.method == "POST" and request.get_data() and body:
            self._keep_tags(json.loads(request.get_data()), json.loads(body))
        return Response(body, status, headers)

    def _keep_tags(self, asked: dict[str, Any], answered: dict[str, Any]) -> None:
        """Store the tags of a new IoT resource, which moto does not."""
        for name, value in answered.items():
            if name.endswith("Arn"):
                self._iot_tags[value] = asked.get("tags", [])


def _handler(service: str, path: str) -> _Handler:
    named = _NAMES.get(service, service)
    regions = _get_backend(named)[os.environ[ACCOUNT_VARIABLE]]
    backend = regions[GLOBAL_REGION if GLOBAL_REGION in regions else "aws"]
    paths: dict[str, _Handler] = backend.url_paths
    for pattern, handler in paths.items():
        if re.match(pattern, path):
            return handler
    raise NotFound(f"moto: {service} has no {path}")


class _Connection(WSGIRequestHandler):
    """Answers all requests of a connection; werkzeug's handler closes it, after a wait."""

    protocol_version = "HTTP/1.1"
    # Otherwise an answer's body waits until the client has acknowledged its head.
    disable_nagle_algorithm = True

    def run_wsgi(self) -> None:
        response = Response.from_app(self.server.app, self.make_environ())
        content = response.get_data()
        self.send_response(response.status_code)
        for name, value in response.headers:
            if name.lower() != "content-length":
                self.send_header(name, value)
        is_head = self.command == "HEAD"
        length = response.headers.get("Content-Length") if is_head else None
        self.send_header("Content-Length", length or str(len(content)))
        self.end_headers()
        if not is_head:
            self.wfile.write(content)

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """Log nothing: errors reach Terraform, which prints them."""


def main() -> None:
    """Serve until standard input ends; the first line of output is the port."""
    # A certificate's id is its hash, as in AWS.
    default_user_config["iot"] = {"use_valid_cert": True}
    _fix_health_checks()
    _fix_zones()
    server = make_server(HOST, 0, Application(), threaded=True, request_handler=_Connection)
    sys.stdout.write(f"{server.port}\n")
    sys.stdout.flush()
    # botocore would read the descriptions of AWS's services once for each session.
    botocore.session.create_loader = cache(create_loader)
    Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.buffer.read()


class HealthCheckVersionMismatch(ServiceException):
    """Another update came first."""

    code = "HealthCheckVersionMismatch"


def _fix_health_checks() -> None:
    """Let this process's moto keep alarms and refuse an update of another version.

    A check whose reference is a UUID has it as its id, so that a test can create the check of a
    record that exists already. As Route 53 does, a check copies the settings of its alarm when it
    is created, and when an update names the alarm:
    docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-updating-cloudwatch-alarm-settings.html,
    docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html (AlarmIdentifier),
    API_UpdateHealthCheck.html (HealthCheckVersion).
    """
    _RESPONSE.create_health_check = _create_check
    _RESPONSE.update_health_check = _update_check
    cast("Any", HealthCheck).health_check_config = property(_config)


def _create_check(response: Any) -> Any:  # noqa: ANN401 - moto's objects
    created = _CREATE_CHECK(response)
    check = response.backend.list_health_checks()[-1]
    _follow(response, check, response._get_param("HealthCheckConfig").get("AlarmIdentifier"))  # noqa: SLF001 - as moto's own do
    if _is_uuid(check.caller_reference):
        response.backend.health_checks[check.caller_reference] = response.backend.health_checks.pop(
            check.id
        )
        check.id = check.caller_reference
    return created


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _update_check(response: Any) -> Any:  # noqa: ANN401 - moto's objects
    check = response.backend.get_health_check(response._get_param("HealthCheckId"))  # noqa: SLF001 - as above
    version = response._get_param("HealthCheckVersion")  # noqa: SLF001 - as above
    if version is not None and int(version) != check.health_check_version:
        raise HealthCheckVersionMismatch("the check has another version")
    updated = _UPDATE_CHECK(response)
    check.health_check_version += 1
    if alarm := response._get_param("AlarmIdentifier"):  # noqa: SLF001 - as above
        _follow(response, check, alarm)
    return updated


def _follow(response: Any, check: Any, identifier: dict[str, str] | None) -> None:  # noqa: ANN401 - moto's objects
    """Let a check follow an alarm, by a copy of its settings as they are now."""
    check.alarm_identifier = identifier
    check.cloud_watch_alarm_configuration = None
    if identifier is None:
        return
    backend = cloudwatch_backends[response.current_account][identifier["Region"]]
    if alarm := cast("Any", backend.alarms.get(identifier["Name"])):
        check.cloud_watch_alarm_configuration = {
            "EvaluationPeriods": alarm.evaluation_periods,
            "Threshold": alarm.threshold,
            "ComparisonOperator": alarm.comparison_operator,
            "Period": alarm.period,
            "MetricName": alarm.metric_name,
            "Namespace": alarm.namespace,
            "Statistic": alarm.statistic,
            "Dimensions": [{"Name": each.name, "Value": each.value} for each in alarm.dimensions],
        }


def _config(check: Any) -> dict[str, Any]:  # noqa: ANN401 - moto's objects
    return {**_CONFIG(check), "AlarmIdentifier": getattr(check, "alarm_identifier", None)}


if __name__ == "__main__":
    main()
    os._exit(0)
