"""What a change of primary would change, from the plans of all stacks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

from environments.settings import Settings
from iot_dr.delivery.stack_plan import StackPlan
from iot_dr.operate.role.record import Lead, RecordChange, changes_of_records
from iot_dr.operate.role.unexpected_changes import unexpected_changes
from iot_dr.route53.apply_order import apply_points
from modules.switch_slots import WATCHER

_CHECK = "aws_route53_health_check"
_ALARM = "aws_cloudwatch_metric_alarm"


@dataclass(frozen=True, kw_only=True)
class ChangeOfPrimary:
    """The settings with the current and the new primary, and the plans of all stacks."""

    now: Settings
    then: Settings
    plans: Sequence[StackPlan]

    @cached_property
    def refusals(self) -> tuple[str, ...]:
        """The changes that do not belong to a change of primary: see `unexpected_changes`."""
        return tuple(unexpected_changes(self.plans))

    @cached_property
    def records(self) -> tuple[RecordChange, ...]:
        """All failover records, unchanged ones included."""
        return changes_of_records(self.entry_point.document, self.then)

    @property
    def entry_point(self) -> StackPlan:
        """The plan of the entry point's stack."""
        return next(plan for plan in self.plans if plan.node.what == "entry-point")

    @property
    def applied_primary(self) -> str | None:
        """The region to which the device name's PRIMARY record leads now; None without a record."""
        key = (self.now.device_name, "PRIMARY")
        targets = (record.now for record in self.records if (record.name, record.side) == key)
        lead = next(targets, None)
        return lead.to if lead else None

    @property
    def unchanged_checks(self) -> int:
        """The number of the entry point's health checks without a change."""
        return self._left_alone(_CHECK)

    @property
    def unchanged_alarms(self) -> int:
        """The number of the entry point's alarms without a change, including the switches'."""
        return self._left_alone(_ALARM)

    @property
    def watcher(self) -> tuple[str | None, str | None]:
        """The region that watches the primary before and after; None if there is no watcher.

        It is the first standby; with more standbys each has a watcher (ADR 0039).
        """
        watched = {
            side
            for entry, side in product(self._resources, ("before", "after"))
            if entry["name"].startswith(WATCHER) and entry["change"][side]
        }
        return (
            self.now.standbys[0] if "before" in watched else None,
            self.then.standbys[0] if "after" in watched else None,
        )

    @cached_property
    def without_standby(self) -> tuple[str, ...]:
        """Regions that all records may lead to while only some records have changed."""
        changed = [record.address for record in self.records if record.now != record.then]
        configured = self.entry_point.document["configuration"]["root_module"]["resources"]
        depends_on = {each["address"]: each.get("depends_on", ()) for each in configured}
        reached = (
            {lead.to for lead in self._leads(done) if lead and lead.to in self.then.regions}
            for done in apply_points(changed, depends_on)
        )
        return tuple(sorted({next(iter(regions)) for regions in reached if len(regions) == 1}))

    def _leads(self, done: frozenset[str]) -> Iterator[Lead | None]:
        return (each.then if each.address in done else each.now for each in self.records)

    @property
    def _resources(self) -> list[dict[str, Any]]:
        return self.entry_point.document.get("resource_changes", [])

    def _left_alone(self, type_: str) -> int:
        return sum(
            entry["type"] == type_ and entry["change"]["actions"] == ["no-op"]
            for entry in self._resources
        )


def regions_with_evaluated_switch(settings: Settings) -> tuple[str, ...]:
    """Return the regions whose switch a record evaluates: all but the last standby (ADR 0012)."""
    return settings.failover_order[:-1]
