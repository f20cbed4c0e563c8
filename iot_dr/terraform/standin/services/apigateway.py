"""API Gateway, second version: APIs, and their integrations, routes and stages."""

from collections.abc import Mapping

from iot_dr.terraform.standin.behaviour import Behaviour
from iot_dr.terraform.standin.checks import arn, between, both, length, matches, one_of
from iot_dr.terraform.standin.identity import Origin, fresh
from iot_dr.terraform.standin.values import Value, is_list
from iot_dr.terraform_json.defaults import PLANNED

_METHODS = ("ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
# In milliseconds; the default and maximum of HTTP APIs.
_LONGEST_TIMEOUT = 30_000
_log_level = one_of("ERROR", "INFO", "OFF")


def _api_arn(origin: Origin, resource: str) -> str:
    return f"arn:aws:apigateway:{origin.region}::/apis/{resource}"


def _host(api: str, origin: Origin) -> str:
    return f"{api}.execute-api.{origin.region}.amazonaws.com"


def _api(values: Mapping[str, Value], origin: Origin) -> Mapping[str, Value]:
    identifier = fresh(10)
    scheme = "wss" if values["protocol_type"] == "WEBSOCKET" else "https"
    return {
        "id": identifier,
        "arn": _api_arn(origin, identifier),
        "api_endpoint": f"{scheme}://{_host(identifier, origin)}",
        "execution_arn": origin.arn("execute-api", identifier),
    }


def _part(_values: Mapping[str, Value], _origin: Origin) -> Mapping[str, Value]:
    return {"id": fresh(7)}


def _stage_planned(values: Mapping[str, Value], _origin: Origin) -> Mapping[str, Value]:
    """Return an existing stage's route settings, with "" for each log level that is missing.

    A changed member of a set inherits no computed value. Empty for a new stage.
    """
    settings = values["route_settings"]
    if values["id"] is None or not is_list(settings):
        return {}
    kept = [{**route, "logging_level": route["logging_level"] or ""} for route in settings]
    return {"route_settings": kept}


def _stage(values: Mapping[str, Value], origin: Origin) -> Mapping[str, Value]:
    api, name = values["api_id"], values["name"]
    # The stage `$default` is served at the root.
    path = "" if name == "$default" else name
    return {
        "id": name,
        "arn": _api_arn(origin, f"{api}/stages/{name}"),
        "deployment_id": fresh(6),
        "execution_arn": origin.arn("execute-api", f"{api}/{name}"),
        "invoke_url": f"https://{_host(api, origin)}/{path}",
    }


RESOURCES: Mapping[str, Behaviour] = {
    "aws_apigatewayv2_api": Behaviour(
        source="provider documentation, apigatewayv2_api; API Gateway V2 API: CreateApi",
        replace=("credentials_arn", "protocol_type", "route_key", "target"),
        defaults=PLANNED["aws_apigatewayv2_api"],
        defaults_from_aws={"ip_address_type": "ipv4"},
        checks={
            "api_key_selection_expression": one_of(
                "$context.authorizer.usageIdentifierKey", "$request.header.x-api-key"
            ),
            "credentials_arn": arn,
            "description": length(0, 1024),
            "ip_address_type": one_of("ipv4", "dualstack"),
            "name": length(1, 128),
            "protocol_type": one_of("HTTP", "WEBSOCKET"),
            "version": length(1, 64),
        },
        computed_on_apply=_api,
    ),
    "aws_apigatewayv2_integration": Behaviour(
        source="provider documentation, apigatewayv2_integration; "
        "API Gateway V2 API: CreateIntegration",
        replace=("api_id", "integration_subtype", "integration_type"),
        defaults=PLANNED["aws_apigatewayv2_integration"],
        defaults_from_aws={
            "integration_response_selection_expression": "",
            "timeout_milliseconds": _LONGEST_TIMEOUT,
        },
        checks={
            "connection_id": length(1, 1024),
            "connection_type": one_of("INTERNET", "VPC_LINK"),
            "content_handling_strategy": one_of("CONVERT_TO_BINARY", "CONVERT_TO_TEXT"),
            "credentials_arn": arn,
            "integration_method": one_of(*_METHODS),
            "integration_subtype": length(1, 128),
            "integration_type": one_of("AWS", "AWS_PROXY", "HTTP", "HTTP_PROXY", "MOCK"),
            "passthrough_behavior": one_of("NEVER", "WHEN_NO_MATCH", "WHEN_NO_TEMPLATES"),
            "payload_format_version": one_of("1.0", "2.0"),
            "timeout_milliseconds": between(50, _LONGEST_TIMEOUT),
        },
        computed_on_apply=_part,
    ),
    "aws_apigatewayv2_route": Behaviour(
        source="provider documentation, apigatewayv2_route; API Gateway V2 API: CreateRoute",
        replace=("api_id",),
        defaults=PLANNED["aws_apigatewayv2_route"],
        checks={
            "authorization_type": one_of("AWS_IAM", "CUSTOM", "JWT", "NONE"),
            "operation_name": length(1, 64),
            "target": length(1, 128),
        },
        computed_on_apply=_part,
    ),
    "aws_apigatewayv2_stage": Behaviour(
        source="provider documentation, apigatewayv2_stage; API Gateway developer guide: "
        "stages for HTTP APIs",
        replace=("api_id", "name"),
        defaults={
            "auto_deploy": False,
            "default_route_settings.data_trace_enabled": False,
            "default_route_settings.detailed_metrics_enabled": False,
            "route_settings.data_trace_enabled": False,
            "route_settings.detailed_metrics_enabled": False,
        },
        # An HTTP API has no log level; it is for WebSocket APIs only.
        defaults_from_aws={
            "default_route_settings.logging_level": "",
            "route_settings.logging_level": "",
        },
        checks={
            "access_log_settings.destination_arn": arn,
            "default_route_settings.logging_level": _log_level,
            "description": length(0, 1024),
            "name": both(
                length(1, 128),
                matches(r"\$default|[0-9A-Za-z_-]+", "$default, or letters, digits and _ -"),
            ),
            "route_settings.logging_level": _log_level,
        },
        planned=_stage_planned,
        computed_on_apply=_stage,
    ),
}
DATA_SOURCES: Mapping[str, Behaviour] = {}
