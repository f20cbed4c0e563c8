"""Plans of an entry point as Terraform would make them, small and of the test's own."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from environments.settings import Settings
from iot_dr.delivery.stack_plan import StackPlan
from iot_dr.operate.role.change_of_primary import ChangeOfPrimary
from iot_dr.terraform_json.change import changes_in, output_changes_in
from stacks.graph import StackNode
from stacks.platform_graph import platform_graph

Json = dict[str, Any]


def entry(type_: str, name: str, before: Json | None, after: Json | None) -> Json:
    """Return one entry of `resource_changes`."""
    actions = ["no-op"] if before == after else ["update"]
    if before is None or after is None:
        actions = ["create"] if before is None else ["delete"]
    return {
        "address": f"{type_}.{name}",
        "mode": "managed",
        "type": type_,
        "name": name,
        "change": {"actions": actions, "before": before, "after": after},
    }


def records(settings: Settings) -> dict[str, Json]:
    """Return the values of the failover records by their slot."""
    order, zone = settings.failover_order, settings.zone_name
    names = [settings.device_name]
    names += [f"{settings.endpoint.label}-standby-{n}.{zone}" for n in range(1, len(order) - 1)]
    result: dict[str, Json] = {}
    for place, (name, region) in enumerate(zip(names, order, strict=False)):
        kind = "calculated_tcp" if place else "calculated_deep"
        led = _record(name, "PRIMARY", settings.regional_name(region), f"{kind} {region}")
        result[f"failover_{place + 1}_primary"] = led
        below = names[place + 1] if place + 1 < len(names) else None
        last = settings.regional_name(order[-1])
        secondary = _record(name, "SECONDARY", last, f"tcp {order[-1]}")
        if below:
            secondary |= {"records": None, "health_check_id": "", "alias": [{"name": below}]}
        result[f"failover_{place + 1}_secondary"] = secondary
    return result


def _record(name: str, side: str, target: str, check: str) -> Json:
    return {
        "name": name,
        "failover_routing_policy": [{"type": side}],
        "records": [target],
        "health_check_id": check,
        "alias": [],
        "ttl": 60,
    }


def document(now: Settings, then: Settings, *more: Json) -> Json:
    """Return the plan of an entry point from some settings to others, with some entries more."""
    old, new = records(now), records(then)
    changes = [entry("aws_route53_record", slot, old[slot], new[slot]) for slot in old]
    kinds = ("deep", "tcp", "switch", "calculated_deep", "calculated_tcp")
    ids = {region: {kind: f"{kind} {region}" for kind in kinds} for region in now.regions}
    handed = {"actions": ["no-op"], "before": ids, "after": ids}
    return {
        "resource_changes": [*changes, *_watcher(now, then), *more],
        "output_changes": {"health_check_ids": handed},
        "configuration": {"root_module": {"resources": [*_order(old)]}},
    }


def _order(slots: Iterable[str]) -> Iterator[Json]:
    """Yield the blocks of records: each depends on the device name's PRIMARY."""
    first = "failover_1_primary"
    for slot in slots:
        earlier = [f"aws_route53_record.{first}"] if slot != first else []
        yield {"address": f"aws_route53_record.{slot}", "depends_on": earlier}


def _watcher(now: Settings, then: Settings) -> Iterator[Json]:
    places = [
        plan.standbys[0] if plan.recovery.fail_back == "latched" else None for plan in (now, then)
    ]
    watches = [{"watches": each.primary_region} for each in (now, then)]
    for place in dict.fromkeys(places):
        if place:
            before, after = (
                watched if region == place else None
                for region, watched in zip(places, watches, strict=True)
            )
            name = f"watcher_{place.replace('-', '_')}"
            yield entry("aws_lambda_function", name, before, after)


def plan_of(node: StackNode, json: Json) -> StackPlan:
    """Return a plan with this JSON form."""
    return StackPlan(
        node=node,
        changes=changes_in(json),
        outputs=output_changes_in(json),
        document=json,
        file=Path("p"),
        seconds=1,
    )


def change_of(
    now: Settings,
    then: Settings,
    *more: Json,
    elsewhere: Json | None = None,
    pipeline: Json | None = None,
    output_changes: Json | None = None,
) -> ChangeOfPrimary:
    """Return a change of primary.

    `more` and `output_changes` are in the entry point, `pipeline` in the stacks of pipelines,
    `elsewhere` in all others.
    """
    nothing: Json = {"resource_changes": []}
    entry_point = document(now, then, *more)
    entry_point["output_changes"] |= output_changes or {}
    response = {"entry-point": entry_point, "pipeline": pipeline or nothing}
    plans = [
        plan_of(node, response.get(node.what, elsewhere or nothing))
        for node in platform_graph(then).nodes
    ]
    return ChangeOfPrimary(now=now, then=then, plans=plans)
