"""`iot-dr status` during each outage of the drill: the cause, and a next command that helps.

An outage runs on a virtual clock until a moment; then the real command sees its AWS over HTTP, its
name servers and its TLS servers.
"""

import os
import shlex
from collections.abc import Callable, Iterator
from functools import partial
from random import Random
from typing import Final

import pytest

from environments.loader import load
from iot_dr.drill.outages.catalogue import OUTAGES
from iot_dr.drill.play.partial_outages import PARTIAL
from iot_dr.drill.play.platform import DEVICES, Platform
from iot_dr.drill.play.world_time import in_virtual_time
from tests.scenarios.support.place import RECONNECTING, Place, placed
from tests.support.applied_world import applied_world
from tests.support.aws_account import lead_to
from tests.support.command import iot_dr_here

CAUSES: Final = {
    **dict.fromkeys(["kill", "drop", "freeze", "hour", "control-plane"], "region-down"),
    "second-failure": "region-down",
    "expired": "certificate",
    "switch": "switched-away",
    "authorization": "authorization",
    "device-policy": "devices-refused",
    "half-refused": "devices-refused",
    "canary": "canary",
    **dict.fromkeys(["slow", "slow-tls"], "slow-region"),
    "blind-checkers": "checkers",
    "stale-dns": "region-down",
    "both": "no-healthy-region",
    "lost-keeper": "lost-alarm-region",
    "flapping": "flapping",
    "errors": "connect-errors",
    "one-address": "one-address",
    "us-east-1": "us-east-1-gone",
}
"""The cause of each outage."""

SHOWN_AFTER: Final = {"canary": 420.0, "errors": 420.0, "flapping": 135.0}
"""Seconds until AWS shows it: metrics are late, and few connects fail. Others: two checks."""
EARLIER: Final = {
    "canary": {"deep-check", "switched-away", "none"},
    "authorization": {"deep-check", "devices-refused"},
    "flapping": {"region-down", "unreachable-from-here", "switched-away", "dns"},
    "stale-dns": {"stale-dns"},
}
"""What is true as well while it is not certain yet, or of the time after it."""
DARK: Final = {"none", "unreachable-from-here", "dns", "deep-check", "region-down"}
"""What may be said before anything can be known, in the first minutes."""
NEEDS_THREE: Final = {"second-failure", "lost-keeper"}
NAMES: Final = [*OUTAGES, *PARTIAL]


@pytest.fixture(scope="module")
def prod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("prod")
    with (
        applied_world(load("prod", {}), folder) as made,
        placed(made, tmp_path_factory.mktemp("authority")) as place,
    ):
        yield place


