"""A region that accepts so many connects a second, and a fleet that backs off when refused."""

from typing import Final

from iot_dr.forecast.arrivals import Arrivals
from iot_dr.forecast.back_off import next_wait
from iot_dr.forecast.recovery_plan import RecoveryPlan

_ENOUGH: Final = 0.9995
"""The part of the fleet after which nobody looks any more."""


def accepted(arrivals: Arrivals, plan: RecoveryPlan, step: float) -> Arrivals:
    """Give when the devices are let in: as a fluid, `connect_rate` a second.

    The others back off with full jitter and come back, spread evenly over their longest wait.
    """
    room = plan.connect_rate * step / plan.fleet
    if max(arrivals.parts) <= room:
        return arrivals
    parts: list[float] = []
    changes: list[float] = [0.0]
    back = done = 0.0
    while done < _ENOUGH:
        at = len(parts)
        back += changes[at]
        present = back + (arrivals.parts[at] if at < len(arrivals.parts) else 0.0)
        parts.append(min(room, present))
        done += parts[at]
        wait = next_wait(plan.backoff_ceiling, (arrivals.begin + at) * step)
        _spread(changes, present - parts[at], at + 1, max(1, round(wait / step)))
    return Arrivals(arrivals.begin, parts)


def _spread(changes: list[float], refused: float, begin: int, steps: int) -> None:
    missing = begin + steps + 1 - len(changes)
    if missing > 0:
        changes += [0.0] * missing
    changes[begin] += refused / steps
    changes[begin + steps] -= refused / steps
