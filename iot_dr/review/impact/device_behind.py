"""What a change means to what health checks ask: an API, and the function behind it."""

from typing import Final

from iot_dr.review.impact.check_sight import called
from iot_dr.review.impact.dependence import Dependence
from iot_dr.review.impact.differences import Differences
from iot_dr.review.impact.told import FORGOTTEN, Rank, Told
from iot_dr.review.read.stack_review import ResourceChange
from iot_dr.rules.rule import Verdict
from iot_dr.terraform_json.change import Action
from iot_dr.terraform_json.listing import listing

_WHY: Final = {
    Action.DESTROY: "nothing answers there any more, and the check calls its region unhealthy",
    Action.REPLACE: "until the new one answers, the check calls its region unhealthy",
    Action.FORGET: FORGOTTEN.text,
}


def told_of_behind(
    change: ResourceChange, _differences: Differences, world: Dependence
) -> Told | None:
    """Tell of what goes and is asked by a check that a record asks; None for anything else."""
    if change.action not in _WHY or _is_ready(change, world):
        return None
    checks = world.checks_asking((change.stack, change.address))
    asked = [(each, by) for each in checks if (by := world.asked_by(each, is_after=True))]
    if not asked:
        return None
    who = listing(list(dict.fromkeys(called(each) for each, _ in asked)))
    records = sorted({record for _, by in asked for record in by})
    return Told(
        rank=Rank.CHECK,
        verdict=Verdict.WARN,
        subject=f"what {who} asks, {change.address}",
        why=f"{_WHY[change.action]}; {listing(records)} ask{'s' if len(records) == 1 else ''} it",
    )


def _is_ready(change: ResourceChange, world: Dependence) -> bool:
    """Tell whether the new one is made before the old one goes."""
    found = world.resource((change.stack, change.address))
    return (
        found is not None and found.change is not None and found.change.actions[:1] == ("create",)
    )
