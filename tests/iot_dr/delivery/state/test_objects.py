"""Objects next to states: a bucket that does not answer has none, and a busy one is reported."""

import os
import socket
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from iot_dr.delivery.state.fresh import NoBucketsError, refuse_without_buckets
from iot_dr.delivery.state.objects import RegionNotAnsweringError, S3Objects, SandboxObjects
from iot_dr.drill.play.faults import Reply, faults_before
from iot_dr.observe.state.store import UnreachableError
from stacks.state_location import StateLocation
from tests.iot_dr.observe.state.world import World
from tests.support.refusal import refusal
from tests.support.settings import settings

LEASE = StateLocation(
    bucket="example-iot-dev-eu-west-1", key="dev/iot-dev-iot-eu-west-1.turn", region="eu-west-1"
)


@pytest.mark.parametrize("kind", ["s3", "sandbox"])
def test_an_object_is_written_read_and_deleted(world: World, kind: str) -> None:
    objects = S3Objects(None) if kind == "s3" else SandboxObjects(world.folder)
    assert objects.read(LEASE) is None
    assert objects.write_if_unchanged(LEASE, None, b"one")
    assert objects.read(LEASE) == b"one"
    objects.delete(LEASE)
    objects.delete(LEASE)
    assert objects.read(LEASE) is None


def test_a_region_that_is_gone_has_none(world: World) -> None:
    S3Objects(None).write_if_unchanged(LEASE, None, b"one")
    world.lose(LEASE.region)
    assert S3Objects(None).read(LEASE) is None


@contextmanager
def answering(code: str, monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    """Let S3 answer every request with an error."""
    reply = Reply(503, f"<Error><Code>{code}</Code></Error>".encode())
    with faults_before(os.environ["AWS_ENDPOINT_URL"]) as faults:
        faults.answers.append(lambda _request: reply)
        monkeypatch.setenv("AWS_ENDPOINT_URL", faults.endpoint)
        yield


@pytest.mark.parametrize("code", ["SlowDown", "ServiceUnavailable"])
@pytest.mark.usefixtures("world")
def test_a_bucket_that_is_busy_is_reported_and_one_that_does_not_work_has_none(
    code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with answering(code, monkeypatch):
        if code == "SlowDown":
            with pytest.raises(UnreachableError):
                S3Objects(None).read(LEASE)
        else:
            assert S3Objects(None).read(LEASE) is None


@pytest.mark.parametrize("code", ["SlowDown", "ServiceUnavailable", "InternalError"])
@pytest.mark.usefixtures("world")
def test_whoever_asks_carefully_takes_no_bad_answer_for_none(
    code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = UnreachableError if code == "SlowDown" else RegionNotAnsweringError
    with answering(code, monkeypatch), pytest.raises(expected):
        S3Objects(None).find(LEASE)


def test_in_a_bucket_that_is_not_made_yet_there_is_nothing(world: World) -> None:
    other = StateLocation(bucket="example-iot-dev-none", key=LEASE.key, region=LEASE.region)
    assert S3Objects(None).find(other) is None
    world.lose(LEASE.region)
    assert S3Objects(None).find(LEASE) is None


@pytest.mark.parametrize("kind", ["s3", "sandbox"])
def test_an_object_is_written_over_the_one_that_was_read_and_over_no_other(
    world: World, kind: str
) -> None:
    objects = S3Objects(None) if kind == "s3" else SandboxObjects(world.folder)
    first = objects.write_if_unchanged(LEASE, None, b"one")
    assert first
    assert objects.write_if_unchanged(LEASE, None, b"two") is None
    stored = objects.find(LEASE)
    assert stored
    assert (stored.content, stored.tag) == (b"one", first)
    assert abs(stored.age.total_seconds()) < 60
    assert objects.write_if_unchanged(LEASE, first, b"two")
    assert objects.write_if_unchanged(LEASE, first, b"three") is None
    objects.delete(LEASE)
    assert objects.write_if_unchanged(LEASE, first, b"three") is None
    assert objects.find(LEASE) is None


def test_an_objects_age_is_by_the_clock_of_s3(world: World) -> None:
    S3Objects(None).write_if_unchanged(LEASE, None, b"one")
    path = world.path(LEASE.region, "iot-dev-iot-eu-west-1.turn")
    written = path.stat().st_mtime - 3600
    os.utime(path, (written, written))
    stored = S3Objects(None).find(LEASE)
    assert stored
    assert 3590 < stored.age.total_seconds() < 3700


@pytest.fixture
def fresh(world: World) -> World:
    for region in world.settings.regions:
        world.lose(region)
    return world


def test_an_environment_without_any_bucket_is_refused(fresh: World) -> None:
    with pytest.raises(NoBucketsError, match="run `iot-dr state init --env dev` first"):
        refuse_without_buckets([fresh.settings])


def test_a_single_lost_bucket_is_left_to_terraform(world: World) -> None:
    world.lose(world.settings.regions[-1])
    assert refusal(refuse_without_buckets, [world.settings]) == ""


def test_a_fresh_environment_next_to_an_existing_one_is_left_to_terraform(world: World) -> None:
    fresh = settings(environment="staging")
    refuse_without_buckets([world.settings, fresh])
    with pytest.raises(NoBucketsError, match="--env staging"):
        refuse_without_buckets([fresh])


def test_an_environment_that_reads_copies_is_not_asked_for_its_buckets(fresh: World) -> None:
    copies = fresh.settings.model_copy(update={"handover_region": "eu-central-1"})
    assert refusal(refuse_without_buckets, [copies]) == ""


def test_an_empty_bundle_of_certificates_is_none(
    fresh: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", "")
    with pytest.raises(NoBucketsError):
        refuse_without_buckets([fresh.settings])
    assert "AWS_CA_BUNDLE" not in os.environ


def test_where_nobody_answers_nothing_is_refused(
    fresh: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{closed.getsockname()[1]}")
        assert refusal(refuse_without_buckets, [fresh.settings]) == ""
