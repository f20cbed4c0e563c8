"""Objects beside states: what does not answer has none, and what is busy is told."""

from typing import Any

import pytest
from botocore.exceptions import ClientError  # pyright: ignore[reportMissingTypeStubs] - no types

from iot_dr.aws.errors import is_busy
from iot_dr.state.objects import S3Objects, SandboxObjects
from iot_dr.state.store import Store, UnreachableError
from stacks.state_location import StateLocation
from tests.iot_dr.state.world import World

TURN = StateLocation(
    bucket="example-iot-dev-eu-west-1", key="dev/iot-dev-iot-eu-west-1.turn", region="eu-west-1"
)


@pytest.mark.parametrize("kind", ["s3", "sandbox"])
def test_an_object_is_written_read_and_deleted(world: World, kind: str) -> None:
    objects = S3Objects(None) if kind == "s3" else SandboxObjects(world.folder)
    assert objects.read(TURN) is None
    objects.write(TURN, b"one")
    assert objects.read(TURN) == b"one"
    objects.delete(TURN)
    objects.delete(TURN)
    assert objects.read(TURN) is None


def test_a_region_that_is_gone_has_none(world: World) -> None:
    S3Objects(None).write(TURN, b"one")
    world.lose(TURN.region)
    assert S3Objects(None).read(TURN) is None


@pytest.mark.parametrize("code", ["SlowDown", "ServiceUnavailable"])
@pytest.mark.usefixtures("world")
def test_a_bucket_that_is_busy_is_told_and_one_that_does_not_work_has_none(
    code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": 503}}

    def read(*_: object) -> None:
        raise UnreachableError("S3 does not work") from ClientError(answer, "GetObject")

    monkeypatch.setattr(Store, "read", read)
    assert is_busy(ClientError(answer, "GetObject")) == (code == "SlowDown")
    if code == "SlowDown":
        with pytest.raises(UnreachableError):
            S3Objects(None).read(TURN)
    else:
        assert S3Objects(None).read(TURN) is None
