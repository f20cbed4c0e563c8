"""How the alarms and registers of a switch disagree."""

from collections.abc import Iterator

from iot_dr.common.user_error import UserError
from iot_dr.observe.status.report import RegionReport
from iot_dr.observe.status.unknown import UnknownValue
from iot_dr.observe.switch.audit import AuditEntry
from iot_dr.observe.switch.registers import RegisterEntry, UnreadableRegisterError


def one_alarm(region: RegionReport) -> str:
    """Return by which alarm alone a region is switched away, and why the other may differ.

    A watcher sets the alarm in its own region; an operator's command sets both (ADR 0039).
    """
    set_, unset = (
        ", ".join(
            alarm_region
            for alarm_region, state in region.alarms.items()
            if not isinstance(state, UnknownValue) and (state == "ALARM") is is_set
        )
        for is_set in (True, False)
    )
    if isinstance(region.audit, AuditEntry) and region.audit.action == "away":
        why = f"that in {unset} did not follow the operator's switch"
    else:
        why = "a watcher set it, or it missed a switch back; switch back sets both"
    return f"switched away by its alarm in {set_} alone: {why}"


def register_problems(region: RegionReport) -> Iterator[str]:
    """Yield where the register of a switch and its alarm differ, so that one may end the other."""
    for alarm_region, register in region.registers.items():
        alarm = region.alarms.get(alarm_region)
        value = register.value if isinstance(register, RegisterEntry) else "missing"
        if isinstance(register, UnreadableRegisterError):
            yield f"the register of its switch in {alarm_region} is not published: {register}"
        elif isinstance(register, UserError) or isinstance(alarm, UnknownValue) or alarm is None:
            continue
        elif alarm == "ALARM" and value != "away":
            yield (
                f"its register in {alarm_region} is {value}, so that nothing repeats `away` there;"
                " switch it away or back again"
            )
        elif alarm != "ALARM" and value == "away":
            yield f"its register in {alarm_region} is away, which its alarm has not followed"
