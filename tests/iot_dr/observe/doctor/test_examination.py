"""All checks together: each is independent, and none is made in another account."""

from collections.abc import Iterator

import pytest

from iot_dr.common.user_error import UserError
from iot_dr.observe.doctor.account import Account
from iot_dr.observe.doctor.check import Check
from iot_dr.observe.doctor.examination import examine
from iot_dr.observe.doctor.finding import AccountFinding, ok
from tests.iot_dr.observe.doctor.test_checks import CALLER
from tests.iot_dr.observe.doctor.world import World


def well(_: Account) -> Iterator[AccountFinding]:
    yield ok("well")


def fails(_: Account) -> Iterator[AccountFinding]:
    yield ok("the first half")
    raise UserError("no answer")


def defect(_: Account) -> Iterator[AccountFinding]:
    raise ValueError("a defect of this program")
    yield ok("never")


CHECKS = [
    Check(name="fails", examine=fails),
    Check(name="well", examine=well),
    Check(name="local", examine=well, is_local=True),
]


def outcome(world: World) -> list[tuple[str, str]]:
    done: list[None] = []
    results = examine(world.account(), CHECKS, lambda: done.append(None))
    assert len(done) in {2, 4}
    return [(result.check, finding.status) for result in results for finding in result.findings]


def test_a_check_that_fails_is_unknown_and_the_others_are_made() -> None:
    assert outcome(World({"get_caller_identity": CALLER})) == [
        ("credentials", "ok"),
        ("fails", "unknown"),
        ("well", "ok"),
        ("local", "ok"),
    ]


def test_in_another_account_only_local_checks_are_made() -> None:
    assert outcome(World({"get_caller_identity": {**CALLER, "Account": "2" * 12}})) == [
        ("credentials", "missing"),
        ("fails", "unknown"),
        ("well", "unknown"),
        ("local", "ok"),
    ]


def test_a_defect_is_raised() -> None:
    with pytest.raises(ValueError, match="a defect"):
        examine(
            World({"get_caller_identity": CALLER}).account(),
            [Check(name="defect", examine=defect)],
        )
