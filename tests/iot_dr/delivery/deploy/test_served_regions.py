"""Nothing is destroyed before each region that stays serves devices."""

from collections.abc import Callable

import pytest

from environments.settings import Settings
from iot_dr.common.user_error import UsageError
from iot_dr.delivery.deploy.served_regions import NotServedError, refuse_unserved
from iot_dr.delivery.region_change import refuse_unnamed, region_change
from iot_dr.delivery.region_steps import DeployedRegions, region_steps, single_step
from iot_dr.observe.status.dns_query import DnsError
from iot_dr.observe.status.endpoint import UndecidedError
from tests.support.refusal import refusal
from tests.support.settings import REGIONS, settings

WEST, CENTRAL, NORTH = REGIONS[:3]
TARGET = settings(regions=[WEST, NORTH])
DECLARED = settings(regions=[WEST, NORTH], leaving_regions=[CENTRAL])
BOTH = DeployedRegions(regions=(WEST, CENTRAL), primary=WEST)
ALL = DeployedRegions(regions=(WEST, CENTRAL, NORTH), primary=WEST)
NEW = f"mqtt-{NORTH}.iot-dev.example.com"


def judge(deployed: DeployedRegions, problem_at: Callable[[str], str | None]) -> str:
    """Return why the next step is refused, "" if it is taken."""
    step = region_steps(TARGET, deployed)[0]
    return refusal(refuse_unserved, TARGET, deployed, step, problem_at)


def not_yet(name: str) -> str | None:
    return "the certificate is for another name" if name == NEW else None


def test_a_region_is_not_destroyed_before_its_successor_serves() -> None:
    message = judge(ALL, not_yet)
    assert message.startswith(f"lead no device to {CENTRAL} any more and destroy")
    assert f"{NEW} does not serve devices (the certificate is for another name)" in message


def test_no_region_becomes_the_primary_before_it_serves() -> None:
    target = settings(regions=[WEST, NORTH], primary_region=NORTH)
    (move, _) = region_steps(target, ALL)
    with pytest.raises(NotServedError, match=f"make {NORTH} the primary.* not yet: {NEW}"):
        refuse_unserved(target, ALL, move, not_yet)


def test_a_primary_that_does_not_serve_is_accepted_by_name_and_another_region_need_not_serve() -> (
    None
):
    target, now = settings(primary_region=CENTRAL), BOTH
    move = single_step(target, now)
    assert move
    assert (move.kind, move.about) == ("move", (CENTRAL,))

    def only(region: str) -> Callable[[str], str | None]:
        return lambda name: None if region in name else "no answer"

    # The former primary is why devices are moved.
    assert refusal(refuse_unserved, target, now, move, only(CENTRAL)) == ""
    expected = f"records may lead there alone.*to accept that: --unserved {CENTRAL}"
    for accepted in ((), (WEST,)):
        with pytest.raises(NotServedError, match=expected):
            refuse_unserved(target, now, move, only(WEST), accepted)
    assert refusal(refuse_unserved, target, now, move, only(WEST), (CENTRAL,)) == ""


def test_a_declared_region_does_not_leave_before_those_that_stay_serve() -> None:
    leave = single_step(DECLARED, ALL)
    assert leave
    # Accepting an unserved primary accepts nothing here.
    with pytest.raises(NotServedError, match=f"{CENTRAL} any more and destroy.* not yet: {NEW}"):
        refuse_unserved(DECLARED, ALL, leave, not_yet, (NORTH,))
    assert refusal(refuse_unserved, DECLARED, ALL, leave, lambda _: None) == ""


@pytest.mark.parametrize(
    "error", [OSError("no route"), DnsError("no route"), UndecidedError("who knows")]
)
def test_a_name_that_cannot_be_probed_does_not_serve_unless_all_may_be_well(
    error: Exception,
) -> None:
    def problem_at(_name: str) -> str | None:
        raise error

    message = judge(ALL, problem_at)
    assert message == "" if isinstance(error, UndecidedError) else "no route" in message


def test_a_region_is_added_whatever_serves() -> None:
    assert judge(BOTH, lambda _: "no answer") == ""


def test_once_all_serve_the_step_is_taken() -> None:
    assert judge(ALL, lambda _: None) == ""


def test_what_is_left_of_a_region_goes_whatever_serves() -> None:
    left = DeployedRegions(regions=(WEST, NORTH), leaving=(CENTRAL,), primary=WEST)
    assert judge(left, lambda _: "no answer") == ""


def test_a_region_that_a_stale_checkout_lacks_is_not_destroyed_unless_the_command_names_it() -> (
    None
):
    change = region_change(TARGET, ALL)
    expected = f"{CENTRAL} would be destroyed.* iot-dr deploy --env dev --leave {CENTRAL}$"
    for named in ((), (NORTH,)):
        with pytest.raises(UsageError, match=expected):
            refuse_unnamed(change, named)
    assert refusal(refuse_unnamed, change, (CENTRAL,)) == ""


@pytest.mark.parametrize(
    ("target", "deployed"),
    [
        (TARGET, BOTH),
        (TARGET, DeployedRegions(regions=(WEST, NORTH))),
        # A region that the file names in leaving_regions needs no other name.
        (DECLARED, BOTH),
        (DECLARED, ALL),
    ],
)
def test_other_steps_need_no_name(target: Settings, deployed: DeployedRegions) -> None:
    assert refusal(refuse_unnamed, region_change(target, deployed), ()) == ""
