"""What a health API answers for its function."""

import pytest

from iot_dr.drill.rig.clock import Clock
from iot_dr.drill.rig.region.health_api import HealthFront
from iot_dr.drill.rig.region.https_server import Request
from iot_dr.drill.rig.region.region_config import HealthApi
from tests.support.drill import in_loop

_API = HealthApi("abc.execute-api.eu-west-1.amazonaws.com", "/health/secret")
_WELL = {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": "{}"}


@pytest.mark.parametrize(
    ("expected", "status"),
    [
        (_WELL, 200),
        ({**_WELL, "statusCode": 503}, 503),
        ({"statusCode": 200}, 500),
        (None, 500),
        (ValueError(), 500),
    ],
    ids=["well", "unwell", "half an answer", "no answer", "raises"],
)
@in_loop
async def test_what_a_function_answers_amiss_is_a_500(expected: object, status: int) -> None:
    def canary(_event: object, _context: None) -> object:
        if isinstance(expected, Exception):
            raise expected
        return expected

    front = HealthFront(_API, Clock(1), canary)
    asked = Request(method="GET", path=_API.path, query="", headers={}, body=b"")
    assert (await front.answer(asked)).status == status
