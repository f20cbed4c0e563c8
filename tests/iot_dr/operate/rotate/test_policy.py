"""What an operator must be allowed, by the runbook."""

from tests.iot_dr.operate.rotate.command import rotate
from tests.iot_dr.operate.rotate.day import Day
from tests.iot_dr.operate.rotate.world import CENTRAL, DEV
from tests.support.policy import allowed, needed


def test_the_runbook_s_policy_allows_what_is_asked_beyond_a_switch_and_nothing_else(
    day: Day,
) -> None:
    assert rotate(day, CENTRAL) == 0
    asked = needed(day.faults.seen, DEV.account_id)
    switch, own = (allowed(page) for page in ("switch.md", "rotate.md"))
    assert asked <= switch | own
    assert own <= asked
