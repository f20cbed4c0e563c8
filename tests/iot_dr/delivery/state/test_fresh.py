"""What counts as an environment without state buckets, and what is left to Terraform."""

import os
import socket

import pytest

from iot_dr.delivery.state.fresh import NoBucketsError, refuse_without_buckets
from tests.iot_dr.observe.state.world import World
from tests.support.refusal import refusal
from tests.support.settings import settings


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
