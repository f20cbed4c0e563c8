"""What another primary would change, read from the plans."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

from environments.settings import Settings
from iot_dr.delivery.stack_plan import StackPlan
from iot_dr.operate.role.record import RecordChange, changes_of_records
from iot_dr.operate.role.stray import WATCHER, strays

_CHECK = "aws_route53_health_check"
_ALARM = "aws_cloudwatch_metric_alarm"


@dataclass(frozen=True, kw_only=True)
class ChangeOfPrimary:
    """An environment as its file says it is, and with another primary; the plans of all stacks."""

    now: Settings
    then: Settings
    plans: Sequence[StackPlan]

    @cached_property
    def refusals(self) -> tuple[str, ...]:
        """What would change and must not: anything but where records lead, and the watcher."""
        return tuple(strays(self.plans))

    @cached_property
    def records(self) -> tuple[RecordChange, ...]:
        """The failover records, the unchanged included."""
        return changes_of_records(self.entry_point.document, self.then)

    @property
    def entry_point(self) -> StackPlan:
        """The plan of the stack that knows which region is primary."""
        return next(plan for plan in self.plans if plan.node.what == "entry-point")

    @property
    def applied_primary(self) -> str | None:
        """Where the device name's PRIMARY leads before; None while there is none."""
        is_primary = (self.now.device_name, "PRIMARY")
        found = (each.now for each in self.records if (each.name, each.side) == is_primary)
        lead = next(found, None)
        return lead.to if lead else None

    @property
    def checks_that_stay(self) -> int:
        """The number of the entry point's health checks that are left as they are."""
        return self._left_alone(_CHECK)

    @property
    def alarms_that_stay(self) -> int:
        """The number of its alarms that are left as they are, those of the switches included."""
        return self._left_alone(_ALARM)

    @property
    def watcher(self) -> tuple[str | None, str | None]:
        """The region where the watcher stands now, and then; None for no watcher."""
        found: dict[str, str | None] = dict.fromkeys(("before", "after"))
        for entry, side in product(self._resources, found):
            if entry["name"].startswith(WATCHER) and entry["change"][side]:
                found[side] = entry["name"].removeprefix(WATCHER).replace("_", "-")
        return found["before"], found["after"]

    @cached_property
    def without_standby(self) -> tuple[str, ...]:
        """The regions that all records may lead to while some are changed and others are not."""
        leads = [{each.now, each.then} for each in self.records]
        reached = (
            {lead.to for lead in chosen if lead and lead.to in self.then.regions}
            for chosen in product(*leads)
        )
        return tuple(sorted({next(iter(each)) for each in reached if len(each) == 1}))

    @property
    def _resources(self) -> list[dict[str, Any]]:
        return self.entry_point.document.get("resource_changes", [])

    def _left_alone(self, type_: str) -> int:
        return sum(
            entry["type"] == type_ and entry["change"]["actions"] == ["no-op"]
            for entry in self._resources
        )


def switches_asked(settings: Settings) -> tuple[str, ...]:
    """Give the regions whose switch a record asks: all but the last of the chain (ADR 0012)."""
    return settings.failover_order[:-1]
