"""Drift that a review reports: what Terraform would change back, or nobody declared."""

from collections.abc import Iterator, Mapping

from iot_dr.terraform_json.json_value import Json, mapping
from iot_dr.terraform_json.plan.entry import ChangeEntry
from iot_dr.terraform_json.plan.reader import Plan
from iot_dr.terraform_json.plan.structs import ChangeFields


def drifted(plan: Plan) -> Iterator[ChangeEntry]:
    """Yield the resources that changed outside Terraform.

    Without those of which the plan leaves every change: AWS has filled in what had no value, or
    the configuration has the argument and Terraform ignores its change (`ignore_changes`, which a
    plan does not contain).
    """
    planned = {each.address: each for each in plan.changes if not each.is_deposed}
    for entry in plan.drift:
        kept = planned.get(entry.address)
        arguments = mapping(plan.configuration.block(entry.address).get("expressions"))
        if not kept or not _is_left(entry.fields.change, kept.fields.change, arguments):
            yield entry


def _is_left(drift: ChangeFields, kept: ChangeFields, arguments: Mapping[str, Json]) -> bool:
    before, after, planned = map(mapping, (drift.before, drift.after, kept.after))
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    return bool(before and after) and all(
        planned.get(key) == after.get(key) and (key in arguments or before.get(key) in (None, ""))
        for key in changed
    )
