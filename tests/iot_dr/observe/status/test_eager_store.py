"""State buckets whose clients cannot be made."""

from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError, NoCredentialsError

from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.aws.errors import CredentialsError
from iot_dr.observe.state.store import UnreachableError
from iot_dr.observe.status.store import StoreWithClients
from stacks.state_location import StateLocation

PLACE = StateLocation(bucket="bucket", key="key", region="eu-west-1")


class Failing(Clients):
    def __init__(self, error: Exception) -> None:
        super().__init__(None)
        self._error = error

    def client(self, service: str, region: str, endpoint: str | None = None) -> Any:
        assert (service, region, endpoint) == ("s3", "eu-west-1", None)
        raise self._error


def test_a_region_whose_sts_does_not_answer_counts_as_one_that_does_not() -> None:
    gone = EndpointConnectionError(endpoint_url="https://sts.eu-west-1.test")
    with pytest.raises(UnreachableError, match=r"bucket \(eu-west-1\): S3 does not answer"):
        StoreWithClients(Failing(gone)).read(PLACE)


def test_missing_credentials_are_reported_as_such() -> None:
    with pytest.raises(CredentialsError, match="s3:GetObject in eu-west-1: no usable AWS"):
        StoreWithClients(Failing(NoCredentialsError())).read(PLACE)
