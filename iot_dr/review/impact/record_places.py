"""What devices see of a record that comes, goes, or gets another name."""

from iot_dr.review.impact.dependence import Dependence
from iot_dr.review.impact.told import Clause
from iot_dr.route53.record import Record
from iot_dr.rules.rule import Verdict
from iot_dr.terraform_json.resource import Resource


def added(new: Record, record: Resource, world: Dependence) -> Clause:
    """Tell of a record that is new, and whose place it takes."""
    where = world.after.words(new.targets)
    what = f"{new.name} gets a {new.side} that leads" if new.side else f"{new.name} leads"
    if taken := _taken(new, record, world):
        return Clause(Verdict.WARN, f"{what} to {where}, {taken}")
    return Clause(Verdict.OK, f"{what} to {where}")


def _taken(new: Record, record: Resource, world: Dependence) -> str:
    """Say whose place a new record takes; empty where it has one of its own."""
    before, name = world.before, new.name
    others = [
        each
        for each in before.at(name)
        if not new.routing or each.routing != new.routing or (new.side and each.side == new.side)
    ]
    overwrites = record.values.get("allow_overwrite") is True
    if others:
        stands = f"where a record stands that leads to {before.words(others[0].targets)}"
        return f"{stands}{', and overwrites it' if overwrites else ''}"
    is_known = name in before or before.is_led_to(name)
    return "and overwrites what stands there" if overwrites and is_known else ""


def removed(old: Record, world: Dependence) -> Clause:
    """Tell of a record that goes, and what is left of its name."""
    if old.name not in world.after:
        return _gone(old.name, world)
    rest, what = world.after.words([old.name]), old.side or "such"
    return Clause(
        Verdict.WARN, f"{old.name} has no {what} record any more and leads to {rest} alone"
    )


def _gone(name: str, world: Dependence) -> Clause:
    """Tell of the last record of a name; of a nested name none needs it that none leads to."""
    lead = f"no record of {name} is left"
    if world.names.is_device_name(name):
        return Clause(Verdict.BLOCK, f"{lead}, so devices find nothing there")
    if lost := world.lost_through(name):
        return Clause(Verdict.BLOCK, f"{lead}, so {lost} leads nowhere and devices find nothing")
    if world.after.is_led_to(name):
        return Clause(Verdict.WARN, f"{lead}, though a record still leads there")
    verdict = Verdict.OK if world.names.is_nested(name) else Verdict.WARN
    return Clause(verdict, f"{lead}, and no record leads there")


def renamed(old: Record, new: Record, world: Dependence) -> Clause:
    """Tell of the last record of a name that gets another one."""
    other = new.name or "another"
    if world.names.kind(old) == "device":
        return Clause(
            Verdict.BLOCK,
            f"the device name changes from {old.name} to {other}, and devices that know the old one"
            " find nothing there",
        )
    if lost := world.lost_through(old.name):
        return Clause(
            Verdict.BLOCK,
            f"{old.name} becomes {other}, so {lost} leads nowhere and devices find nothing",
        )
    return Clause(
        Verdict.WARN,
        f"{old.name} becomes {other}, and what still asks for the old name finds nothing there",
    )
