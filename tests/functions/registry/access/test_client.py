"""The clients of a region."""

import pytest
from botocore.exceptions import ClientError
from moto.core.exceptions import JsonRESTError
from moto.iot.models import IoTBackend

from functions.registry.access.client import clients

pytestmark = pytest.mark.usefixtures("credentials")


def test_shadows_are_asked_for_at_the_endpoint_of_the_account_over_tls() -> None:
    made = clients("eu-west-1")
    assert made.iot.meta.region_name == made.iot_data.meta.region_name == "eu-west-1"
    host = made.iot_data.meta.endpoint_url
    assert host.startswith("https://")
    assert host.endswith("-ats.iot.eu-west-1.amazonaws.com")
    assert made.iot.meta.endpoint_url == "https://iot.eu-west-1.amazonaws.com"


def test_without_the_right_to_ask_for_the_endpoint_there_are_no_clients(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def denied(*_given: object, **_named: object) -> None:
        raise JsonRESTError("AccessDeniedException", "not yours")

    monkeypatch.setattr(IoTBackend, "describe_endpoint", denied)
    with pytest.raises(ClientError, match="AccessDeniedException"):
        clients("eu-west-1")


def test_calls_end_in_time_and_slow_down() -> None:
    made = clients("eu-west-1")
    for client in (made.iot, made.iot_data):
        config = client.meta.config
        assert config.retries == {"mode": "adaptive", "total_max_attempts": 4}
        assert config.connect_timeout + config.read_timeout <= 15
