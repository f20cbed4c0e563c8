"""The deployed regions of an environment, read from its states."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from environments.rules import FEWEST_REGIONS
from environments.settings import Settings
from functions.contract import switch_alarm_regions
from iot_dr.delivery.region_steps import DeployedRegions
from iot_dr.delivery.state.guard import Read
from iot_dr.observe.state.abandoned import abandoned_in, abandoned_location
from iot_dr.terraform_json.json_value import first, mappings, sequence, text
from iot_dr.terraform_json.state_file import StateFile
from iot_dr.terraform_json.strict_json import RefusedJsonError
from modules.stack_names import stack_name
from modules.switch_slots import switch_alarm_slot, switch_slot
from stacks.platform_graph import regional_stacks
from stacks.state_location import (
    LEAVING_OUTPUT,
    StateLocation,
    copied_stacks,
    state_file,
    state_location,
)


def deployed_regions(settings: Settings, read: Read) -> DeployedRegions:
    """Return the deployed regions; none without the state's stack, or if home does not answer.

    A region that an earlier deployment has begun to remove is `leaving` until none of its states
    has a resource, or it was abandoned (`iot-dr state abandon`). One that the settings name is not.
    """
    nodes = {node.what: node for node in copied_stacks(settings)}
    home = state_location(settings, nodes["state"])
    state = StateFile.or_empty(read(home))
    entry_point = StateFile.or_empty(read(state_location(settings, nodes["entry-point"])))
    named = {*settings.regions, *settings.leaving_regions}
    leaving = [
        region
        for region in sequence(state.output(LEAVING_OUTPUT))
        if region not in named and _has_resources(settings, region, home, read)
    ]
    # Roles of pipelines cannot read the record, and need it only for regions that were lost.
    abandoned = _abandoned(home, state, read) if leaving else ()
    return DeployedRegions(
        regions=_in_order(_buckets(state), state, entry_point),
        leaving=tuple(region for region in leaving if region not in abandoned),
        primary=text(entry_point.output("primary_region")) or None,
    )


def _buckets(state: StateFile) -> dict[str, str]:
    """Return the region of each state bucket, by the bucket's name."""
    return {
        text(attributes.get("bucket")): resource.provider_region
        for resource, attributes in state.of_type("aws_s3_bucket")
    }


def _in_order(
    buckets: Mapping[str, str], state: StateFile, entry_point: StateFile
) -> tuple[str, ...]:
    """Return the regions of the buckets in the order of the file that was applied.

    The rules of the replication are in that order, without home; the alarms of switches say where
    home is. Where they leave it open, no alarm region depends on it.
    """
    home, copies = None, list[str]()
    for _, attributes in state.of_type("aws_s3_bucket_replication_configuration"):
        home = buckets.get(text(attributes.get("bucket")))
        rules = sorted(mappings(attributes.get("rule")), key=lambda rule: rule.get("priority") or 0)
        arns = (text(first(rule.get("destination")).get("bucket")) for rule in rules)
        copies = [arn.rpartition(":")[2] for arn in arns]
    known = [region for name in dict.fromkeys(copies) if (region := buckets.get(name))]
    rest = list(dict.fromkeys((*known, *sorted({*buckets.values()} - {home}))))
    if home is None:
        return tuple(rest)
    orders = [(*rest[:place], home, *rest[place:]) for place in range(len(rest) + 1)]
    alarms = {
        resource.name
        for resource, _ in entry_point.of_type("aws_cloudwatch_metric_alarm")
        if resource.name.startswith(switch_slot(""))
    }
    return next((order for order in orders if _alarms(order) == alarms), orders[0])


def _alarms(order: Sequence[str]) -> set[str]:
    """Return the logical ids of the alarms of all switches (`modules.region_checks`)."""
    if len(order) < FEWEST_REGIONS:
        return set()
    pairs = (
        (region, alarm_region)
        for region in order
        for alarm_region in switch_alarm_regions(order, region)
    )
    return {
        switch_alarm_slot(region, alarm_region).replace("-", "_") for region, alarm_region in pairs
    }


def _abandoned(home: StateLocation, state: StateFile, read: Read) -> frozenset[str]:
    """Return the regions that were abandoned after the state's stack was applied."""
    record = abandoned_location(home)
    entries = abandoned_in(read(record), record)
    return frozenset(entry.region for entry in entries if state.serial <= entry.serial)


def _has_resources(settings: Settings, region: str, home: StateLocation, read: Read) -> bool:
    """Whether a state of a region's stacks has resources, or cannot be read."""
    former = settings.model_copy(update={"leaving_regions": (region,)})
    bucket = former.state_bucket(region)
    folder = home.key.partition("/")[0]
    for name in regional_stacks(former, region):
        key = f"{folder}/{state_file(name)}"
        content = read(replace(home, bucket=bucket, region=region, key=key))
        if content is None and name == stack_name(settings.environment, "iot", region):
            # The region is unreachable, or its bucket is gone: not known to be empty.
            return True
        if content and _may_have_resources(content):
            return True
    return False


def _may_have_resources(state: bytes) -> bool:
    try:
        return bool(StateFile.parse(state).managed)
    except RefusedJsonError:
        # Otherwise the region would be forgotten, and nothing would report its damaged state.
        return True