@pytest.fixture(autouse=True)
def _account(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    name = next(each for each in ("dev", "prod") if each in request.fixturenames)
    lead_to(request.getfixturevalue(name).faults.endpoint, monkeypatch)


def problems(place: Place, outage: str, seed: int, moment: float) -> Iterator[str]:
    """Yield what is wrong about the diagnosis at a moment after an outage's begin."""
    platform = Platform(place.world, outage, seed)
    in_virtual_time(platform.run([moment], lambda: None))
    seen = place.diagnose(platform)
    check = next(iter(platform.checks.values()))
    visible = SHOWN_AFTER.get(outage, 2.0 * check.threshold * check.interval + 100)
    # Metrics are late by more than a fleet that flaps for a short check's threshold.
    ends = 3.0 * check.threshold * check.interval if outage == "flapping" else 1e9
    right = {CAUSES[outage]}
    if moment < visible:
        right |= DARK
    if moment < visible or moment > ends:
        right |= EARLIER.get(outage, set())
    if outage == "stale-dns":
        right |= EARLIER[outage]
    if seen["cause"] not in right:
        yield f"{outage} seed {seed} at {moment:.0f} s: {seen['cause']}, {seen['cause_words']}"
    if command := seen["next_command"]:
        yield from harm(platform, command, f"{outage} seed {seed} at {moment:.0f} s")
    if seen["verdict"] == "ok" and seen["could_not_be_read"]:
        yield f"{outage} seed {seed} at {moment:.0f} s: ok, and not all was read"


def harm(platform: Platform, command: str, where: str) -> Iterator[str]:
    """Yield why a command makes things worse: no region that works is left for devices."""
    _, _, action, region, *_ = command.split()
    names = [name for name in platform.regions if name != region]
    targets = names if action == "away" else [region]
    works = [name for name in targets if platform.regions[name].works]
    if not works:
        yield f"{where}: {command}, and no other region works"
    if action == "away" and platform.route53.region != region:
        yield f"{where}: {command}, which does not serve"


def moments(outage: str, environment: str, number: int) -> list[tuple[int, float]]:
    """Return seeds and moments, half of them while AWS does not show all yet."""
    random = Random(f"{outage} {environment}")  # noqa: S311 - no secret
    until = [60.0, 240.0, 900.0] if outage != "flapping" else [60.0, 150.0, 300.0]
    return [
        (seed, random.uniform(10, until[-1] if seed % 2 else until[seed % 3]))
        for seed in range(number)
    ]


SAMPLE: Final = [
    *(("device-policy", 3, 300.0), ("half-refused", 4, 250.0), ("authorization", 5, 400.0)),
    *(("canary", 6, 500.0), ("one-address", 7, 200.0), ("flapping", 8, 200.0)),
    *(("us-east-1", 9, 200.0), ("both", 10, 300.0), ("kill", 11, 300.0), ("errors", 12, 700.0)),
]


@pytest.mark.parametrize(("outage", "seed", "moment"), SAMPLE)
def test_the_cause_of_an_outage_is_named(dev: Place, outage: str, seed: int, moment: float) -> None:
    assert [*problems(dev, outage, seed, moment)] == []


@pytest.mark.exhaustive
@pytest.mark.parametrize("outage", [name for name in NAMES if name not in NEEDS_THREE])
def test_the_cause_is_right_at_19_of_20_moments_of_dev_and_no_command_harms(
    dev: Place, outage: str
) -> None:
    assert failures(dev, outage) == []


@pytest.mark.exhaustive
@pytest.mark.parametrize("outage", NAMES)
def test_the_cause_is_right_at_19_of_20_moments_of_prod_and_no_command_harms(
    prod: Place, outage: str
) -> None:
    assert failures(prod, outage) == []


def test_no_answer_follows_a_platform_that_commands_no_longer_see(dev: Place) -> None:
    platform = Platform(dev.world, "kill", 1)
    in_virtual_time(platform.run([60], lambda: None))
    with dev.seen(platform):
        assert dev.faults.answers
        assert dev.faults.failing
    assert (dev.faults.answers, dev.faults.failing) == ([], {})


def failures(place: Place, outage: str) -> list[str]:
    """Return the harmful commands, and wrong causes where there are more than one in 20 moments."""
    number = int(os.environ.get("STATUS_MOMENTS", "20"))
    cases = moments(outage, place.settings.environment, number)
    wrong = [each for seed, moment in cases for each in problems(place, outage, seed, moment)]
    return wrong if len(wrong) > number // 20 else [each for each in wrong if "iot-dr" in each]


LOOKS: Final = (150.0, 330.0, 520.0, 720.0, 1200.0)
"""Seconds after the begin at which the operator looks."""


def test_an_operator_who_runs_the_next_command_gets_all_devices_back(dev: Place) -> None:
    assert operate(dev, "device-policy")
    assert not operate(dev, "device-policy", lambda _: None)


@pytest.mark.exhaustive
@pytest.mark.parametrize("outage", [name for name in NAMES if name not in NEEDS_THREE])
def test_every_outage_of_dev_ends_with_all_devices_connected(dev: Place, outage: str) -> None:
    assert operate(dev, outage)


@pytest.mark.exhaustive
@pytest.mark.parametrize("outage", NAMES)
def test_every_outage_of_prod_ends_with_all_devices_connected(prod: Place, outage: str) -> None:
    assert operate(prod, outage)


def operate(place: Place, outage: str, look: Callable[[Platform], None] | None = None) -> bool:
    """Return whether all devices have a link in a region that works, with an operator or not."""
    platform = Platform(place.world, outage, seed=1, lasts=LOOKS[-1] / 2)
    in_virtual_time(platform.run(LOOKS, partial(look or partial(_obey, place), platform)))
    connected = [len(region.links) for name, region in platform.regions.items() if region.is_up]
    return sum(connected) >= DEVICES - RECONNECTING


def _obey(place: Place, platform: Platform) -> None:
    """Run exactly the command that `status --json` prints, and confirm it.

    On a busy machine it may refuse, as AWS did not answer in its time: the next look repeats it.
    """
    command = place.diagnose(platform)["next_command"]
    if command is None:
        return
    own, theirs = os.openpty()
    with (
        os.fdopen(theirs) as terminal,
        place.seen(platform),
    ):
        os.write(own, b"yes\n")
        iot_dr_here(*shlex.split(command)[1:], typed=terminal)
        os.close(own)
