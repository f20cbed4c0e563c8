"""The module `platform`: combines the others for two regions."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from iot_dr.emit.blueprint import Blueprint
from iot_dr.emit.contract import Variable
from iot_dr.emit.module_stack import EmittedCall, EmittedModuleStack
from iot_dr.emit.modules.canary import CANARY
from iot_dr.emit.modules.device_data import DEVICE_DATA
from iot_dr.emit.modules.device_registry import DEVICE_REGISTRY, JOINED
from iot_dr.emit.modules.entry_point import ENTRY_POINT, HEALTH_CHECK_IDS, REGISTER_NAME
from iot_dr.emit.modules.hosted_zone import DELEGATION, EXISTING_RECORD, HOSTED_ZONE
from iot_dr.emit.modules.regional_endpoint import REGIONAL_ENDPOINT
from iot_dr.emit.modules.state_backend import STATE_BACKEND
from iot_dr.emit.modules.telemetry import TELEMETRY
from iot_dr.emit.optional import Optional
from iot_dr.emit.variables.module_inputs import CREATE_REGISTRY, CREATE_TELEMETRY, DEVICE_NAME
from iot_dr.emit.variables.region_inputs import serving_region
from modules.entry_point import SERVING_REGION
from modules.hosted_zone import OUTPUTS

_ALIASES: Final = ("aws.primary", "aws.standby", "aws.us_east_1")
_REGIONS: Final = {"primary": "home_region", "standby": "standby_region"}
_OF_REGIONS: Final = {
    each.name: each for each in STATE_BACKEND.variables if each.name in _REGIONS.values()
}
# Arguments that this module sets itself, not from its variables.
_WITHIN: Final = {
    *("region", "regions", "replica_regions", "primary", "standby", "regional_name"),
    *("create_certificate", "certificate_arn", "alarm_topic_arn"),
    *("device_state_table", "device_registry_table", "primary_region"),
    *("port", "own_endpoints"),
}
_PARTS: Final = (
    *(HOSTED_ZONE, REGIONAL_ENDPOINT, CANARY, DEVICE_DATA, TELEMETRY, DEVICE_REGISTRY),
    ENTRY_POINT,
)
_TELEMETRY_CREATED: Final = f"var.{CREATE_TELEMETRY.name}"
_REGISTRY_CREATED: Final = f"var.{CREATE_REGISTRY.name}"

# Outputs of single parts: name, part, description.
_OUTPUTS: Final = (
    ("device_name", "entry_point", "Name that devices connect to"),
    ("zone_id", "hosted_zone", OUTPUTS["zone_id"]),
    ("zone_name", "hosted_zone", OUTPUTS["zone_name"]),
    ("name_servers", "hosted_zone", OUTPUTS["name_servers"]),
    ("health_check_ids", "entry_point", HEALTH_CHECK_IDS),
    ("primary_region", "entry_point", SERVING_REGION),
    (
        "device_state_table",
        "device_data",
        "Name of the table with the last state of each device, in each region",
    ),
    (
        "device_registry_table",
        "device_data",
        "Name of the table with what each region holds, in each region",
    ),
    (
        "device_policy_name",
        "primary_endpoint",
        "Name of the IoT policy for devices, in each region",
    ),
)
# Outputs of the regions' parts: name, part, its output, description.
_BY_REGION: Final = (
    (
        "alarm_topic_arns",
        "endpoint",
        "alarm_topic_arn",
        "ARNs of the topics that the regions' alarms notify",
    ),
    ("regional_names", "endpoint", "regional_name", "Names that always resolve to one region"),
    (
        "certificate_arns",
        "endpoint",
        "certificate_arn",
        "ARNs of the certificates that the regions serve",
    ),
    ("stream_names", "telemetry", "stream_name", "Names of the streams of what devices send"),
    (
        "reconcile_functions",
        "registry",
        "reconcile_function",
        "Names of the functions that compare all of the registry, if called",
    ),
)


def _variables() -> Iterator[Variable]:
    variables = {each.name: each for part in _PARTS for each in reversed(part.variables)}
    # The variable of `hosted-zone`, where the id is optional.
    variables |= {each.name: each for each in (CREATE_TELEMETRY, CREATE_REGISTRY, DEVICE_NAME)}
    variables["zone_id"] = next(each for each in HOSTED_ZONE.variables if each.name == "zone_id")
    first = ("project", "environment", "domain")
    yield from (variables[name] for name in first)
    home, standby = (_OF_REGIONS[name] for name in _REGIONS.values())
    yield replace(
        home,
        description="the region of aws.primary, which serves on day one, or null for the"
        " provider's",
    )
    yield standby
    yield serving_region(
        "home_region",
        "home_region or standby_region",
        *(f"var.{name}" for name in _REGIONS.values()),
    )
    rest = (each for each in variables.values() if each.name not in {*first, *_WITHIN})
    yield from sorted(rest, key=lambda each: (not each.is_required, each.name))


def _build(stack: EmittedModuleStack) -> tuple[Optional, ...]:
    for slot, region in _REGIONS.items():
        stack.guard(region, f"aws.{slot}")
    stack.call("hosted_zone", _call(HOSTED_ZONE, "primary", region="${var.home_region}"))
    tables = _call(
        DEVICE_DATA,
        "primary",
        region="${var.home_region}",
        replica_regions=["${local.standby_region}"],
    )
    stack.call(
        "device_data", replace(tables, condition=f"{_TELEMETRY_CREATED} || {_REGISTRY_CREATED}")
    )
    for slot in _REGIONS:
        _call_in_region(stack, slot)
    stack.call(
        "entry_point",
        EmittedCall(
            module=ENTRY_POINT.name,
            providers={each: each for each in _ALIASES},
            arguments={
                **_passed_through(ENTRY_POINT),
                "zone_id": "${module.hosted_zone.zone_id}",
                "primary_region": "${var.primary_region}",
                **{slot: _served(slot) for slot in _REGIONS},
            },
        ),
    )
    _add_outputs(stack)
    return ()


def _call_in_region(stack: EmittedModuleStack, slot: str) -> None:
    region = f"${{var.{_REGIONS[slot]}}}"
    topic = f"${{module.{slot}_endpoint.alarm_topic_arn}}"
    name = f"${{module.{slot}_endpoint.regional_name}}"
    is_home = slot == "primary"
    certificate = {"certificate_arn": "${module.hosted_zone.certificate_arn}"} if is_home else {}
    parts = (
        (
            "endpoint",
            "",
            REGIONAL_ENDPOINT,
            {
                "zone_id": "${module.hosted_zone.zone_id}",
                "create_certificate": not is_home,
                **certificate,
            },
        ),
        ("canary", "", CANARY, {"regional_name": name, "alarm_topic_arn": topic}),
        (
            "telemetry",
            _TELEMETRY_CREATED,
            TELEMETRY,
            {
                "device_state_table": "${module.device_data[0].device_state_table}",
                "alarm_topic_arn": topic,
            },
        ),
        (
            "registry",
            _REGISTRY_CREATED,
            DEVICE_REGISTRY,
            {
                "regions": [f"${{local.{region}}}" for region in _REGIONS.values()],
                "device_registry_table": "${module.device_data[0].device_registry_table}",
                "alarm_topic_arn": topic,
            },
        ),
    )
    for what, condition, part, arguments in parts:
        call = _call(part, slot, region=region, **arguments)
        stack.call(f"{slot}_{what}", replace(call, condition=condition))


def _call(part: Blueprint, slot: str, **arguments: object) -> EmittedCall:
    return EmittedCall(
        module=part.name,
        providers={"aws": f"aws.{slot}"},
        arguments={**_passed_through(part), **arguments},
    )


def _passed_through(part: Blueprint) -> Mapping[str, str]:
    return {
        variable.name: f"${{var.{variable.name}}}"
        for variable in part.variables
        if variable.name not in _WITHIN
    }


def _served(slot: str) -> dict[str, str]:
    return {
        "region": f"${{local.{_REGIONS[slot]}}}",
        "regional_name": f"${{module.{slot}_endpoint.regional_name}}",
        "deep_check_id": f"${{module.{slot}_canary.deep_check_id}}",
        "alarm_topic_arn": f"${{module.{slot}_endpoint.alarm_topic_arn}}",
    }


def _add_outputs(stack: EmittedModuleStack) -> None:
    for name, module, description in _OUTPUTS:
        stack.output(name, f"${{{_output(stack, module, name)}}}", description)
    for name, part, output, description in _BY_REGION:
        values = ", ".join(
            f"(local.{region}) = {_output(stack, f'{slot}_{part}', output)}"
            for slot, region in _REGIONS.items()
        )
        stack.output(name, f"${{{{ {values} }}}}", f"{description}, by region")
    stack.output(
        "health_check_topic_arn",
        "${module.entry_point.alarm_topic_arn}",
        "ARN of the topic in us-east-1 that the health checks' alarms notify",
    )


def _output(stack: EmittedModuleStack, module: str, output: str) -> str:
    """Return an output of a call, null if its condition is false."""
    if stack.calls[module].condition:
        return f"one(module.{module}[*].{output})"
    return f"module.{module}.{output}"


PLATFORM: Final = Blueprint(
    name="platform",
    title="IoT platform in two regions",
    purpose="An IoT platform that survives the loss of an AWS region: devices use one name, and"
    " each of two regions has all that they need. Health checks and failover records move them"
    " to a healthy region automatically.",
    variables=tuple(_variables()),
    aliases=_ALIASES,
    build=_build,
    values={"zone_id": None},
    first=f"{JOINED} `create_registry = false` leaves all of it out.\n\n"
    + DELEGATION.format(zone="module.NAME.module.hosted_zone."),
    notes=(
        (
            "Use only one platform per account in its regions, also for different environments: AWS"
            " IoT has one registry per account and region, which two platforms would replicate into"
            " each other. The platform enables the registry events and creates a CloudTrail trail"
            " in both."
        ),
        EXISTING_RECORD,
        (
            'With `fail_back = "latched"` a watcher switches a failed primary away, and it stays'
            " away until an operator switches it back, with the commands in the notes of"
            " [`entry-point`](modules/entry-point/README.md#notes). When deletions are held back,"
            " see those of [`device-registry`](modules/device-registry/README.md#notes)."
        ),
        (
            "`create_telemetry = false` and `create_registry = false` leave these parts out, and"
            " both together the tables: then only connections fail over. Tables that exist have"
            " `prevent_destroy`: take them out of the state first, as below. With `create_trail ="
            " false` any trail of the account that logs management events is used."
        ),
        (
            "`primary_region` selects the region that serves; do not swap the providers"
            " `aws.primary` and `aws.standby`."
        ),
        (
            "After an apply that was interrupted, plan and apply again. If Terraform then refuses"
            " to destroy what has `prevent_destroy`, it marked it as tainted, as it did not see its"
            " creation end: check that it is complete, then run `terraform untaint ADDRESS`."
        ),
        (
            "It is one state, so a plan needs both regions and us-east-1; failover needs no plan."
            " To change one region during an outage of the other, call the modules in `modules/`"
            " from a separate root module for each region."
        ),
        (
            "The zone and the tables have `prevent_destroy`: Terraform refuses to destroy the"
            " platform, and another `project`, `environment`, `domain` or `home_region` of it. To"
            " give it up, detach the policy `device_policy_name` from certificates in each region"
            " (`aws iot list-targets-for-policy`, `detach-policy`), remove the three from the state"
            " (`terraform state rm 'module.NAME.module.hosted_zone.aws_route53_zone.zone[0]'"
            " 'module.NAME.module.device_data[0].aws_dynamodb_table.device_state'"
            " 'module.NAME.module.device_data[0].aws_dynamodb_table.device_registry'`), then"
            " `terraform destroy`; the zone, the tables, and the things of AWS IoT stay. So do the"
            " registers of the switches, which no state has, and a new platform of the same names"
            " would obey them: `aws ssm delete-parameter --region STANDBY --name"
            f" {REGISTER_NAME}`, and the same with the regions exchanged."
        ),
    ),
)
