"""What devices see of a record that leads elsewhere."""

from iot_dr.review.impact.dependence import Dependence
from iot_dr.review.impact.told import Clause
from iot_dr.route53.record import Record
from iot_dr.rules.rule import Verdict


def leading_clause(old: Record, new: Record, world: Dependence) -> Clause | None:
    """Say where devices go instead; None where it is to the same places."""
    if old.targets == new.targets:
        return None
    before, after = world.before.words(old.targets), world.after.words(new.targets)
    if before == after:
        if old.name != new.name:
            # The places are the same; what they are called goes with the name.
            return None
        before, after = " and ".join(old.targets), " and ".join(new.targets)
    instead = f"{after}{',' if 'fails too' in after else ''} instead of {before}"
    return Clause(Verdict.WARN, _told(old, new, instead, world))


def _told(old: Record, new: Record, instead: str, world: Dependence) -> str:
    kind = world.names.kind(new)
    if kind == "regional":
        return f"it leads to {instead}"
    if new.side == "SECONDARY":
        primary = "the nested PRIMARY fails too" if kind == "nested" else "the PRIMARY fails"
        return f"when {primary}, devices go to {instead}"
    if kind == "nested":
        return f"when the regions before it fail, devices go to {instead}"
    told = f"new connections go to {instead}, and who is connected stays until that one ends"
    if _is_swapped(old, new, world):
        told += (
            "; while one record is changed and the other is not, both may lead to one region, and"
            " nothing fails over"
        )
    return told


def _is_swapped(old: Record, new: Record, world: Dependence) -> bool:
    """Tell whether another record of the name has led there, and leads to the old place now."""
    led = (each.targets for each in world.before.at(old.name))
    leads = (each.targets for each in world.after.at(new.name))
    return new.targets in led and old.targets in leads
