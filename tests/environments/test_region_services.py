"""Every allowed region has all services that the stacks use."""

from typing import Any, cast

import botocore.session
import pytest

from environments.regions import IOT_REGIONS

SERVICES = (
    *("iot", "iot-data", "lambda", "apigatewayv2", "cloudwatch", "logs", "events"),
    *("acm", "kms", "s3", "sns", "ssm"),
)


@pytest.mark.parametrize("service", SERVICES)
def test_the_service_has_an_endpoint_in_every_region(service: str) -> None:
    session = cast("Any", botocore.session).get_session()
    assert set(IOT_REGIONS) <= set(session.get_available_regions(service))
