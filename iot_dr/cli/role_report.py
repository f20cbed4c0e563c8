"""What `iot-dr role plan` tells, for people and for machines."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from textwrap import fill
from typing import Any, Final

from iot_dr.cli.columns import columns
from iot_dr.cli.plan_report import summary
from iot_dr.operate.role.change_of_primary import ChangeOfPrimary, switches_asked
from iot_dr.operate.role.outlook import commands, entry_point_alone, outlook, setting, way_back
from iot_dr.operate.role.record import RecordChange
from iot_dr.terraform.schedule import Done
from iot_dr.terraform_json.provider_choice import Provider

_WIDTH: Final = 99
_ARROW: Final = "->"


@dataclass(frozen=True)
class RoleReport:
    """A change of primary, the provider that planned it, and the seconds that took."""

    change: ChangeOfPrimary
    provider: Provider
    seconds: float

    @property
    def refusal(self) -> str:
        """Say what else would change, and what to do; nothing is refused without that."""
        change = self.change
        environment, now = change.now.environment, change.now.primary_region
        if self.provider is Provider.AWS:
            advice = (
                f"Something is not applied yet: with primary_region {now}, deploy {environment}"
                " first, then plan the change again."
            )
        else:
            advice = "Something else follows the primary: find it in the stacks' code."
        strays = "\n".join(f"  {each}" for each in change.refusals)
        refused = "Refused: more than the entry point's records and watcher would change."
        return f"{refused}\n{strays}\n{advice}"

    def text(self) -> str:
        """Give the banner, what changes, what devices will see, and the commands."""
        return "\n\n".join(self._parts())

    def json(self) -> str:
        """Give the same as JSON."""
        change, provider = self.change, self.provider.value
        watcher = dict(zip(("now", "then"), change.watcher, strict=True))
        return json.dumps(
            {
                "environment": change.then.environment,
                "provider": provider,
                "seconds": round(self.seconds, 3),
                "from": change.now.primary_region,
                "to": change.then.primary_region,
                "applied_primary": change.applied_primary,
                "verdict": "block" if change.refusals else "ok",
                "refusals": change.refusals,
                "stacks": [
                    {
                        "name": plan.node.name,
                        "changes": Counter(each.action.value for each in plan.changes),
                    }
                    for plan in change.plans
                ],
                "records": [_row(record) for record in change.records],
                "checks_that_stay": change.checks_that_stay,
                "alarms_that_stay": change.alarms_that_stay,
                "watcher": watcher,
                "fail_back": change.then.recovery.fail_back,
                "switches_asked": {
                    "now": switches_asked(change.now),
                    "then": switches_asked(change.then),
                },
                "without_standby_meanwhile": change.without_standby,
                "ttl": change.then.endpoint.ttl,
                "setting": setting(change),
                "commands": commands(change, provider),
                "entry_point_alone": entry_point_alone(change),
                "way_back": way_back(change, provider),
            },
            indent=2,
        )

    def _parts(self) -> Iterator[str]:
        change = self.change
        yield self.provider.banner
        yield "\n".join(self._changes())
        yield _records(change)
        yield _filled(
            f"Left alone: {change.checks_that_stay} health checks and {change.alarms_that_stay}"
            " alarms of the entry point, those of the switches included."
        )
        if change.refusals:
            return
        yield from map(_filled, outlook(change))
        yield "\n".join(self._to_do())
        yield f"Planned in {self.seconds:.1f} s; nothing was changed."

    def _changes(self) -> Iterator[str]:
        change = self.change
        now, to = change.now.primary_region, change.then.primary_region
        yield f"{change.then.environment}: primary {now} {_ARROW} {to}"
        if change.applied_primary == to:
            yield f"  What is applied leads to {to} already."
        elif change.applied_primary not in {now, None}:
            yield f"  What is applied leads to {change.applied_primary}, and not to {now}."
        for plan in change.plans:
            yield f"  {plan.node.name}: {summary(Done(node=plan.node, result=plan))}"

    def _to_do(self) -> Iterator[str]:
        change, provider = self.change, self.provider.value
        yield "To do it, set in"
        yield f"  {setting(change)}"
        yield "and then:"
        yield from (f"  {command}" for command in commands(change, provider))
        yield "On AWS the deploy may be that of the entry point alone, with terraform on the path:"
        yield f"  {entry_point_alone(change)}"
        yield f"Way back, once {change.then.environment}.yaml names the new primary:"
        yield f"  {way_back(change, provider)}"


def _filled(text: str) -> str:
    # A region's name is one word.
    return fill(text, _WIDTH, break_on_hyphens=False)


def _records(change: ChangeOfPrimary) -> str:
    rows = [("RECORD", "", "LEADS TO", "ASKS")]
    for record in change.records:
        leads, asks = _leads(record)
        rows.append((record.name, record.side, leads, asks))
    return columns(rows)


def _leads(record: RecordChange) -> tuple[str, str]:
    now, then = record.now, record.then
    if now == then and then:
        return then.to, then.asks
    (to, asks), (to_then, asks_then) = (
        (each.to, each.asks) if each else ("nothing", "nothing") for each in (now, then)
    )
    return _changed(to, to_then), _changed(asks, asks_then)


def _changed(now: str, then: str) -> str:
    return now if now == then else f"{now} {_ARROW} {then}"


def _row(record: RecordChange) -> dict[str, Any]:
    return {**asdict(record), "changes": record.now != record.then}
