from typing import Any

import pytest

from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.values import UNKNOWN
from tests.iot_dr.terraform.standin.services.kind import Kind


@pytest.fixture
def api(cache: SchemaCache) -> Kind:
    return Kind(cache, "aws_apigatewayv2_api", name="health", protocol_type="HTTP")


@pytest.fixture
def integration(cache: SchemaCache) -> Kind:
    uri = "https://example.com"
    known = {"api_id": "a1", "integration_type": "AWS_PROXY", "integration_uri": uri}
    return Kind(cache, "aws_apigatewayv2_integration", **known)


@pytest.fixture
def route(cache: SchemaCache) -> Kind:
    return Kind(cache, "aws_apigatewayv2_route", api_id="a1", route_key="GET /health")


@pytest.fixture
def stage(cache: SchemaCache) -> Kind:
    routes = [{"route_key": "GET /health", "throttling_burst_limit": 200}]
    known = {"api_id": "a1", "name": "$default", "route_settings": routes}
    return Kind(cache, "aws_apigatewayv2_stage", **known)


def test_an_api_has_the_address_and_the_names_of_its_region(api: Kind) -> None:
    made = api.apply()
    host = f"{made['id']}.execute-api.eu-west-1.amazonaws.com"
    assert made["api_endpoint"] == f"https://{host}"
    assert made["arn"] == f"arn:aws:apigateway:eu-west-1::/apis/{made['id']}"
    assert made["execution_arn"] == f"arn:aws:execute-api:eu-west-1:111111111111:{made['id']}"
    socket = api.apply(protocol_type="WEBSOCKET")
    assert socket["api_endpoint"].startswith("wss://")


def test_an_api_takes_the_defaults_that_a_plan_shows(api: Kind) -> None:
    planned = api.plan()
    assert planned["route_selection_expression"] == "$request.method $request.path"
    assert planned["api_key_selection_expression"] == "$request.header.x-api-key"
    assert planned["api_endpoint"] == UNKNOWN


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"protocol_type": "REST"}, "be one of HTTP, WEBSOCKET, got REST"),
        ({"name": "x" * 129}, "1 to 128 characters, got 129"),
        ({"description": "x" * 1025}, "0 to 1024"),
        ({"ip_address_type": "ipv6"}, "ipv4, dualstack"),
        ({"credentials_arn": "role"}, "be an ARN"),
    ],
)
def test_a_wrong_api_is_refused(api: Kind, changes: dict[str, Any], said: str) -> None:
    assert api.refused() == ""
    assert said in api.refused(**changes)


def test_an_integration_waits_for_the_maximum_by_default(integration: Kind) -> None:
    assert integration.apply()["timeout_milliseconds"] == 30_000
    assert integration.apply(timeout_milliseconds=2000)["timeout_milliseconds"] == 2000
    planned = integration.plan()
    assert (planned["connection_type"], planned["payload_format_version"]) == ("INTERNET", "1.0")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"integration_type": "LAMBDA"}, "AWS_PROXY"),
        ({"integration_method": "get"}, "ANY, DELETE, GET"),
        ({"payload_format_version": "3.0"}, "1.0, 2.0"),
        ({"timeout_milliseconds": 49}, "between 50 and 30000"),
        ({"timeout_milliseconds": 30_001}, "between 50 and 30000"),
        ({"connection_type": "VPC"}, "INTERNET, VPC_LINK"),
        ({"passthrough_behavior": "ALWAYS"}, "NEVER"),
    ],
)
def test_a_wrong_integration_is_refused(
    integration: Kind, changes: dict[str, Any], said: str
) -> None:
    assert integration.refused() == ""
    assert said in integration.refused(**changes)


def test_a_route_is_open_by_default(route: Kind) -> None:
    planned = route.plan()
    assert (planned["api_key_required"], planned["authorization_type"]) == (False, "NONE")
    assert "AWS_IAM" in route.refused(authorization_type="PASSWORD")
    assert "1 to 128 characters" in route.refused(target="x" * 129)


@pytest.mark.parametrize(("name", "path"), [("$default", ""), ("live", "live")])
def test_a_stage_is_called_by_its_name_except_the_default_one(
    stage: Kind, name: str, path: str
) -> None:
    made = stage.apply(name=name)
    assert made["invoke_url"] == f"https://a1.execute-api.eu-west-1.amazonaws.com/{path}"
    assert made["id"] == name
    assert made["execution_arn"].endswith(f":a1/{name}")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "$live"}, "$default, or letters"),
        ({"name": "a/b"}, "$default, or letters"),
        ({"name": "x" * 129}, "1 to 128"),
        ({"default_route_settings": [{"logging_level": "LOUD"}]}, "ERROR, INFO, OFF"),
        ({"access_log_settings": [{"destination_arn": "x", "format": "y"}]}, "be an ARN"),
    ],
)
def test_a_wrong_stage_is_refused(stage: Kind, changes: dict[str, Any], said: str) -> None:
    assert stage.refused() == ""
    assert said in stage.refused(**changes)


def test_what_a_stage_leaves_out_of_its_routes_is_off(stage: Kind) -> None:
    (planned,) = stage.plan()["route_settings"]
    off = (planned["data_trace_enabled"], planned["detailed_metrics_enabled"])
    assert off == (False, False)
    (made,) = stage.apply()["route_settings"]
    assert (made["logging_level"], made["throttling_burst_limit"]) == ("", 200)


def test_what_a_change_replaces(api: Kind, integration: Kind, route: Kind, stage: Kind) -> None:
    assert api.replaced_by(name="other", description="new") == []
    assert api.replaced_by(protocol_type="WEBSOCKET") == ["protocol_type"]
    assert integration.replaced_by(timeout_milliseconds=1000) == []
    assert integration.replaced_by(integration_type="HTTP_PROXY") == ["integration_type"]
    assert route.replaced_by(route_key="GET /other") == []
    assert route.replaced_by(api_id="a2") == ["api_id"]
    assert stage.replaced_by(route_settings=[{"route_key": "GET /other"}]) == []
    assert stage.replaced_by(name="live") == ["name"]
