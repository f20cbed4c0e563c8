"""The module `entry-point`: failover records of two regions and their health checks."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Final

from cdktf import ITerraformDependable

from functions.contract import REGISTER, SWITCH_METRIC, parameter_name, switch_namespace
from iot_dr.emit.blueprint import Blueprint
from iot_dr.emit.conventions import LOG_DAYS, TAGS
from iot_dr.emit.module_context import ModuleContext
from iot_dr.emit.module_stack import EmittedModuleStack
from iot_dr.emit.optional import Optional
from iot_dr.emit.variables.module_inputs import (
    BOUNDARY,
    DEVICE_NAME,
    OWN_ENDPOINTS,
    PORT,
    RESERVED_CONCURRENCY,
    ZONE_NAME,
)
from iot_dr.emit.variables.region_inputs import different_from, region_object, serving_region
from iot_dr.emit.variables.rules import validation
from iot_dr.emit.variables.settings import SETTINGS
from modules.alarm_topic import AlarmTopic, AlarmTopicInputs
from modules.dashboard import Dashboard, DashboardInputs
from modules.entry_point import SERVING_REGION, EntryPoint, EntryPointInputs, EntryRegion
from modules.global_region import GLOBAL_REGION
from modules.monitoring_names import checks_topic_name
from modules.region_checks import CheckedRegion, RegionChecks, RegionChecksInputs
from modules.switch_publisher import SwitchPublisher, SwitchPublisherInputs
from modules.switch_slots import PUBLISHER, WATCHER
from modules.watcher import WatchedRegion, Watcher, WatcherInputs

HEALTH_CHECK_IDS: Final = "Ids of the Route 53 health checks, by region and what they are"
"""Description of the output `health_check_ids`."""

REGISTER_NAME: Final = parameter_name("PROJECT", "ENVIRONMENT", REGISTER, "PRIMARY")
_ROUTE53: Final = "aws.us_east_1"
_OTHERS: Final = {"primary": "standby", "standby": "primary"}
_OWN_NAME: Final = validation(
    "device_name",
    "is that of primary or standby, so its record would refer to itself; expected another one",
    unless="var.device_name == null ? true :"
    " !contains([var.primary.regional_name, var.standby.regional_name], var.device_name)",
)
_STANDBY: Final = region_object("standby", "the region of aws.standby, and what its modules give")


def _build(stack: EmittedModuleStack) -> tuple[Optional, ...]:
    context = stack.context("var.primary.region")
    for slot in _OTHERS:
        stack.guard(slot, f"aws.{slot}", member=".region", whole="project")
    stack.guard_fixed(GLOBAL_REGION, _ROUTE53, "project")
    stack.device_name()
    stack.local("slots", list(_OTHERS))
    stack.local(
        "chain",
        # Not only by the region, which may be unknown when Terraform needs a count.
        "${var.primary_region == null ? local.slots : var.primary_region == var.standby.region ?"
        " reverse(local.slots) : local.slots}",
    )
    topic_arn = _topic(stack, context)
    regions = {slot: _region(stack, slot) for slot in _OTHERS}
    checks = {
        slot: _check(stack, context, regions[slot], regions[other_slot], topic_arn)
        for slot, other_slot in _OTHERS.items()
    }
    stack.local("checked", {slot: asdict(each.outputs) for slot, each in checks.items()})
    ids = {slot: each.ids for slot, each in checks.items()}
    _show(stack, context, ids)
    watched = {slot: each.watched for slot, each in checks.items()}
    watchers = [_watch(stack, context, regions[slot], watched) for slot in _OTHERS]
    for slot in _OTHERS:
        _publish(stack, context, regions[slot], watchers)
    _add_outputs(stack, _entry_point(stack), ids, topic_arn)
    return tuple(
        Optional(
            addresses=(f"*.watcher_{other_slot}",),
            condition=f'var.fail_back == "latched" && local.chain[0] == "{slot}"',
        )
        for slot, other_slot in _OTHERS.items()
    )


def _topic(stack: EmittedModuleStack, context: ModuleContext) -> str:
    inputs = AlarmTopicInputs(
        provider=stack.provider(_ROUTE53),
        name=checks_topic_name(context),
        region=GLOBAL_REGION,
        account_id="${local.account_id}",
    )
    return AlarmTopic(stack, "alarm_topic", inputs).outputs.arn


def _region(stack: EmittedModuleStack, slot: str) -> CheckedRegion:
    return CheckedRegion(
        provider=stack.provider(f"aws.{slot}"),
        region=f"${{var.{slot}.region}}",
        slot=slot,
        regional_name=f"${{var.{slot}.regional_name}}",
        deep_check_id=f"${{var.{slot}.deep_check_id}}",
        topic_arn=f"${{var.{slot}.alarm_topic_arn}}",
    )


def _check(
    stack: EmittedModuleStack,
    context: ModuleContext,
    checked: CheckedRegion,
    alarm_region: CheckedRegion,
    topic_arn: str,
) -> RegionChecks:
    inputs = RegionChecksInputs(
        provider=stack.provider(_ROUTE53),
        context=context,
        checked=checked,
        alarm_regions=[alarm_region],
        interval=stack.number_variable("interval"),
        threshold=stack.number_variable("threshold"),
        topic_arn=topic_arn,
        port=stack.number_variable("port"),
    )
    return RegionChecks(stack, inputs)


def _show(
    stack: EmittedModuleStack, context: ModuleContext, ids: dict[str, dict[str, str]]
) -> None:
    inputs = DashboardInputs(
        provider=stack.provider(_ROUTE53),
        context=context,
        checks={f"${{var.{slot}.region}}": each for slot, each in ids.items()},
        # Without the modules of device data these widgets are empty.
        has_data=True,
    )
    Dashboard(stack, "dashboard", inputs)


def _watch(
    stack: EmittedModuleStack,
    context: ModuleContext,
    own: CheckedRegion,
    regions: Mapping[str, WatchedRegion],
) -> ITerraformDependable:
    slot = f"{WATCHER}{own.slot}"
    inputs = WatcherInputs(
        provider=own.provider,
        context=context,
        account_id="${local.account_id}",
        device_name="${local.device_name}",
        ttl=stack.number_variable("ttl"),
        primary=regions[_OTHERS[own.slot]],
        earlier=(),
        own=regions[own.slot],
        regions=tuple(regions.values()),
        mode="deep",
        interval=stack.number_variable("interval"),
        threshold=stack.number_variable("threshold"),
        slot=slot,
        topic_arn=own.topic_arn,
    )
    (function,) = Watcher(stack, slot, inputs).outputs.dependencies
    return function


def _publish(
    stack: EmittedModuleStack,
    context: ModuleContext,
    checked: CheckedRegion,
    watchers: Sequence[ITerraformDependable],
) -> None:
    slot = f"{PUBLISHER}{checked.slot}"
    inputs = SwitchPublisherInputs(
        provider=checked.provider,
        context=context,
        account_id="${local.account_id}",
        region=checked.region,
        regions=[f"${{var.{each}.region}}" for each in _OTHERS],
        slot=slot,
        topic_arn=checked.topic_arn,
        watchers=watchers,
    )
    SwitchPublisher(stack, slot, inputs)


def _entry_point(stack: EmittedModuleStack) -> str:
    inputs = EntryPointInputs(
        provider=stack.provider(_ROUTE53),
        zone_id="${var.zone_id}",
        zone_name="${local.zone_name}",
        label='${trimsuffix(local.device_name, ".${local.zone_name}")}',
        ttl=stack.number_variable("ttl"),
        regions=[_in_chain(place) for place in (0, 1)],
    )
    return EntryPoint(stack, "entry_point", inputs).outputs.device_name


def _in_chain(place: int) -> EntryRegion:
    region = f"local.checked[local.chain[{place}]]"
    return EntryRegion(
        regional_name=f"${{{region}.regional_name}}",
        primary_check_id=f"${{{region}.primary_check_id}}",
        standby_check_id=f"${{{region}.standby_check_id}}",
        last_check_id=f"${{{region}.last_check_id}}",
    )


def _add_outputs(
    stack: EmittedModuleStack, device_name: str, ids: dict[str, dict[str, str]], topic_arn: str
) -> None:
    stack.output("device_name", device_name, "Name that devices connect to")
    stack.local("check_ids", ids)
    by_region = ", ".join(f"(var.{slot}.region) = local.check_ids.{slot}" for slot in ids)
    stack.output(
        "health_check_ids",
        f"${{{{ {by_region} }}}}",
        HEALTH_CHECK_IDS,
    )
    stack.output(
        "alarm_topic_arn",
        topic_arn,
        "ARN of the topic in us-east-1 that the health checks' alarms notify",
    )
    stack.output(
        "primary_region",
        '${local.chain[0] == "primary" ? var.primary.region : var.standby.region}',
        SERVING_REGION,
    )


ENTRY_POINT: Final = Blueprint(
    name="entry-point",
    title="Entry point",
    purpose="The device name of two regions: Route 53 failover records, and in the same state all"
    " that they depend on: TCP checks, a switch for each region in the other region, calculated"
    " checks, their alarms, and the watcher that latches a failover.",
    variables=(
        *(SETTINGS[name] for name in ("project", "environment", "domain", "account_id")),
        SETTINGS["zone_id"],
        ZONE_NAME,
        replace(DEVICE_NAME, validations=(*DEVICE_NAME.validations, _OWN_NAME)),
        region_object("primary", "the region of aws.primary, and what its modules give"),
        replace(
            _STANDBY, validations=(*_STANDBY.validations, *different_from("standby", "primary"))
        ),
        serving_region(
            "that of `primary`",
            "that of primary or of standby",
            *("var.primary.region", "var.standby.region"),
        ),
        *(SETTINGS[name] for name in ("label", "ttl", "interval", "threshold", "fail_back")),
        PORT,
        OWN_ENDPOINTS,
        RESERVED_CONCURRENCY,
        BOUNDARY,
        LOG_DAYS,
        TAGS,
    ),
    aliases=("aws.primary", "aws.standby", _ROUTE53),
    build=_build,
    files={
        "checks": r"tcp_check|calculated",
        "alarms": r"alarm_(tcp|deep)|(watcher|publisher)_\w+/alarm",
        "switches": r"switch",
        "publishers": r"publisher",
        "watcher_primary": r"watcher_primary",
        "watcher_standby": r"watcher_standby",
        "records": r"entry_point",
        "dashboard": r"dashboard",
    },
    notes=(
        (
            "`primary` and `standby` are fixed slots, not roles: `primary_region` selects the"
            " region that serves, and changing it updates records in place. Do not swap the"
            " providers: Terraform would look for resources in the other region."
        ),
        (
            "Failover needs no apply. A switch has a register in the other region, which a function"
            " there publishes each minute as a metric. Write the register first: `aws ssm"
            f" put-parameter --region STANDBY --name {REGISTER_NAME} --type String --overwrite"
            """ --value "{\\"value\\": \\"away\\", \\"number\\": $(date +%s)}"`, then put the"""
            " metric: `aws cloudwatch put-metric-data --region STANDBY"
            f" --namespace {switch_namespace('ENVIRONMENT')}"
            f" --metric-name {SWITCH_METRIC} --dimensions Environment=ENVIRONMENT,Region=PRIMARY"
            " --value 1` switches the primary away. To switch it back, write `back`, wait 80"
            " seconds, and put `--value 0`."
        ),
        (
            "It works alone, for endpoints of any kind: with `own_endpoints = true` the members"
            " `regional_name` are their names, such as those of load balancers, `deep_check_id` are"
            " your own health checks, and `port` is what the TCP checks connect to. It requires"
            ' `fail_back = "auto"`, as the watcher connects to AWS IoT.'
        ),
        (
            "Use an environment's name only once per account: the metrics of switches, canaries"
            " and watchers differ only by environment."
        ),
    ),
)
