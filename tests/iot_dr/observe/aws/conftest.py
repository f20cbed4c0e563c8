from collections.abc import Iterator

import pytest

from iot_dr.drill.play.account import client
from iot_dr.drill.play.faults import Faults, faults_before
from iot_dr.observe.aws.clients import CallLimits, Clients
from tests.support.aws_account import account, lead_to

ACCOUNT = "111111111111"
QUICK = CallLimits(connect=2, read=2, attempts=1)


@pytest.fixture(scope="session")
def server() -> Iterator[Faults]:
    """An account with what can fail before it; its services are loaded."""
    with account(ACCOUNT) as moto, faults_before(moto) as faults:
        client("sts", "eu-west-1", moto).get_caller_identity()
        client("ssm", "eu-west-1", moto).describe_parameters()
        yield faults


@pytest.fixture
def faults(server: Faults, monkeypatch: pytest.MonkeyPatch) -> Faults:
    """The account, with everything well and this process led to it."""
    server.clear()
    lead_to(server.endpoint, monkeypatch)
    return server


@pytest.fixture
def clients(faults: Faults) -> Clients:
    """Clients with short limits and no second try."""
    assert faults.endpoint
    return Clients(None, QUICK)
